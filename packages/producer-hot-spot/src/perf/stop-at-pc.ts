/**
 * Makes one thread stand at one instruction: a one-shot execute breakpoint on that thread, whose sample sends it
 * SIGURG. A tracer stops it there; without one nothing happens. Harmless whoever dies meanwhile.
 */
import type {
  LinuxHost,
  PerfArming,
  PerfRequest,
  PerfSample,
} from '@extension-events/platform-linux';

/** Where the thread stands, or why it stands elsewhere. */
export interface Landing {
  /** CLOCK_MONOTONIC. */
  readonly timeNs: number;
  readonly isAtPc: boolean;
  readonly note: string | undefined;
}

/** What to stop and what to do then. */
export interface StopAtPc {
  readonly tid: number;
  /** `undefined`: there is no user instruction to wait at. */
  readonly pc: bigint | undefined;
  /** Said about standing at the pc, when there is something to say. */
  readonly note?: string;
  /** Called once, inside the callback of the sample, so that whoever asks about the signal finds the post. */
  landed(landing: Landing): void;
  /** It could not be stopped, or not in time. */
  gaveUp(): void;
}

/** Ways to try, in this order, and for how long. */
export interface StopLimits {
  readonly breakpointMs: number;
  readonly nextSampleMs: number;
}

const usualLimits: StopLimits = { breakpointMs: 1000, nextSampleMs: 10_000 };
// Of the thread's CPU time: soon, and yet past the kernel's own way out.
const nextSampleNs = 1_000_000;

const notes = {
  noSlot: 'no debug register is free on the thread: it stands at its next sample instead',
  notReached: 'the hot instruction was not reached within 1 s: the thread stands at its next sample instead',
  noPc: 'no instruction of the program to stop at: the thread stands at its next sample instead',
  refused: 'the breakpoint was refused: the thread stands at its next sample instead',
} as const; // prettier-ignore

/** Stops once, at the pc or at the next sample; disposing calls it off. */
export function stopAtPc(
  perf: LinuxHost['perf'],
  stop: StopAtPc,
  limits: StopLimits = usualLimits,
): Disposable {
  let open: PerfArming | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const close = (): void => {
    clearTimeout(timer);
    open?.[Symbol.dispose]();
    open = undefined;
  };
  const attempt = (
    request: Pick<PerfRequest, 'event' | 'rate'>,
    landing: Omit<Landing, 'timeNs'>,
    limitMs: number,
    missed: () => void,
  ): void => {
    let isMine = true;
    const onSample = ({ timeNs }: PerfSample): void => {
      // Switched on again by somebody else, it would go on sampling.
      if (isOver || !isMine) return;
      isOver = true;
      clearTimeout(timer);
      stop.landed({ timeNs, ...landing });
      setImmediate(close); // not inside its own callback
    };
    open = perf.open({ ...request, tid: stop.tid, signalsThread: true, isUrgent: true, onSample });
    timer = setTimeout(() => {
      // It may have come in the last moment: what is in the rings decides.
      perf.drain();
      if (isOver) return;
      isMine = false;
      close();
      missed();
    }, limitMs);
    timer.unref();
  };
  const giveUp = (): void => {
    if (isOver) return;
    isOver = true;
    close();
    stop.gaveUp();
  };
  const atNextSample = (note: string): void => {
    try {
      const request = {
        event: { type: 'software', event: 'task-clock' },
        rate: { period: nextSampleNs },
      } as const;
      attempt(request, { isAtPc: false, note }, limits.nextSampleMs, giveUp);
    } catch {
      giveUp(); // the thread has ended
    }
  };
  const atPc = (address: bigint): void => {
    try {
      const request = {
        event: { type: 'breakpoint', access: 'execute', address, lengthBytes: 8 },
        rate: { period: 1 },
      } as const;
      attempt(request, { isAtPc: true, note: stop.note }, limits.breakpointMs, () => atNextSample(notes.notReached));
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code === 'EE_PERF_NO_THREAD') giveUp();
      else atNextSample(code === 'EE_PERF_NO_SLOT' ? notes.noSlot : notes.refused);
    }
  }; // prettier-ignore
  if (stop.pc === undefined) atNextSample(notes.noPc);
  else atPc(stop.pc);
  return {
    [Symbol.dispose]: () => {
      isOver = true;
      close();
    },
  };
}
