import { readFileSync } from 'node:fs';
import { checkEventName } from '@extension-events/core';
import { producerContract } from '@extension-events/core/testing';
import type { V8Host } from '@extension-events/platform-v8';
import { describe, expect, it } from 'vitest';
import { channelErrorCodes, channelRefused, channelRefusedDescriptor, createChannelFinder, createChannelProducer, messageFields, operationFields, producerId } from './index.ts'; // prettier-ignore
import { producer as injectProducer } from './inject.ts';
import { producer as threadProducer } from './thread.ts';

const module = new URL('index.ts', import.meta.url);
const nothing = { [Symbol.dispose]: () => undefined };

const createHost = (): V8Host => ({ threads: [], onThreads: () => nothing });
const text = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'); // prettier-ignore

describe('the producer in the thread', () => {
  producerContract<undefined>(createChannelProducer(), { it, createHost: () => undefined, module });
});

describe('the finder beside the threads', () => {
  producerContract(createChannelFinder(), { it, createHost, module });
});

describe('the package', () => {
  it('tells in package.json what its doors post', () => {
    const { extensionEvents } = JSON.parse(text('package.json')) as { extensionEvents: unknown };
    expect(extensionEvents).toMatchObject({ id: producerId, placement: 'thread', events: [channelRefused], schemes: ['channel'] }); // prettier-ignore
    expect(threadProducer.eventTypes).toEqual([channelRefusedDescriptor]);
    expect([threadProducer.id, threadProducer.placement]).toEqual([producerId, 'thread']);
    expect([injectProducer.id, injectProducer.placement]).toEqual([producerId, 'agent']);
    expect([threadProducer.schemes, injectProducer.schemes]).toEqual([['channel'], ['channel']]);
  });

  it('documents every error, event and field', () => {
    const readme = text('README.md');
    const documented = [...readme.matchAll(/^\| `(EE_\w+)`/gm)].map(([, code]) => code);
    expect(new Set(documented)).toEqual(new Set(Object.keys(channelErrorCodes)));
    const words = [channelRefused, ...Object.keys({ ...messageFields, ...operationFields, ...channelRefusedDescriptor.fields })]; // prettier-ignore
    for (const word of words) expect(readme).toContain(`\`${word}\``);
  });

  it('lists what Node has by itself, without starting anything', async () => {
    const all = await threadProducer.catalogue('channel:**');
    for (const { name } of all) checkEventName(name);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    const found = (await injectProducer.catalogue('channel:http.client.*')).map(({ name }) => name);
    expect(found).toEqual([]); // a star stays within its part
    const requests = await injectProducer.catalogue('channel:http.client.request.*');
    expect(requests.map(({ name }) => name)).toContain('channel:http.client.request.start');
    expect(await threadProducer.catalogue('channel:tracing:module.import')).toMatchObject([{ fields: { durationMs: { unit: 'ms' } }, isProvisional: true }]); // prettier-ignore
  });
});
