import { monotonicNs } from '@extension-events/core';
import { captureStacks, startRollingProfile } from '@extension-events/platform-v8';
import type {
  InterruptStack,
  ProfileWindow,
  RollingProfile,
  V8Thread,
} from '@extension-events/platform-v8';
import { CpuUse } from './cpu-use.ts';
import { decodeWindow, dropWaiting } from './decode.ts';
import type { Interval, Sample } from './internal-types.ts';
import { PlaceTable } from './places.ts';

/** A window of one thread, ready to be judged. */
export interface SampledWindow {
  readonly profile: ProfileWindow;
  /** Busy samples, in order. */
  readonly samples: readonly Sample[];
}

/** Takes the windows of a thread, one at a time. */
export type WindowSink = (window: SampledWindow) => Promise<void>;

// Below a tenth of a core nothing is hot; a thread must stay nearly idle for a while before its profile ends, since
// a new one would know less about its code.
const busyShare = 0.1;
const idleShare = 0.03;
const idleAfterNs = 10e9;
const rollMs = 250;
// In native code each interrupt waits for its end; a few are enough then.
const maxInterruptMs = 100;
const maxRounds = 4;
const maxHeldBack = 8;
const maxIntervals = 64;
// The agent hears of a pause some milliseconds after it began.
const heldMarginNs = 5e6;

/**
 * The one file that touches the inspector: samples one thread while it uses CPU.
 *
 * The first profile on a thread takes it 7 to 20 ms (V8 lists its code), each roll well under one.
 */
export class ThreadSampler implements Disposable {
  readonly places: PlaceTable = new PlaceTable();
  readonly thread: V8Thread;
  readonly #sink: WindowSink;
  readonly #gate: CpuUse;
  readonly #windowUse: CpuUse;
  readonly #holding: Disposable;
  #frequencyHz = 0;
  #profile: Promise<RollingProfile | undefined> | undefined;
  #profiledHz = 0;
  #idleSinceNs: number | undefined;
  #held: Interval[] = [];
  #heldBack: ProfileWindow[] = [];
  #work: Promise<void> = Promise.resolve();
  #isDisposed = false;

  constructor(thread: V8Thread, nowNs: number, sink: WindowSink) {
    this.thread = thread;
    this.#sink = sink;
    this.#gate = new CpuUse(thread.subject.tid, nowNs);
    this.#windowUse = new CpuUse(thread.subject.tid, nowNs);
    this.#holding = thread.onHeld((fromNs, toNs) => {
      this.#held.push({ fromNs: fromNs - heldMarginNs, toNs: toNs + heldMarginNs });
      if (this.#held.length > maxIntervals) this.#held.shift();
      this.#flush();
    });
  }

  /** Samples per second while the thread is busy; 0 stops. */
  setFrequency(frequencyHz: number): void {
    this.#frequencyHz = frequencyHz;
    if (frequencyHz === 0) this.#stop();
    // A higher rate needs a new profile; a lower one is left to the listeners, who thin out.
    else if (this.#profile !== undefined && frequencyHz > this.#profiledHz) this.#start();
  }

  /** Looks at the thread's use of CPU and starts or ends its profile. */
  look(nowNs: number): void {
    const share = this.#gate.look(nowNs) ?? 1;
    if (this.#frequencyHz === 0 || this.#isDisposed) return;
    if (share >= busyShare && this.#profile === undefined) this.#start();
    if (share >= idleShare) this.#idleSinceNs = undefined;
    else this.#idleSinceNs ??= nowNs;
    if (this.#idleSinceNs !== undefined && nowNs - this.#idleSinceNs > idleAfterNs) this.#stop();
  }

  /** Interrupts the thread; none while a debugger holds it, since it then stands still. */
  async interrupt(count: number, everyMs: number): Promise<InterruptStack[]> {
    if (this.thread.isHeld) return [];
    const stacks: InterruptStack[] = [];
    // A thread that is busy only partly answers most interrupts from its event loop, on an empty stack.
    for (let round = 0; round < maxRounds; round++) {
      const some = await captureStacks(this.thread.session, count, everyMs, maxInterruptMs).catch(
        () => [],
      );
      stacks.push(...some);
      if (some.length === 0 || stacks.filter(({ frames }) => frames.length > 0).length * 2 > count)
        break;
    }
    return stacks.filter(
      ({ timestampNs }) =>
        !this.thread.isHeld &&
        !this.#held.some(({ fromNs, toNs }) => timestampNs >= fromNs && timestampNs <= toNs),
    );
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#holding[Symbol.dispose]();
    this.#stop();
  }

  #start(): void {
    const frequencyHz = this.#frequencyHz;
    const before = this.#profile;
    this.#profiledHz = frequencyHz;
    this.#idleSinceNs = undefined;
    this.#profile = this.#replace(before, frequencyHz);
  }

  async #replace(
    before: Promise<RollingProfile | undefined> | undefined,
    frequencyHz: number,
  ): Promise<RollingProfile | undefined> {
    await (await before)?.stop();
    try {
      const profile = await startRollingProfile(
        this.thread.session,
        { frequencyHz, rollMs },
        (window) => {
          this.#heldBack.push(window);
          this.#flush();
        },
      );
      this.#windowUse.look(monotonicNs()); // from here on it is about sampled time
      return profile;
    } catch {
      return undefined; // the thread has ended
    }
  }

  #stop(): void {
    const before = this.#profile;
    this.#profile = undefined;
    this.#idleSinceNs = undefined;
    void before?.then((profile) => profile?.stop());
  }

  // How long a pause lasted is known when it is over. Until then windows wait; all but the first few lie
  // within the pause.
  #flush(): void {
    if (this.thread.isHeld) {
      this.#heldBack = this.#heldBack.slice(0, maxHeldBack);
      return;
    }
    const windows = this.#heldBack;
    this.#heldBack = [];
    for (const window of windows) {
      const samples = this.#decode(window);
      this.#work = this.#work
        .then(() => (this.#isDisposed ? undefined : this.#sink({ profile: window, samples })))
        // A window that cannot be judged is lost; a rejection would end the agent's thread.
        .catch(() => undefined);
    }
  }

  #decode(window: ProfileWindow): Sample[] {
    const samples = decodeWindow(window, this.places, this.#held);
    const share = this.#windowUse.look(window.toNs);
    return share === undefined ? samples : dropWaiting(samples, share, window.samples.length);
  }
}
