import { expect, it } from 'vitest';
import { type EventTypeDescriptor, ExtensionEventError } from '@extension-events/core';
import type { ProducerSource } from './connection.ts';
import { ProducerLoading } from './producer-loading.ts';

const type = (name: string): EventTypeDescriptor => ({ name, kind: 'filtered', description: '', fields: {} }); // prettier-ignore
const beside: ProducerSource = { id: 'hot-spot', injectUrl: 'file:///h.mjs' };
const inside: ProducerSource = {
  id: 'net-probes',
  threadUrl: 'file:///n.cjs',
  eventTypes: [type('net.send'), type('net.close')],
};
const both: ProducerSource = {
  id: 'channels',
  threadUrl: 'file:///c.cjs',
  injectUrl: 'file:///c.mjs',
  eventTypes: [],
  schemes: ['channel'],
};

function open(refusals: Readonly<Record<string, ExtensionEventError>> = {}): {
  loading: ProducerLoading;
  loaded: string[];
  refused: string[];
} {
  const loaded: string[] = [];
  const refused: string[] = [];
  const load = async ({ id }: ProducerSource): Promise<void> => {
    loaded.push(id);
    await Promise.resolve();
    if (refusals[id] !== undefined) throw refusals[id];
  };
  const loading = new ProducerLoading([beside, inside, both], load, (id) => refused.push(id));
  return { loading, loaded, refused };
}

it('loads at once what touches no thread of the program, and the rest when it is asked for', async () => {
  const { loading, loaded } = open();
  await loading.loadQuiet();
  expect(loaded).toEqual(['hot-spot']);
  expect(loading.promisedTypes.map(({ name }) => name)).toEqual(['net.send', 'net.close']);
  await loading.provideFor('cache.evict');
  expect(loaded).toEqual(['hot-spot']);
  await Promise.all([loading.provideFor('net.*'), loading.provideFor('net.send')]);
  expect(loaded).toEqual(['hot-spot', 'net-probes']);
  expect(loading.promisedTypes).toEqual([]);
  await loading.provideFor('channel:http.client.request.start');
  await loading.provideFor('channel:*');
  expect(loaded).toEqual(['hot-spot', 'net-probes', 'channels']);
});

it('knows what it may provide before it is loaded', () => {
  const { loading } = open();
  const names = ['net.send', 'channel:x', 'hot-spot', 'net.sendd', 'tracepoint:x:y'];
  expect(names.map((name) => loading.mayProvide(name))).toEqual([true, true, false, false, false]);
});

it('says to whoever asks for one of its names why a producer cannot work; others go without', async () => {
  const refusal = new ExtensionEventError('EE_PRODUCER_LOAD', 'no', 'hint');
  const { loading, refused } = open({ 'net-probes': refusal });
  await loading.provideFor('net.*');
  expect(refused).toEqual(['net-probes']);
  await expect(loading.provideFor('net.send')).rejects.toBe(refusal);
  expect(refused).toEqual(['net-probes']);
  expect(loading.mayProvide('net.send')).toBe(false);
});
