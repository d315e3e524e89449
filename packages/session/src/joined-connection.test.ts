import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ExtensionEventError } from '@extension-events/core';
import type { StopFrame, ThreadInfo } from '@extension-events/protocol';
import type { HostProducerSource } from './connection.ts';
import type { EventItem } from './items.ts';
import { JoinedConnection } from './joined-connection.ts';
import type { TargetNotice } from './target-connection.ts';
import { describe as descriptorOf, FakeSide } from './testing/fake-side.ts';

const js = (key: number, tid: number, threadId: number): ThreadInfo => ({ key, tid, threadId, name: `js ${tid}`, state: 'running' }); // prettier-ignore
const native = (key: number, tid: number): ThreadInfo => ({ key, tid, threadId: -1, name: `native ${tid}`, state: 'running', runs: 'native' }); // prettier-ignore

const perf: HostProducerSource = {
  id: 'perf',
  hostUrl: 'file:///perf.js',
  eventTypes: [descriptorOf('perfmon.overflow'), descriptorOf('hot-spot')],
  schemes: ['tracepoint'],
};

interface Bed {
  readonly joined: JoinedConnection;
  readonly agent: FakeSide;
  readonly host: FakeSide;
  readonly stops: StopFrame[];
  readonly notices: TargetNotice[];
  starts: number;
  refusal: ExtensionEventError | undefined;
}

/** Agent: 100 (main), 105 (worker 1). Host: 100, 105, 107. */
function open({ hasAgent = true, canHost = true, hostProducers = [perf] }: { hasAgent?: boolean; canHost?: boolean; hostProducers?: HostProducerSource[] } = {}): Bed {
  const agent = new FakeSide('agent', [js(1, 100, 0), js(4, 105, 1)], ['hot-spot', 'net.send']);
  const host = new FakeSide('host', [native(2, 100), native(3, 105), native(4, 107)], ['hot-spot', 'perfmon.overflow', 'posted.here']);
  const bed: { -readonly [K in keyof Bed]: Bed[K] } = { joined: undefined as never, agent, host, stops: [], notices: [], starts: 0, refusal: undefined };
  const openHost = async () => {
    bed.starts++;
    await delay(1);
    if (bed.refusal !== undefined) throw bed.refusal;
    return host.connection;
  };
  bed.joined = new JoinedConnection(100, hasAgent ? agent.connection : undefined, { hostProducers, ...(canHost ? { openHost } : {}) });
  bed.joined.stops$.subscribe((frame) => bed.stops.push(frame));
  bed.joined.notices$.subscribe((notice) => bed.notices.push(notice));
  return bed;
} // prettier-ignore

const caught = (listen: number): StopFrame => ({ kind: 'stop', thread: 3, cause: { type: 'event', listens: [listen], event: 'perfmon.overflow', payload: { n: 1 }, timestampNs: 5 } }); // prettier-ignore
const patternsOf = (side: FakeSide): string[] => side.parts.map(({ options }) => options.pattern);

describe('threads', () => {
  it('are merged by tid, with the knowledge of the agent first', async () => {
    const { joined } = open();
    await joined.startHost();
    expect(joined.threads).toMatchObject([
      { tid: 100, threadId: 0, name: 'js 100' },
      { tid: 105, threadId: 1, name: 'js 105' },
      { tid: 107, threadId: -1, runs: 'native' },
    ]);
    expect(new Set(joined.threads.map(({ key }) => key)).size).toBe(3);
    expect(joined.threads[0]).not.toHaveProperty('runs');
  });

  it('keep their keys when a side comes or goes, and a tid that is used again gets another', async () => {
    const { joined, agent, host } = open();
    const [main] = joined.threads;
    await joined.startHost();
    expect(joined.threads[0]).toEqual(main);
    const key = joined.threads[2]?.key;
    host.threads$.next([native(2, 100), native(3, 105)]);
    host.threads$.next([native(2, 100), native(3, 105), native(9, 107)]);
    expect(joined.threads[2]).toMatchObject({ tid: 107 });
    expect(joined.threads[2]?.key).not.toBe(key);
    agent.threads$.next([js(1, 100, 0)]);
    expect(joined.threads[1]).toMatchObject({ tid: 105, runs: 'native' });
  });

  it('that have an agent are told to the host, now and at each change', async () => {
    const { joined, agent, host } = open();
    await joined.startHost();
    agent.threads$.next([js(1, 100, 0)]);
    expect(host.told).toEqual([[100, 105], [100]]);
  });
});

