import diagnostics, { type Channel } from 'node:diagnostics_channel';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  getRegistry,
  type ListenOptions,
  type PostedEvent,
  type Registry,
} from '@extension-events/core';
import { createChannelProducer } from './index.ts';
import type { RunningChannels } from './index.ts';
import { threadSideKey } from './thread-side.ts';

const registry: Registry = getRegistry();
const before = registry.describeTypes().length;
const prototype = diagnostics.Channel.prototype as object;
let running: RunningChannels;
const open: Disposable[] = [];
const ordinary = diagnostics.channel('test.ordinary');
const ordinaryKeys = Reflect.ownKeys(ordinary);
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

beforeEach(() => void (running = createChannelProducer().start(registry)));
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
  running[Symbol.dispose]();
});

const fail = (): never => {
  throw new Error('touched');
};
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const names = (): string[] => registry.describeTypes().map(({ descriptor }) => descriptor.name);
const fieldsOf = (name: string): string[] => Object.keys(registry.tryGetEventType(name)?.descriptor.fields ?? {}); // prettier-ignore

/** Listens, as a probe: what is heard is there when the publish returns. */
function hear(pattern: string, options: Pick<ListenOptions, 'where'> & { onFailure?: (name: string, error: unknown) => void } = {}): PostedEvent[] {
  const heard: PostedEvent[] = [];
  const { where, ...rest } = options;
  const tap = registry.tap({ mode: 'probe', pattern, run: (event: never) => void heard.push(event), ...rest, ...(where && { where: () => where }) });
  open.push({ [Symbol.dispose]: () => registry.untap(tap) });
  return heard;
} // prettier-ignore

