import type { Arming, Producer, Registry, Support } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';

/** What a debug register of x86-64 can watch for. */
export type Access = 'write' | 'read-write' | 'execute';

/** What an `hw-breakpoint.hit` event carries. */
export type HwBreakpointHitPayload = {
  readonly address: bigint;
  readonly lengthBytes: number;
  readonly access: Access;
  readonly pc: bigint;
  readonly symbol?: string;
  readonly module?: string;
  readonly value?: bigint;
  readonly stack: string;
};

/** What a listener asks for, defaults filled in. */
export type HitRequest = {
  readonly address: string;
  readonly lengthBytes?: number;
  readonly access: Access;
  readonly kernel: boolean;
};

/** The registry has checked it against the descriptor. */
export type HitArming = Arming<HwBreakpointHitPayload, HitRequest>;

/** The producer of `hw-breakpoint.hit`. */
export interface HwBreakpointProducer extends Producer<LinuxHost> {
  readonly placement: 'host';
  isSupported(): Support;
  start(registry: Registry, host: LinuxHost): Disposable;
}

/** A piece of memory that a program has named with `nameMemory`. */
export interface NamedMemory {
  readonly name: string;
  readonly address: bigint;
  readonly lengthBytes: number;
  /** Of a typed array; 0 for plain memory. */
  readonly elementBytes: number;
}