describe('a listen', () => {
  it('goes to the side that has the name, and starts a host only for what a host alone serves', async () => {
    const bed = open();
    await bed.joined.open({ pattern: 'net.send' }).ready;
    await bed.joined.open({ pattern: 'net.*' }).ready;
    await bed.joined.open({ pattern: 'nobody.knows' }).ready;
    expect(bed.starts).toBe(0);
    await bed.joined.open({ pattern: 'perfmon.overflow' }).ready;
    expect(bed.starts).toBe(1);
    await bed.joined.open({ pattern: 'tracepoint:a:b' }).ready;
    await bed.joined.open({ pattern: 'posted.here' }).ready;
    expect(bed.starts).toBe(1);
    expect(patternsOf(bed.agent)).toEqual(['net.send', 'net.*', 'nobody.knows']);
    expect(patternsOf(bed.host)).toEqual(['net.*', 'nobody.knows', 'perfmon.overflow', 'tracepoint:a:b', 'posted.here']); // prettier-ignore
  });

  it('goes to both when both have the name, and to one when it is for one thread', async () => {
    const { joined, agent, host } = open();
    const both = joined.open({ pattern: 'hot-spot' });
    await both.ready;
    expect([agent.parts.length, host.parts.length]).toEqual([1, 1]);
    await joined.open({ pattern: 'hot-spot', thread: '1' }).ready;
    await joined.open({ pattern: 'hot-spot', thread: 'tid:107' }).ready;
    expect(agent.parts.map(({ options }) => options.thread)).toEqual([undefined, '1']);
    expect(host.parts.map(({ options }) => options.thread)).toEqual([undefined, 'tid:107']);
    expect(await both.unlisten()).toMatchObject([{ matched: 5 }, { matched: 5 }]);
    expect(both.summary).toEqual({ matched: 10, delivered: 6, lost: 2, throttled: 2 });
  });

  it("names Node's threads to the host by tid", async () => {
    const { joined, host } = open();
    await joined.open({ pattern: 'perfmon.overflow', thread: '1' }).ready;
    expect(host.parts[0]?.options.thread).toBe('tid:105');
  });

  it('gets the events of the host with the numbers that the agent gave the threads', async () => {
    const { joined, host } = open();
    const listening = joined.open({ pattern: 'perfmon.overflow' });
    const items: unknown[] = [];
    listening.items$.subscribe((item) => items.push(item));
    await listening.ready;
    const item = { kind: 'event', event: 'perfmon.overflow', tid: 105, threadId: -1 } as EventItem;
    host.parts[0]?.items$.next(item);
    host.parts[0]?.items$.next({ ...item, tid: 107 });
    expect(items).toMatchObject([
      { tid: 105, threadId: 1 },
      { tid: 107, threadId: -1 },
    ]);
  });

  it('goes on when one of its sides refuses, and says so; it fails when all do', async () => {
    const { joined, agent, host, notices } = open();
    const refusal = new ExtensionEventError('EE_PERF_PERMISSION', 'No.', 'Ask.');
    host.refusal = refusal;
    await joined.open({ pattern: 'hot-spot' }).ready;
    expect(notices).toEqual([{ kind: 'part-refused', error: refusal }]);
    agent.refusal = new ExtensionEventError('EE_REQUEST', 'No.', 'Ask.');
    const failing = joined.open({ pattern: 'hot-spot' });
    const errors: unknown[] = [];
    failing.items$.subscribe({ error: (error: unknown) => errors.push(error) });
    await expect(failing.ready).rejects.toMatchObject({ code: 'EE_REQUEST' });
    await delay(0);
    expect(errors).toHaveLength(1);
    expect(await failing.unlisten()).toEqual([]);
  });

  it('fails when the only side that knows its names refuses', async () => {
    const { joined, agent, host } = open();
    await joined.startHost();
    agent.refusal = new ExtensionEventError('EE_EXPR_FIELD', 'No.', 'Ask.');
    await expect(joined.open({ pattern: 'net.*' }).ready).rejects.toMatchObject({ code: 'EE_EXPR_FIELD' }); // prettier-ignore
    expect(host.parts.map(({ options }) => options.pattern)).toEqual(['net.*']);
    expect(host.parts[0]?.isEnded).toBe(true);
  });

  it('that only a host can serve fails with what the host said against starting', async () => {
    const bed = open();
    bed.refusal = new ExtensionEventError('EE_HOST_START', 'No.', 'Ask.');
    await expect(bed.joined.open({ pattern: 'perfmon.overflow' }).ready).rejects.toMatchObject({ code: 'EE_HOST_START' }); // prettier-ignore
    await bed.joined.open({ pattern: 'hot-spot' }).ready; // the agent serves it
    expect(bed.notices).toEqual([{ kind: 'host-refused', error: bed.refusal }]);
    bed.refusal = undefined;
    await bed.joined.open({ pattern: 'perfmon.overflow' }).ready;
    expect(bed.joined.sides).toEqual({ agent: true, host: true });
  });

  it('can be ended before its host has come', async () => {
    const { joined, host } = open();
    const listening = joined.open({ pattern: 'perfmon.overflow' });
    await listening.unlisten();
    expect(host.parts.every(({ isEnded }) => isEnded)).toBe(true);
  });

  it('goes to the agent alone when no host is wanted', async () => {
    const { joined, agent } = open({ canHost: false });
    await joined.open({ pattern: 'perfmon.overflow' }).ready;
    expect(patternsOf(agent)).toEqual(['perfmon.overflow']);
    expect(joined.eventTypes.map(({ descriptor }) => descriptor.name)).toEqual(['hot-spot', 'net.send']); // prettier-ignore
  });

  it('ends with the last of its sides', async () => {
    const { joined, host } = open();
    const mixed = joined.open({ pattern: 'hot-spot' });
    const hosted = joined.open({ pattern: 'perfmon.overflow' });
    const over: string[] = [];
    mixed.items$.subscribe({ complete: () => over.push('mixed') });
    hosted.items$.subscribe({ complete: () => over.push('hosted') });
    await Promise.all([mixed.ready, hosted.ready]);
    host.end({ reason: 'lost' });
    expect(over).toEqual(['hosted']);
  });
});

