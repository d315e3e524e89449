import { expect, it, vi } from 'vitest';
import { sayAccount } from './log-end.ts';

const account = { matched: 9, delivered: 9, lost: 0, throttled: 0, bytes: 900 };

it.each([
  [{ files: 0, removed: 0 }, undefined, '900 bytes written to standard output'],
  [{ files: 1, removed: 0 }, 'a.log', '900 bytes written to a.log'],
  [{ files: 2, removed: 1 }, 'a.log', '900 bytes written to 2 files, the last of them a.log; 1 older file was removed'], // prettier-ignore
  [{ files: 7, removed: 3 }, 'a.log', '900 bytes written to 7 files, the last of them a.log; 3 older files were removed'], // prettier-ignore
])('%j is told', (files, out, line) => {
  let written = '';
  using _ = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
  sayAccount({ ...account, ...files }, out);
  expect(written).toBe(`matched 9, delivered 9, lost 0, throttled 0\n${line}\n`);
});
