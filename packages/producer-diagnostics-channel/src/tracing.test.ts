import { AsyncLocalStorage } from 'node:async_hooks';
import diagnostics from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getRegistry, type PostedEvent } from '@extension-events/core';
import { createChannelProducer } from './index.ts';
import type { RunningChannels } from './index.ts';

const registry = getRegistry();
let running: RunningChannels;
const open: (() => void)[] = [];
beforeEach(() => void (running = createChannelProducer().start(registry)));
afterEach(() => {
  for (const end of open.splice(0)) end();
  running[Symbol.dispose]();
});

function hear(name: string): PostedEvent[] {
  const heard: PostedEvent[] = [];
  running.provide(name);
  const tap = registry.tap({ mode: 'probe', pattern: name, run: (event: never) => void heard.push(event) }); // prettier-ignore
  open.push(() => registry.untap(tap));
  return heard;
}
const inShort = (heard: readonly PostedEvent[]): unknown[] => heard.map(({ payload: { phase, settled, failed, error_message } }) => [phase, settled, failed, error_message].filter((one) => one !== undefined)); // prettier-ignore
const boom = (): never => {
  throw new RangeError('boom');
};

const later = (callback: (error: unknown, n?: number) => void): void => void setTimeout(() => callback(undefined, 1), 1); // prettier-ignore
const atOnce = (callback: (error: unknown, n?: number) => void): void => callback(new Error('at once')); // prettier-ignore

describe('an operation of a tracing channel', () => {
  it('that is a call is heard once, with how long it took', () => {
    const heard = hear('channel:tracing:test.sync');
    const channel = diagnostics.tracingChannel('test.sync');
    expect(channel.traceSync((a: number) => a + 1, { id: 7 }, undefined, 1)).toBe(2);
    expect(() => channel.traceSync(boom, { id: 8 })).toThrow('boom');
    expect(inShort(heard)).toEqual([['end', true, false], ['end', true, true, 'boom']]); // prettier-ignore
    expect(heard[0]?.payload).toMatchObject({ id: 7, result: 2, durationMs: expect.closeTo(0, -4) as number }); // prettier-ignore
  });

  it('that is a promise is heard when the call returns, and when it is settled', async () => {
    const heard = hear('channel:tracing:test.promise');
    const channel = diagnostics.tracingChannel('test.promise');
    const waited = channel.tracePromise(() => new Promise((resolve) => void setTimeout(() => resolve(1), 20)), {}); // prettier-ignore
    expect(inShort(heard)).toEqual([['end', false, false]]);
    expect(await waited).toBe(1);
    await expect(channel.tracePromise(async () => boom(), {})).rejects.toThrow('boom');
    expect(inShort(heard)).toEqual([['end', false, false], ['asyncEnd', true, false], ['end', false, false], ['asyncEnd', true, true, 'boom']]); // prettier-ignore
    const [returned, settled] = heard.map(({ payload }) => Number(payload['durationMs']));
    expect(settled).toBeGreaterThan(10 + (returned ?? 0));
  });

  it('that calls back is heard so too, also when it does at once', async () => {
    const heard = hear('channel:tracing:test.callback');
    const channel = diagnostics.tracingChannel('test.callback');
    await new Promise<void>((resolve) => void channel.traceCallback(later as never, 0, {}, undefined, (() => resolve()) as never)); // prettier-ignore
    channel.traceCallback(atOnce as never, 0, {}, undefined, (() => undefined) as never);
    expect(inShort(heard)).toEqual([['end', false, false], ['asyncEnd', true, false], ['asyncEnd', true, true, 'at once'], ['end', false, true, 'at once']]); // prettier-ignore
    for (const { payload } of heard) expect(payload['durationMs']).toBeGreaterThanOrEqual(0);
  });

  it('keeps nested and overlapping ones apart, also where they share a context', async () => {
    const heard = hear('channel:tracing:test.nested');
    const channel = diagnostics.tracingChannel('test.nested');
    const context = {};
    channel.traceSync(() => channel.traceSync(() => 1, context), context);
    const contexts = [{ id: 1 }, { id: 2 }];
    await Promise.all(contexts.map((one, i) => channel.tracePromise(() => new Promise((resolve) => void setTimeout(resolve, 20 - 10 * i)), one))); // prettier-ignore
    const [inner, outer] = heard.map(({ payload }) => Number(payload['durationMs']));
    expect(outer).toBeGreaterThanOrEqual(inner ?? Infinity);
    expect(heard.filter(({ payload }) => payload['phase'] === 'asyncEnd').map(({ payload }) => payload['id'])).toEqual([2, 1]); // prettier-ignore
  });

  it('whose start was not heard has no duration', () => {
    const channel = diagnostics.tracingChannel('test.late');
    channel.start.subscribe(() => undefined); // the program traces it itself
    let heard: PostedEvent[] = [];
    channel.traceSync(() => void (heard = hear('channel:tracing:test.late')), {});
    diagnostics.channel('tracing:test.late:end').publish('no object');
    expect(heard.map(({ payload }) => payload['json'])).toEqual(['{}', '"no object"']);
    for (const { payload } of heard) expect(payload).not.toHaveProperty('durationMs');
  });

  it('changes nothing for the program: results, stores, contexts, subscribers', async () => {
    const channel = diagnostics.tracingChannel('test.same');
    const storage = new AsyncLocalStorage();
    const seen: unknown[] = [];
    channel.start.bindStore(storage, (message) => message);
    channel.subscribe({ start: (message) => void seen.push(message), end: () => undefined, asyncStart: () => undefined, asyncEnd: () => undefined, error: () => undefined }); // prettier-ignore
    const context = { id: 1 };
    const trace = async (): Promise<unknown> => {
      const result = channel.traceSync(() => storage.getStore(), context);
      const failure = await channel.tracePromise(async () => boom(), {}).catch((error: unknown) => error); // prettier-ignore
      return [result === context, Object.keys(context), failure instanceof RangeError, seen.splice(0).length]; // prettier-ignore
    };
    const before = await trace();
    hear('channel:tracing:test.same');
    hear('channel:tracing:test.same:start');
    const during = await trace();
    for (const end of open.splice(0)) end();
    expect([before, during, await trace()]).toEqual([before, before, before]);
  });

  it('is subscribed to on three channels, while it is heard', () => {
    const channel = diagnostics.tracingChannel('test.three');
    const phases = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
    const subscribed = (): string[] => phases.filter((phase) => channel[phase].hasSubscribers);
    expect(channel.hasSubscribers).toBe(false);
    hear('channel:tracing:test.three');
    expect(subscribed()).toEqual(['start', 'end', 'asyncEnd']);
    hear('channel:tracing:test.three:end');
    open.pop()?.();
    expect(subscribed()).toEqual(['start', 'end', 'asyncEnd']);
    open.pop()?.();
    expect(subscribed()).toEqual([]);
  });
});