describe('channels', () => {
  it('that are made after the start are event types, and stay unsubscribed while nobody listens', () => {
    const channel = diagnostics.channel('test.made');
    expect(names()).toContain('channel:test.made');
    expect(channel.hasSubscribers).toBe(false);
    const first = registry.listen('channel:test.made', () => {});
    const second = registry.listen('channel:**', () => {});
    expect(channel.hasSubscribers).toBe(true);
    first.unlisten();
    expect(channel.hasSubscribers).toBe(true);
    second.unlisten();
    expect(channel.hasSubscribers).toBe(false);
    expect(Reflect.ownKeys(channel)).toEqual(ordinaryKeys);
  });

  it('are heard from the first message on, though they are made in the same breath', () => {
    const heard = hear('channel:**');
    const channel = diagnostics.channel('test.breath');
    channel.publish({ n: 1 });
    channel.publish({ n: 2 });
    expect(heard.map(({ name, payload }) => [name, payload['n']])).toEqual([['channel:test.breath', 1], ['channel:test.breath', 2]]); // prettier-ignore
    expect(diagnostics.hasSubscribers('test.breath')).toBe(true);
    expect(channel).toBeInstanceOf(diagnostics.Channel);
  });

  it('that are made while heard are as others, once they have been used or the job is over', async () => {
    hear('channel:**');
    const asked = diagnostics.channel('test.asked');
    expect(asked.hasSubscribers).toBe(true);
    const traced = diagnostics.channel('test.run');
    expect(traced.runStores({}, () => 13)).toBe(13);
    const untouched = diagnostics.channel('test.untouched');
    await turn();
    for (const channel of [asked, traced, untouched]) {
      expect(channel.hasSubscribers).toBe(true);
      expect(Reflect.ownKeys(channel)).toEqual(ordinaryKeys);
    }
  });

  it('can be waited for by name, also when no module has made them', () => {
    running.provide('channel:test.late%20name');
    running.provide('channel:test.late%20name');
    const heard = hear('channel:test.late%20name');
    diagnostics.channel('test.late name').publish('now');
    expect(heard).toMatchObject([{ payload: { json: '"now"', value: 'now' } }]);
  });

  it('of one name that a program constructs twice are heard both', async () => {
    const Made = diagnostics.Channel as unknown as new (name: string) => Channel;
    const one = new Made('test.twice');
    await turn();
    const heard = hear('channel:test.twice');
    const other = new Made('test.twice');
    one.publish({ from: 'one' });
    other.publish({ from: 'other' });
    expect(heard.map(({ payload }) => payload['from'])).toEqual(['one', 'other']);
  });

  it('of one name that a program constructs and freezes in one breath do no harm', async () => {
    const Made = diagnostics.Channel as unknown as new (name: string) => Channel;
    hear('channel:**');
    const made = [new Made('test.frozen'), new Made('test.frozen')];
    for (const channel of made) {
      Object.freeze(channel);
      expect(() => channel.hasSubscribers).not.toThrow();
    }
    await turn();
    expect(diagnostics.channel('test.frozen').name).toBe('test.frozen');
  });

  it('that are symbols are numbered', () => {
    const [one, other] = [Symbol('mine'), Symbol('mine')];
    const heard = hear('channel:Symbol(mine)#2');
    diagnostics.channel(one).publish(1);
    diagnostics.channel(other).publish(2);
    expect(heard).toMatchObject([{ payload: { value: 2 } }]);
    expect(() => running.provide('channel:Symbol(mine)#3')).toThrow(expect.objectContaining({ code: 'EE_CHANNEL_SYMBOL', hint: expect.stringContaining('channel:Symbol(mine)#1') as string })); // prettier-ignore
  });

  it('are refused by name when the name is none', () => {
    expect(() => running.provide('channel:a b')).toThrow(expect.objectContaining({ code: 'EE_CHANNEL_NAME' })); // prettier-ignore
  });

  it('leave the subscribers of the program alone: same messages, same order, same errors, same count', async () => {
    const channel = diagnostics.channel('test.shared');
    const seen: unknown[] = [];
    const onMessage = (message: unknown, name: unknown): void => void seen.push([message, name]);
    channel.subscribe(onMessage);
    hear('channel:test.shared');
    const message = Object.freeze({ n: 1 });
    channel.publish(message);
    open.pop()?.[Symbol.dispose]();
    channel.publish(message);
    expect(seen).toEqual([[message, 'test.shared'], [message, 'test.shared']]); // prettier-ignore
    expect((seen[0] as unknown[])[0]).toBe(message);
    expect(channel.hasSubscribers).toBe(true);
    expect(channel.unsubscribe(onMessage)).toBe(true);
    expect(channel.hasSubscribers).toBe(false);
    await turn();
  });
});

