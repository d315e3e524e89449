import { openLinuxHost, type PerfSession } from '@extension-events/platform-linux';
import { type Counter, namedCounters } from './counters.ts';
import { openCounter } from './open-counter.ts';
import type { CounterInfo } from './types.ts';

/**
 * Every named counter, and whether this machine has it for this user: found by opening each on this
 * process's main thread, for an instant. Loads koffi; raw counters are beyond listing.
 *
 * @throws ExtensionEventError `EE_LINUX_PLATFORM`, `EE_LINUX_NATIVE`
 */
export async function listCounters(): Promise<CounterInfo[]> {
  using host = await openLinuxHost(process.pid);
  return describeCounters(host.perf, process.pid);
}

/** What can be counted on one thread. */
export function describeCounters(perf: PerfSession, tid: number): CounterInfo[] {
  const tried = namedCounters.map((counter) => ({ counter, refusal: tryCounter(perf, counter, tid) }));
  const present = new Set(tried.filter(({ refusal }) => !refusal).map(({ counter }) => counter.name));
  return tried.map(({ counter, refusal }) => {
    const { name, kind, unit, defaultPeriod, substitutes } = counter;
    const common = { name, kind, unit, defaultPeriod };
    if (refusal === undefined) return { ...common, ok: true };
    const substitute = substitutes.find((each) => present.has(each));
    const why = { ok: false, code: refusal.code, reason: refusal.message } as const;
    return { ...common, ...why, ...(substitute !== undefined && { substitute }) };
  });
} // prettier-ignore

function tryCounter(perf: PerfSession, counter: Counter, tid: number): { code: string; message: string } | undefined {
  try {
    openCounter(perf, counter, { tid, rate: { period: counter.defaultPeriod }, isUrgent: false, onSample: () => {} })[Symbol.dispose]();
    return undefined;
  } catch (error) {
    const { code = 'EE_PERFMON_COUNTER_ABSENT', message } = error as { code?: string; message: string };
    return { code, message };
  }
} // prettier-ignore