describe('event types', () => {
  it('are those of both sides, and what a host could post', async () => {
    const { joined } = open();
    const names = (): string[] => joined.eventTypes.map(({ descriptor }) => descriptor.name);
    expect(names()).toEqual(['hot-spot', 'net.send', 'perfmon.overflow']);
    expect(joined.eventTypes[2]).toMatchObject({ threads: [], listeners: 0 });
    await joined.startHost();
    expect(names()).toEqual(['hot-spot', 'net.send', 'perfmon.overflow', 'posted.here']);
    expect(joined.eventTypes[0]?.threads).toEqual([1, 1]);
    expect(await joined.refreshEventTypes()).toHaveLength(4);
  });
});

describe('arms and stops', () => {
  it('name listens and threads as the joined connection does', async () => {
    const { joined, agent, host, stops } = open();
    const arms: unknown[] = [];
    joined.arms$.subscribe((frame) => arms.push(frame));
    await joined.open({ pattern: 'net.send' }).ready;
    await joined.open({ pattern: 'perfmon.overflow' }).ready;
    host.arms$.next({ kind: 'arm', listen: 1, event: 'perfmon.overflow', armId: 7, state: 'armed' }); // prettier-ignore
    expect(arms).toMatchObject([{ listen: 2, armId: 7 }]);
    agent.stops$.next({ kind: 'stop', thread: 4, cause: { type: 'event', listens: [1], event: 'net.send', payload: {}, timestampNs: 1 } }); // prettier-ignore
    const worker = joined.threads.find(({ tid }) => tid === 105)?.key;
    expect(stops).toMatchObject([{ thread: worker, cause: { listens: [1] } }]);
  });

  it('of a JavaScript thread that the host holds become one stop, with the frames of the agent', async () => {
    const { joined, agent, host, stops } = open();
    const listening = joined.open({ pattern: 'perfmon.overflow', catch: {} });
    await listening.ready;
    host.stops$.next(caught(1));
    await delay(60);
    expect(agent.log).toEqual(['pause 4 {"isHeld":true}']);
    expect(host.log).toEqual(['continue 3 {"keepsQuiet":true}']);
    expect(stops).toEqual([]);
    agent.stops$.next({ kind: 'stop', thread: 4, cause: { type: 'pause' }, frames: [], notes: [] });
    expect(stops).toMatchObject([
      { cause: { type: 'event', listens: [listening.id], event: 'perfmon.overflow' }, frames: [], landed: 'function' },
    ]); // prettier-ignore
    expect(stops[0]?.notes).toHaveLength(1);
    agent.stops$.next({ kind: 'stop', thread: 4, resumedBy: 'continue' });
    expect(stops[1]).toMatchObject({ resumedBy: 'continue' });
    expect(host.log[1]).toBe('continue 3');
  });

  it('are given up when the agent cannot pause the thread', async () => {
    const { joined, agent, host } = open();
    await joined.open({ pattern: 'perfmon.overflow', catch: {} }).ready;
    agent.answer = () => {
      throw new Error('held already');
    };
    host.stops$.next(caught(1));
    await delay(60);
    expect(host.log).toEqual(['continue 3']);
  });

  it('of another kind that come first keep their cause, and say what was caught', async () => {
    const { joined, agent, host, stops } = open();
    await joined.open({ pattern: 'perfmon.overflow', catch: {} }).ready;
    host.stops$.next(caught(1));
    await delay(60);
    agent.stops$.next({ kind: 'stop', thread: 4, cause: { type: 'breakpoint', breakpoints: ['b'] } }); // prettier-ignore
    expect(stops).toMatchObject([{ cause: { type: 'breakpoint' }, notes: [expect.stringContaining('perfmon.overflow')] }]); // prettier-ignore
  });

  it('use up a temporary catchpoint on both sides', async () => {
    const { joined, agent, host } = open();
    await joined.open({ pattern: 'hot-spot', catch: { temporary: true } }).ready;
    agent.stops$.next({ kind: 'stop', thread: 1, cause: { type: 'event', listens: [1], event: 'hot-spot', payload: {}, timestampNs: 1 } }); // prettier-ignore
    expect(host.parts[0]?.isEnded).toBe(true);
  });
});