describe('shapes', () => {
  it('are learned from the first message, which is heard with its fields', () => {
    const channel = diagnostics.channel('test.shape');
    expect(fieldsOf('channel:test.shape')).toEqual(['json']);
    expect(registry.tryGetEventType('channel:test.shape')?.descriptor.isProvisional).toBe(true);
    const heard = hear('channel:test.shape');
    channel.publish({ request: { method: 'GET', body: null }, n: 1, ok: true, id: 7n });
    expect(heard).toMatchObject([{ payload: { request_method: 'GET', n: 1, ok: true, id: 7n } }]);
    const descriptor = registry.tryGetEventType('channel:test.shape')?.descriptor;
    expect(descriptor?.isProvisional).toBeUndefined();
    expect(descriptor?.fields).toMatchObject({ request_method: { type: 'string', description: 'request.method of the message', optional: true }, n: { type: 'f64' }, ok: { type: 'bool' }, id: { type: 'i64' } }); // prettier-ignore
  });

  it('let a predicate wait for the field that it asks for', () => {
    const channel = diagnostics.channel('test.where');
    const failures: unknown[] = [];
    const heard: PostedEvent[] = [];
    const tap = registry.tap({
      mode: 'probe',
      pattern: 'channel:test.where',
      run: (event: never) => void heard.push(event),
      onFailure: (...failure) => void failures.push(failure),
      where: ({ fields }) => {
        if (!('request_method' in fields)) throw Object.assign(new Error('no'), { code: 'EE_EXPR_FIELD' }); // prettier-ignore
        return (payload) => payload['request_method'] === 'GET';
      },
    });
    open.push({ [Symbol.dispose]: () => registry.untap(tap) });
    expect(channel.hasSubscribers).toBe(true);
    for (const method of ['GET', 'POST', 'GET']) channel.publish({ request: { method } });
    expect([heard.length, failures]).toEqual([2, []]);
    expect(tap.account).toEqual({
      matched: 2,
      delivered: 2,
      lost: 0,
      throttled: 0,
      withoutStack: 0,
    });
  });

  it('grow with later messages, keep their types, and leave out what does not fit', () => {
    const heard = hear('channel:test.grow');
    const channel = diagnostics.channel('test.grow');
    channel.publish({ n: 1, late: null });
    channel.publish({ n: 'two' });
    channel.publish({ n: 3, late: 'x' });
    expect(heard.map(({ payload }) => [payload['n'], payload['late'], payload['json']])).toEqual([[1, undefined, '{"n":1,"late":null}'], [undefined, undefined, '{"n":"two"}'], [3, 'x', '{"n":3,"late":"x"}']]); // prettier-ignore
    expect(registry.listen('channel:test.grow', () => {}).account.lost).toBe(0);
  });

  it('stop growing when every message is different', () => {
    const heard = hear('channel:test.different');
    const registered = hear('registry.registered');
    const channel = diagnostics.channel('test.different');
    for (let i = 0; i < 100; i++) channel.publish({ [`key${i}`]: i });
    expect(heard).toHaveLength(100);
    expect(registered.length).toBeLessThanOrEqual(9);
    expect(heard[99]?.payload['json']).toBe('{"key99":99}');
  });

  it('go on with what they know when listeners come and go', () => {
    const channel = diagnostics.channel('test.again');
    hear('channel:test.again');
    channel.publish({ n: 1 });
    open.pop()?.[Symbol.dispose]();
    expect(channel.hasSubscribers).toBe(false);
    expect(fieldsOf('channel:test.again')).toEqual(['n', 'json']);
    const heard = hear('channel:test.again');
    channel.publish({ n: 2 });
    expect(heard).toMatchObject([{ payload: { n: 2 } }]);
  });
});

