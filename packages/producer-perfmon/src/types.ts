import type { Arming, Producer, Registry, Support } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';
import type { CounterKind } from './counters.ts';
import type { ResourceName } from './resources.ts';

/** What a `perfmon.overflow` event carries. */
export type PerfmonOverflowPayload = {
  readonly counter: string;
  readonly count: number;
  readonly rawCount: number;
  readonly period: number;
  readonly enabledNs: number;
  readonly runningNs: number;
  readonly isScaled: boolean;
  readonly values?: string;
  readonly rawValues?: string;
  readonly pc: bigint;
  readonly symbol?: string;
  readonly module?: string;
  readonly stack: string;
};

/** What a `perfmon.threshold` event carries. */
export type PerfmonThresholdPayload = {
  readonly resource: ResourceName;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  readonly note?: string;
};

/** What a listener asks `perfmon.overflow` for, defaults filled in. */
export type OverflowRequest = {
  readonly counter: string;
  readonly period?: number;
  /** Names of other counters, with commas between them. */
  readonly with?: string;
  readonly kernel: boolean;
};

/** What a listener asks `perfmon.threshold` for, defaults filled in. */
export type ThresholdRequest = {
  readonly resource: ResourceName;
  readonly above: number;
  readonly everyMs: number;
};

/** Both sources see their armings so; the registry has checked them against the descriptors. */
export type OverflowArming = Arming<PerfmonOverflowPayload, OverflowRequest>;
export type ThresholdArming = Arming<PerfmonThresholdPayload, ThresholdRequest>;

/** The producer of `perfmon.overflow` and `perfmon.threshold`. */
export interface PerfmonProducer extends Producer<LinuxHost> {
  readonly placement: 'host';
  isSupported(): Support;
  start(registry: Registry, host: LinuxHost): Disposable;
}

/** One counter, and whether this machine has it for whoever asks. */
export interface CounterInfo {
  readonly name: string;
  readonly kind: CounterKind;
  /** `ns` of clocks, else `1`. */
  readonly unit: 'ns' | '1';
  /** Counts between two posts unless a request says otherwise. */
  readonly defaultPeriod: number;
  /** It is there and may be counted. */
  readonly ok: boolean;
  /** Of a counter that is not ok: the code that arming it fails with. */
  readonly code?: string;
  /** Of a counter that is not ok: why. */
  readonly reason?: string;
  /** Of a counter that is not ok: the nearest that is, when there is one. */
  readonly substitute?: string;
}