describe('a debugging request', () => {
  it('goes to the agent for JavaScript threads and to the host for the others', async () => {
    const { joined, agent, host } = open();
    await joined.startHost();
    const keyOf = (tid: number): number => joined.threads.find((t) => t.tid === tid)?.key ?? -1;
    await joined.debug('continue', {}, keyOf(105));
    await joined.debug('continue', {}, keyOf(107));
    await joined.debug('continue', {}, keyOf(105), 'host');
    await joined.debug('set-skip', { patterns: [] });
    expect(agent.log).toEqual(['continue 4', 'set-skip undefined {"patterns":[]}']);
    expect(host.log).toEqual(['continue 4', 'continue 3']);
    await expect(joined.debug('pause', {}, 99)).rejects.toMatchObject({ code: 'EE_THREAD_UNKNOWN' }); // prettier-ignore
  });

  it('for a verdict is answered in the numbers of the joined connection, also without a host', async () => {
    const { joined, host } = open();
    const main = joined.threads[0]?.key ?? -1;
    expect(await joined.debug('verdict', {}, main)).toEqual({ caught: null, isOurs: false });
    await joined.open({ pattern: 'net.send' }).ready;
    const { id } = joined.open({ pattern: 'perfmon.overflow', catch: {} });
    await joined.startHost();
    host.answer = () => ({ caught: { listens: [1], event: 'x', payload: {}, timestampNs: 1 }, isOurs: true }); // prettier-ignore
    await delay(5);
    expect(await joined.debug('verdict', {}, main)).toMatchObject({ caught: { listens: [id] } });
    expect(host.log).toEqual(['verdict 2']);
  });

  it('to leave the threads to a debugger holds for a host that comes later', async () => {
    const { joined, host } = open();
    await joined.debug('leave-to-debugger', { isLeft: true });
    await joined.startHost();
    expect(host.log).toEqual(['leave-to-debugger undefined {"isLeft":true}']);
  });
});

