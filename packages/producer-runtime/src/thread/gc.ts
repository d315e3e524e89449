import { performance, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Arming, Subject } from '@extension-events/core';
import type { GcPausePayload } from '../types.ts';

/** What `gc.pause` is armed with. */
export interface GcRequest {
  readonly minMs: number;
}

// perf_hooks.constants.NODE_PERFORMANCE_GC_*
const kinds: Readonly<Record<number, string>> = {
  1: 'scavenge',
  2: 'minor-mark-sweep',
  4: 'mark-sweep',
  8: 'incremental',
  16: 'weak-callbacks',
};
const forcedFlags = 4 | 16 | 32; // FORCED, ALL_AVAILABLE_GARBAGE, ALL_EXTERNAL_MEMORY

/** Posts `gc.pause` until disposed. Node measures collections only while somebody observes them. */
export function watchGc({ post, request }: Pick<Arming<GcPausePayload, GcRequest>, 'post' | 'request'>, subject: Subject): Disposable {
  const toMonotonicNs = Number(process.hrtime.bigint()) - performance.now() * 1e6;
  const tell = (entry: PerformanceEntry, heapUsedBytes: number): void => {
    const { duration: durationMs, startTime, detail } = entry as PerformanceEntry & { readonly detail?: { readonly kind?: number; readonly flags?: number } }; // prettier-ignore
    if (durationMs < request.minMs) return;
    const kind = kinds[detail?.kind ?? 0] ?? `kind ${detail?.kind}`;
    const isForced = ((detail?.flags ?? 0) & forcedFlags) !== 0;
    post({ kind, durationMs, isForced, heapUsedBytes }, subject, Math.round(startTime * 1e6 + toMonotonicNs)); // prettier-ignore
  };
  const observer = new PerformanceObserver((list) => {
    const { used_heap_size: heapUsedBytes } = getHeapStatistics();
    for (const entry of list.getEntries()) tell(entry, heapUsedBytes);
  });
  observer.observe({ entryTypes: ['gc'] });
  return { [Symbol.dispose]: () => observer.disconnect() };
} // prettier-ignore
