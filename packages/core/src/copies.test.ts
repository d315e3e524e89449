/** Two copies of core on a thread: both find one registry, or the second is refused. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type * as core from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'extension-events-copies-'));
const key = Symbol.for('extension-events.core.v1');
let first: typeof core;
let second: typeof core;

// Node itself loads them, and strips the types, so that they are two modules indeed.
async function load(name: string): Promise<typeof core> {
  cpSync(new URL('.', import.meta.url), join(directory, name), { recursive: true });
  const url = pathToFileURL(join(directory, name, 'index.ts')).href;
  return (await import(/* @vite-ignore */ url)) as typeof core;
}

beforeAll(async () => {
  first = await load('first');
  second = await load('second');
});
afterAll(() => rmSync(directory, { recursive: true }));

it('importing makes nothing', () => {
  expect(Object.hasOwn(globalThis, key)).toBe(false);
});

it('what one registers the other finds, and hears', async () => {
  expect(second.listen).not.toBe(first.listen);
  const fields = { n: { type: 'u32' } } as const;
  const type = first.registerEventType({ name: 'copies.tick', description: '', fields });
  expect(second.registerEventType({ name: 'copies.tick', description: '', fields })).toBe(type);
  expect(second.getRegistry()).toBe(first.getRegistry());
  const heard: unknown[] = [];
  second.listen('copies.*', (event) => heard.push(event.payload));
  const budget = new second.Budget({ eventsPerSecond: 1 });
  const tap = second.getRegistry().tap({ mode: 'local', pattern: 'copies.*', budget, run: () => {} }); // prettier-ignore
  type.post({ n: 1 });
  type.post({ n: 2 });
  await Promise.resolve();
  expect(heard).toEqual([{ n: 1 }, { n: 2 }]);
  expect(tap.account).toMatchObject({ matched: 2, delivered: 1, throttled: 1 });
});

it('errors of one are told by their code in the other', () => {
  expect(() => second.registerEventType({ name: 'No', description: '', fields: {} })).toThrow(
    expect.objectContaining({ code: 'EE_NAME', name: 'ExtensionEventError' }),
  );
});

it('a copy with a foreign layout is refused', () => {
  const registry = first.getRegistry();
  const layout = registry.layout;
  Object.assign(registry, { layout: layout + 1 });
  try {
    expect(() => second.listen('**', () => {})).toThrow(expect.objectContaining({ code: 'EE_CORE_MISMATCH' })); // prettier-ignore
  } finally {
    Object.assign(registry, { layout });
  }
});
