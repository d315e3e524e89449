import { errnoName } from '../native/native.ts';
import type { Native } from '../native/native.ts';
import { defaultAttrBytes, encodeAttr, readAttrSize } from './attr.ts';
import type { PerfAttr } from './attr.ts';
import { perfIoctl, perfType, readBit } from './constants.ts';
import { dummyConfig } from './event-spec.ts';

/** Counters that may be read together with another one. */
export const maxGroupMembers = 16;

/** What this kernel has, found by trying. */
export interface PerfFeatures {
  /** A read tells how many samples were lost (Linux 6.0). */
  readonly hasLost: boolean;
  /** Threads inherit events and new processes do not (Linux 5.13). */
  readonly hasInheritThread: boolean;
}

/** A counter with its times, as read(2) gives it. */
export interface RawCount {
  readonly value: bigint;
  readonly enabledNs: number;
  readonly runningNs: number;
  readonly lost: number;
}

/** Opens and reads descriptors of perf events. */
export class PerfOpener {
  readonly native: Native;
  readonly features: PerfFeatures;
  readonly readFormat: number;
  readonly #count = new BigUint64Array(4);
  readonly #groupCount = new BigUint64Array(3 + 2 * (1 + maxGroupMembers));
  readonly #word = new BigUint64Array(1);
  #attrBytes = defaultAttrBytes;

  constructor(native: Native) {
    this.native = native;
    this.features = {
      hasLost: this.#canOpen({ readFormat: readBit.lost }),
      hasInheritThread: this.#canOpen({ flags: ['inherit', 'inheritThread', 'excludeKernel'] }),
    };
    this.readFormat = readBit.enabled | readBit.running | (this.features.hasLost ? readBit.lost : 0); // prettier-ignore
  }

  #canOpen(part: Partial<PerfAttr>): boolean {
    const attr = {
      type: perfType.software,
      config: dummyConfig,
      flags: ['excludeKernel'] as const,
    };
    const fd = this.open({ ...attr, ...part }, 0, -1);
    if (fd >= 0) this.native.close(fd);
    return fd >= 0;
  }

  /**
   * Opens an event on a thread (0: this one; -1: all), on one CPU or (-1) wherever it runs.
   *
   * @param leader - descriptor of the event whose group it joins; -1: of none
   * @returns the descriptor, `-errno` when refused
   */
  open(attr: PerfAttr, tid: number, cpu: number, leader = -1): number {
    const bytes = encodeAttr(attr, this.#attrBytes);
    const result = this.native.perfEventOpen(bytes, tid, cpu, leader);
    const known = readAttrSize(bytes);
    if (result >= 0 || errnoName(result) !== 'E2BIG' || known >= this.#attrBytes || known === 0) {
      return result;
    }
    this.#attrBytes = known;
    return this.native.perfEventOpen(encodeAttr(attr, known), tid, cpu, leader);
  }

  /** The number that the event's records carry. */
  readId(fd: number): number {
    const result = this.native.ioctl(fd, perfIoctl.id, this.#word);
    return result < 0 ? result : Number(this.#word[0]);
  }

  setPeriod(fd: number, period: number): number {
    this.#word[0] = BigInt(period);
    return this.native.ioctl(fd, perfIoctl.period, this.#word);
  }

  /** @param isLeader - it was opened with a group: what is told is its own */
  readCount(fd: number, isLeader = false): RawCount {
    if (isLeader) return this.#readLeader(fd);
    const result = this.native.read(fd, this.#count);
    if (result <= 0) return { value: 0n, enabledNs: 0, runningNs: 0, lost: 0 };
    const [value = 0n, enabled, running, lost] = this.#count;
    return {
      value,
      enabledNs: Number(enabled),
      runningNs: Number(running),
      lost: this.features.hasLost ? Number(lost) : 0,
    };
  }
  // u64 count of counters, enabled, running; then value, [lost] of each, the leader first.
  #readLeader(fd: number): RawCount {
    const words = this.#groupCount;
    if (this.native.read(fd, words) <= 0) return { value: 0n, enabledNs: 0, runningNs: 0, lost: 0 };
    const [, enabled, running, value = 0n, lost] = words;
    return {
      value,
      enabledNs: Number(enabled),
      runningNs: Number(running),
      lost: this.features.hasLost ? Number(lost) : 0,
    };
  }
}