describe('the end', () => {
  it('is the end of the process, when both sides have told the rest', async () => {
    const { joined, agent, host } = open();
    await joined.startHost();
    let isOver = false;
    void joined.ended.then(() => (isOver = true));
    agent.end({ reason: 'bye', bye: { kind: 'bye', reason: 'exit', exitCode: 3 } });
    await delay(20);
    expect(isOver).toBe(false);
    host.end({ reason: 'bye', bye: { kind: 'bye', reason: 'exit' } });
    expect(await joined.ended).toMatchObject({ reason: 'bye', bye: { exitCode: 3 } });
  });

  it('does not come with a host that is lost beside an agent', async () => {
    const { joined, host, notices } = open();
    await joined.startHost();
    host.end({ reason: 'lost' });
    await delay(0);
    expect(notices).toMatchObject([{ kind: 'host-lost' }]);
    expect(joined.sides).toEqual({ agent: true, host: false });
    expect(joined.threads.map(({ tid }) => tid)).toEqual([100, 105]);
  });

  it('comes with the host of a process that has no agent', async () => {
    const { joined, host } = open({ hasAgent: false });
    await joined.startHost();
    expect(joined.hello).toMatchObject({ role: 'host' });
    host.end({ reason: 'bye', bye: { kind: 'bye', reason: 'exit' } });
    expect(await joined.ended).toMatchObject({ bye: { reason: 'exit' } });
  });

  it('by closing undoes both sides, also one that was on its way', async () => {
    const { joined, host } = open();
    const listening = joined.open({ pattern: 'perfmon.overflow' });
    listening.ready.catch(() => undefined);
    await joined.close();
    expect(await joined.ended).toEqual({ reason: 'closed' });
    expect(await host.ended).toEqual({ reason: 'closed' });
  });
});

describe('names that are posted from inside the JavaScript threads', () => {
  it('are the agent’s alone, until a native thread is named', async () => {
    const netProbes: HostProducerSource = { id: 'net-probes', hostUrl: 'file:///net.js', eventTypes: [descriptorOf('net.connect', 'filtered')] }; // prettier-ignore
    const { joined, agent, host } = open({ hostProducers: [netProbes] });
    agent.promisedTypes = [descriptorOf('net.connect', 'filtered')];
    await joined.open({ pattern: 'net.connect' }).ready;
    expect([patternsOf(agent), patternsOf(host)]).toEqual([['net.connect'], []]);
    await joined.startHost();
    await joined.open({ pattern: 'net.connect', thread: 'tid:107' }).ready;
    expect(patternsOf(host)).toEqual(['net.connect']);
    await joined.open({ pattern: 'net.connect', thread: '0' }).ready;
    expect(patternsOf(agent)).toHaveLength(2);
  });
});
