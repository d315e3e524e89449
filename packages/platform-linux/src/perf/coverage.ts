import type { PerfRequest } from './session-types.ts';

/**
 * How the threads of a request are covered.
 *
 * - `thread`: one thread, its own ring.
 * - `machine`: every process, an event for each CPU.
 * - `inherited`: all threads of the process, an event for each thread and CPU, which threads that are
 *   born later inherit from their first instruction on.
 * - `followed`: all threads, an event for each of them wherever it runs; new threads get theirs when
 *   they are seen. It is for what must be one per thread: the kernel counts each event by itself, so
 *   that an event for each CPU would reach its multiples of N on each of them; and one-shot events
 *   cannot be inherited.
 */
export type Coverage = 'thread' | 'machine' | 'inherited' | 'followed';

/** Chooses the coverage of a request. */
export function chooseCoverage(request: PerfRequest): Coverage {
  if (request.isSystemWide === true) return 'machine';
  if (request.tid !== undefined) return 'thread';
  if (request.signalsThread === true || request.read === true || (request.group ?? []).length > 0) return 'followed'; // prettier-ignore
  // An inherited uprobe makes pthread_create and fork fail in the watched process with EFAULT: the kernel
  // opens it anew there, and reads its path at an address of ours (perf_uprobe_init, kernel/trace/trace_event_perf.c).
  if (request.event.type === 'uprobe') return 'followed';
  return 'period' in request.rate && request.rate.period > 1 ? 'followed' : 'inherited';
}

/** Does the event need rings of its own? See `Rings`. Clocks have timers of their own, and do not. */
export function needsOwnLane({ event }: PerfRequest): boolean {
  return event.type === 'software' && !event.event.endsWith('-clock');
}