describe('the program', () => {
  it('gets back exactly what it had', () => {
    const keys = Reflect.ownKeys(prototype);
    running[Symbol.dispose]();
    running[Symbol.dispose]();
    expect(Reflect.ownKeys(prototype)).toEqual(keys.filter((key) => key !== 'name'));
    expect(registry.describeTypes()).toHaveLength(before);
    expect(threadSideKey in globalThis).toBe(false);
  });

  it('may put a property of its own in the place of ours: that stays, and ours lets it pass', () => {
    const ours = Object.getOwnPropertyDescriptor(prototype, 'name');
    const seen: string[] = [];
    // As tools do that patch on top: they call what they found.
    Object.defineProperty(prototype, 'name', {
      ...ours,
      set(this: object, value: string) {
        seen.push(value);
        ours?.set?.call(this, value);
      },
    });
    diagnostics.channel('test.patched');
    expect(names()).toContain('channel:test.patched');
    running[Symbol.dispose]();
    const channel = diagnostics.channel('test.patched.later');
    expect(channel.name).toBe('test.patched.later');
    expect(seen).toEqual(['test.patched', 'test.patched.later']);
    expect(registry.describeTypes()).toHaveLength(before);
    delete (prototype as { name?: unknown }).name;
  });

  it('may register an event of that name itself: it goes first', () => {
    const channel = diagnostics.channel('test.own');
    const heard = hear('channel:test.own');
    channel.publish({ n: 1 });
    const own = registry.registerEventType({ name: 'channel:test.own', description: 'its own', fields: { mine: { type: 'bool' } } }); // prettier-ignore
    expect(channel.hasSubscribers).toBe(false);
    channel.publish({ n: 2 });
    own.post({ mine: true });
    expect(heard.map(({ payload }) => payload)).toEqual([
      { n: 1, json: '{"n":1}' },
      { mine: true },
    ]);
    own.unregister();
  });

  it('is not harmed by messages that bite', () => {
    const heard = hear('channel:test.bite');
    const channel = diagnostics.channel('test.bite');
    const trap = new Proxy({}, new Proxy({}, { get: fail }));
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const onUncaught = vi.fn<() => void>();
    process.on('uncaughtException', onUncaught);
    for (const message of [trap, { trap, deep: { trap } }, Object.create(trap), { get a() { return fail(); }, toJSON: fail, toString: fail }, cycle, undefined, null, fail, Symbol('s'), [trap], Object.create(null), Object.assign([], { length: 1e9 }), { __proto__: null, hasOwnProperty: 1 }]) channel.publish(message); // prettier-ignore
    process.off('uncaughtException', onUncaught);
    expect(onUncaught).not.toHaveBeenCalled();
    expect(heard).toHaveLength(13);
    for (const { payload } of heard) expect(() => JSON.parse(String(payload['json']))).not.toThrow(); // prettier-ignore
  });

  it('can let its messages be collected', async () => {
    const heard = hear('channel:test.kept');
    const channel = diagnostics.channel('test.kept');
    const kept = new WeakRef<object>({});
    (() => channel.publish({ secret: { of: kept } }))();
    const reference = publishCollectable(channel);
    await turn();
    gc();
    await turn();
    gc();
    expect(reference.deref()).toBeUndefined();
    expect(heard).toHaveLength(2);
  });
});

function publishCollectable(channel: Channel): WeakRef<object> {
  const message = { n: 1 };
  channel.publish(message);
  return new WeakRef(message);
}

describe('many channels', () => {
  it('have a limit, beyond which they are refused and told of, and make room when they are gone', async () => {
    running[Symbol.dispose]();
    running = createChannelProducer({ maxChannels: 10 }).start(registry);
    const refused = hear('channels.refused');
    const kept = Array.from({ length: 5 }, (_, i) => diagnostics.channel(`test.kept.${i}`));
    for (let i = 0; i < 5; i++) diagnostics.channel(`test.gone.${i}`);
    diagnostics.channel('test.many').publish('nothing breaks');
    expect(names().filter((name) => name.startsWith('channel:'))).toHaveLength(10);
    expect(refused).toMatchObject([{ payload: { name: 'test.many', count: 1, reason: expect.stringContaining('EE_CHANNEL_LIMIT') as string } }]); // prettier-ignore
    expect(() => running.provide('channel:test.more')).toThrow(expect.objectContaining({ code: 'EE_CHANNEL_LIMIT' })); // prettier-ignore
    await turn();
    gc();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => 1e12);
    diagnostics.channel('test.room');
    clock.mockRestore();
    expect(names()).toContain('channel:test.room');
    expect(names().filter((name) => name.startsWith('channel:test.kept.'))).toHaveLength(
      kept.length,
    );
  });

  it('that have no name for people are refused too', () => {
    const refused = hear('channels.refused');
    diagnostics.channel('x'.repeat(193));
    diagnostics.channel('');
    expect(refused.map(({ payload }) => payload['count'])).toEqual([1, 2]);
  });
});

describe('two copies in one thread', () => {
  it('share their work, and the last one undoes it', () => {
    const second = createChannelProducer().start(registry);
    diagnostics.channel('test.both');
    const heard = hear('channel:test.both');
    running[Symbol.dispose]();
    diagnostics.channel('test.both').publish({ n: 1 });
    expect(heard).toHaveLength(1);
    second[Symbol.dispose]();
    expect(registry.describeTypes()).toHaveLength(before);
  });
});
