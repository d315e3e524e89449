import diagnostics from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { getRegistry, registerEventType } from '@extension-events/core';
import { createChannelProducer, defaultPrefix, publishToChannels } from './index.ts';

const registry = getRegistry();
const evict = registerEventType({ name: 'test.evict', description: 'An entry left.', fields: { key: { type: 'string' } } }); // prettier-ignore
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const open: Disposable[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
});

function subscribe(name: string): unknown[] {
  const seen: unknown[] = [];
  const onMessage = (message: unknown, from: unknown): void => void seen.push([message, from]);
  diagnostics.subscribe(name, onMessage);
  open.push({ [Symbol.dispose]: () => void diagnostics.unsubscribe(name, onMessage) });
  return seen;
}

describe('publishing to channels', () => {
  it('brings the payloads of events to whoever subscribes, until it ends', async () => {
    const seen = subscribe('extension-events:test.evict');
    const publishing = publishToChannels('test.*');
    evict.post({ key: 'a' });
    await turn();
    expect(seen).toEqual([[{ key: 'a' }, 'extension-events:test.evict']]);
    expect(publishing.account).toMatchObject({ matched: 1, delivered: 1 });
    publishing[Symbol.dispose]();
    publishing.unlisten();
    expect(evict.hasListeners).toBe(false);
    evict.post({ key: 'b' });
    await turn();
    expect(seen).toHaveLength(1);
  });

  it('takes another prefix, and refuses one that says nothing', async () => {
    const seen = subscribe('my-app.events/test.evict');
    open.push(publishToChannels('test.evict', { prefix: 'my-app.events/' }));
    evict.post({ key: 'a' });
    await turn();
    expect(seen).toHaveLength(1);
    for (const prefix of ['', 'a', ':', 'http', 'a b:', 1 as never]) {
      expect(() => publishToChannels('test.evict', { prefix })).toThrow(expect.objectContaining({ code: 'EE_CHANNEL_PREFIX' })); // prettier-ignore
    }
    expect(() => publishToChannels('no pattern')).toThrow(expect.objectContaining({ code: 'EE_PATTERN' })); // prettier-ignore
  });

  it('and channels as event types do not feed each other', async () => {
    open.push(createChannelProducer().start(registry));
    const heard: string[] = [];
    open.push(registry.listen('**', ({ name }) => void heard.push(name)));
    open.push(publishToChannels('**'));
    const seen = subscribe('extension-events:test.evict');
    const round = subscribe('extension-events:channel:test.plain');
    evict.post({ key: 'a' });
    diagnostics.channel('test.plain').publish({ n: 1 });
    for (let i = 0; i < 5; i++) await turn();
    expect(seen).toHaveLength(1);
    expect(round).toEqual([]);
    expect(heard.filter((name) => !name.startsWith('registry.'))).toEqual(['test.evict', 'channel:test.plain']); // prettier-ignore
    const names = registry.describeTypes().map(({ descriptor }) => descriptor.name);
    expect(names.filter((name) => name.includes(defaultPrefix))).toEqual([]);
  });

  it('leaves no trace when it is over', () => {
    const key = Symbol.for('extension-events.published-prefixes.v1');
    const [one, other] = [publishToChannels('test.*'), publishToChannels('test.*')];
    one.unlisten();
    expect(key in globalThis).toBe(true);
    other.unlisten();
    expect(key in globalThis).toBe(false);
  });
});
