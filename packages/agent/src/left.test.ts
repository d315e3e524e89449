import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { Left } from './left.ts';

const directory = mkdtempSync(join(tmpdir(), 'extension-events-left-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = join(directory, 'listened-to');

it('waits while nobody was chosen, or this very program', async () => {
  for (const chosen of ['', String(process.pid)]) {
    writeFileSync(file, chosen);
    using left = new Left(file);
    await delay(200);
    expect(left.signal.aborted).toBe(false);
  }
});

it('waits no longer when another program was chosen', async () => {
  writeFileSync(file, '');
  using left = new Left(file);
  writeFileSync(file, '1');
  await expect.poll(() => left.signal.aborted, { timeout: 20_000 }).toBe(true);
});

it('waits no longer when whoever chooses is gone', async () => {
  using left = new Left(join(directory, 'nowhere'));
  await expect.poll(() => left.signal.aborted, { timeout: 20_000 }).toBe(true);
});
