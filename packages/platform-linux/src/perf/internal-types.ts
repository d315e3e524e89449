import type { PerfRequestArming } from './arming.ts';
import type { Ring } from './rings.ts';

/** One descriptor: an event on one thread, wherever it runs or on one CPU. */
export interface OpenEvent {
  readonly fd: number;
  readonly id: number;
  /** -1: of every process. */
  readonly tid: number;
  readonly ring: Ring;
  /** Descriptors of the counters that are read together with it. */
  readonly members: readonly number[];
  readonly arming: PerfRequestArming;
  /** Samples that were already told as lost. */
  lost: number;
  /** Off before it is enabled; a one-shot event also after its sample. */
  isOn: boolean;
}
