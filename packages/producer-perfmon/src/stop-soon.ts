import type { LinuxHost, PerfArming } from '@extension-events/platform-linux';

/** The shortest that the kernel's timer keeps. */
const soonNs = 10_000;

/**
 * Stops a thread of the process that runs next, or the one that is named, once.
 *
 * A polled value has no instruction that caused it. The thread is stopped by a one-shot sample of
 * its CPU time: after at most 10 µs of running, and not before it runs.
 *
 * @param then - gets the thread that is stopped, CLOCK_MONOTONIC, and what to say about it
 */
export function stopAtNextRun(
  host: LinuxHost,
  tid: number | undefined,
  then: (tid: number, timeNs: number, note: string) => void,
): Disposable {
  let isOver = false;
  let opened: PerfArming | undefined;
  const end = (): void => {
    opened?.[Symbol.dispose]();
    opened = undefined;
  };
  opened = host.perf.open({
    event: { type: 'software', event: 'task-clock' },
    rate: { period: soonNs },
    ...(tid !== undefined && { tid }),
    signalsThread: true,
    onSample: (sample) => {
      // Several threads may have run before the first sample is read.
      if (isOver) return;
      isOver = true;
      then(sample.tid, sample.timeNs, note);
      // Not inside its own callback; switched on again it would stop whatever goes on.
      setImmediate(end);
    },
  });
  return {
    [Symbol.dispose]: () => {
      isOver = true;
      end();
    },
  };
}

const note =
  'polled: the thread stands where it next ran after the look that found the limit passed';
