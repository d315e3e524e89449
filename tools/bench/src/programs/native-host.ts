/**
 * A host as it watches native threads: the hot-spot producer over perf samples. What it costs is the
 * processor time of this process.
 */
import { getRegistry, monotonicNs } from '@extension-events/core';
import { openLinuxHost } from '@extension-events/platform-linux';
import type { LinuxHost, PerfArming, PerfRequest } from '@extension-events/platform-linux';
import { producer } from '@extension-events/producer-hot-spot/host';
import { takeSamples } from '../recorded-samples.ts';
import { serve } from '../serve.ts';

const registry = getRegistry();
let host: (LinuxHost & Disposable) | undefined;
let running: Disposable | undefined;
let tap: ReturnType<typeof registry.tap> | undefined;
let samples = 0;

async function open(pid: number): Promise<void> {
  host = await openLinuxHost(pid);
  // Counts what the producer is given.
  const { perf } = host;
  const counting: LinuxHost = {
    ...host,
    threads: host.threads,
    perf: {
      rearm: (tid) => perf.rearm(tid),
      drain: () => perf.drain(),
      settle: () => perf.settle(),
      open: (request) =>
        perf.open({
          ...request,
          onSample: (sample) => {
            samples++;
            request.onSample(sample);
          },
        }),
    },
  };
  running = producer.start(registry, counting);
}

/** Arms a hot spot that is never reached, so that nothing but the counting is measured. */
function arm(request: Record<string, number | string>): void {
  let refusal: unknown;
  const onFailure = (_name: string, error: unknown): void => void (refusal = error);
  tap = registry.tap({ mode: 'probe', pattern: 'hot-spot', request, onFailure });
  if (refusal !== undefined) throw refusal;
}

function disarm(): void {
  if (tap !== undefined) registry.untap(tap);
  tap = undefined;
}

function progress(): { samples: number; cpuMs: number; wallMs: number } {
  const { user, system } = process.cpuUsage();
  return { samples, cpuMs: (user + system) / 1000, wallMs: performance.now() };
}

const readNothing = (): ReturnType<PerfArming['read']> => ({
  value: 0n,
  enabledNs: 0,
  runningNs: 0,
});

/**
 * Gives the producer real samples of 16 threads as fast as it takes them, and returns what each cost, in
 * microseconds, once V8 has optimized: what a machine comes to that has many samples.
 */
async function replay(pid: number): Promise<number> {
  const taken = await takeSamples(pid, 1000);
  if (host === undefined) throw new Error('open comes first');
  running?.[Symbol.dispose]();
  let request: PerfRequest | undefined;
  const openFake = (asked: PerfRequest): PerfArming => {
    request = asked;
    return { read: readNothing, setPeriod: () => undefined, [Symbol.dispose]: () => undefined };
  };
  const perf = {
    open: openFake,
    rearm: () => undefined,
    drain: () => undefined,
    settle: () => undefined,
  };
  running = producer.start(registry, { ...host, perf });
  arm({ hits: 1_000_000, frequencyHz: 997 });
  const empty = { address: 0n, count: { value: 0n, enabledNs: 0, runningNs: 0 }, groupValues: () => [], userRegisters: () => [], userStack: () => new Uint8Array(), raw: () => new DataView(new ArrayBuffer(0)) }; // prettier-ignore
  const given = taken.map(({ chain, pc, ...rest }) => ({ ...empty, ...rest, pc: Number(pc), pcBig: pc, callchain: () => [...chain] })); // prettier-ignore
  let timeNs = monotonicNs();
  let cpuMs = 0;
  const rounds = 300;
  for (let round = -rounds; round < rounds; round++) {
    if (round === 0) cpuMs = progress().cpuMs;
    for (const sample of given) request?.onSample({ ...sample, timeNs: (timeNs += 1e9 / (16 * 997)) }); // prettier-ignore
    await Promise.resolve();
  }
  const tookMs = progress().cpuMs - cpuMs;
  disarm();
  return (tookMs * 1000) / (rounds * given.length);
}

/** Counts page faults one by one in a ring of one page, while this thread looks away. */
async function overflow(pid: number): Promise<void> {
  host = await openLinuxHost(pid, { perf: { cpuPages: 1, threadPages: 1 } });
}

let lost = 0;
let faults: ReturnType<LinuxHost['perf']['open']> | undefined;

function armFaults(): void {
  faults = host?.perf.open({
    event: { type: 'software', event: 'page-faults' },
    rate: { period: 1 },
    isUrgent: false,
    onSample: () => void samples++,
    onLost: (count) => void (lost += count),
  });
}

/** What was counted, and what became of it. */
function account(): { counted: number; samples: number; lost: number } {
  host?.perf.drain();
  return { counted: Number(faults?.read().value ?? 0n), samples, lost };
}

/** Looks away for a while: this thread does nothing but wait. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

serve({ open, replay, arm, disarm, progress, overflow, armFaults, account, stall });
process.once('exit', () => {
  disarm();
  running?.[Symbol.dispose]();
  host?.[Symbol.dispose]();
});
