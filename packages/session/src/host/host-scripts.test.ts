import { expect, it } from 'vitest';
import { getRegistry } from '@extension-events/core';
import type { Consumer } from '@extension-events/protocol/server';
import { HostScripts } from './host-scripts.ts';

const budget = { statementsPerHit: 100, threadShare: 1, memoryBytes: 65_536, entriesPerMap: 16, stringLength: 64, nesting: 4, outputBytesPerSecond: 4096 }; // prettier-ignore

it('installs a script whose sources are armed at once', async () => {
  const registry = getRegistry();
  const armed: string[] = [];
  const types = ['t.first', 't.second'].map((name) =>
    registry.registerEventType({
      name,
      kind: 'requested',
      description: '',
      fields: {},
      arm: () => void armed.push(name),
      disarm: () => void armed.splice(armed.indexOf(name), 1),
    }),
  );
  const scripts = new HostScripts({
    registry,
    provide: async () => undefined,
    isConnected: () => true,
    drain: () => undefined,
  });
  const consumer = { send: () => undefined } as unknown as Consumer;
  const files = [{ name: 't.ev', text: 'probe t.first { next; } probe t.second { next; }' }];
  const spec = { run: '1', name: 't.ev', files, globals: [], events: [], budget };
  const patterns = ['t.first', 't.second'];
  await scripts.serve(consumer, { kind: 'script', action: 'install', script: 1, data: { patterns, spec } } as never); // prettier-ignore
  expect(armed).toEqual(patterns);
  scripts.removeOf(consumer);
  expect(armed).toEqual([]);
  for (const type of types) type.unregister();
});
