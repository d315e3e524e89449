import type { LinuxHost, PerfArming, PerfRequest } from '@extension-events/platform-linux';

/** Samples of CPU time, and whether time in the kernel is among them. */
export interface TaskClock {
  readonly arming: PerfArming;
  readonly includesKernel: boolean;
}

/**
 * Samples the CPU time of threads, with call chains. Time in the kernel is included where that is permitted.
 *
 * @throws whatever `perf.open` throws, `EE_PERF_PERMISSION` for one
 */
export function openTaskClock(
  perf: LinuxHost['perf'],
  request: Omit<PerfRequest, 'event' | 'callchain' | 'includesKernel'>,
): TaskClock {
  const event = { type: 'software', event: 'task-clock' } as const;
  const open = (includesKernel: boolean): TaskClock => ({
    arming: perf.open({ ...request, event, callchain: true, includesKernel }),
    includesKernel,
  });
  try {
    return open(true);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EE_PERF_PERMISSION') throw error;
    return open(false);
  }
}
