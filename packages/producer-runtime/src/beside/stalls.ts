import type { V8Host, V8Thread } from '@extension-events/platform-v8';
import type { EventLoopStallPayload } from '../types.ts';
import { type BesideArming, ThreadArmings } from './armings.ts';
import type { Places } from './places.ts';
import { StallJudge } from './stall-judge.ts';
import { type Stall, ThreadPulse } from './thread-pulse.ts';

/** What `event-loop.stall` and `event-loop.recovered` are armed with. */
export interface StallRequest {
  readonly thresholdMs: number;
}

type StallArming = BesideArming<EventLoopStallPayload, StallRequest>;

/** The stalls of all threads: one heartbeat for each thread, whoever listens. */
export class Stalls implements Disposable {
  readonly stalled: ThreadArmings<StallArming>;
  readonly recovered: ThreadArmings<StallArming>;
  readonly #places: Places;
  readonly #pulses: WeakMap<V8Thread, ThreadPulse> = new WeakMap();

  constructor(host: V8Host, places: Places) {
    this.#places = places;
    this.stalled = new ThreadArmings(host, (thread, arming) => this.#watch(thread, arming, 'stalled'));
    this.recovered = new ThreadArmings(host, (thread, arming) => this.#watch(thread, arming, 'recovered'));
  } // prettier-ignore

  #watch(
    thread: V8Thread,
    arming: StallArming,
    what: 'stalled' | 'recovered',
  ): Promise<Disposable> {
    let pulse = this.#pulses.get(thread);
    if (pulse === undefined) this.#pulses.set(thread, (pulse = new ThreadPulse(thread, this.#places))); // prettier-ignore
    const { thresholdMs } = arming.request;
    const judge = new StallJudge(thresholdMs, arming.isStop);
    const post = (stall: Stall): void => arming.post(toPayload(stall), thread.subject);
    return pulse.add({ thresholdMs, judge, [what]: post });
  }

  [Symbol.dispose](): void {
    this.stalled[Symbol.dispose]();
    this.recovered[Symbol.dispose]();
  }
}

function toPayload({
  durationMs,
  state,
  cpuMs,
  count,
  isAfter,
  place,
}: Stall): EventLoopStallPayload {
  return {
    durationMs,
    state,
    ...(cpuMs === undefined ? {} : { cpuMs }),
    count,
    ...(isAfter ? { isAfter } : {}),
    ...place,
  };
}
