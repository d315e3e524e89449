import { sampleBit } from './constants.ts';
import type { ChainEntry, PerfContent, PerfSample } from './session-types.ts';

/**
 * A sample record, written by the kernel (perf_output_sample in kernel/events/core.c) in this order:
 *
 *     0 u32 type, u16 misc, u16 size     8 u64 identifier    16 u64 ip
 *     24 u32 pid, u32 tid                32 u64 time         40 u64 address, if asked for
 *     read: u64 value, enabled, running, [lost]              callchain: u64 count, u64 × count
 *       of a group: u64 count, enabled, running, (value, [lost]) × count, the event itself first
 *     raw: u32 size, bytes               user registers: u64 abi, u64 × count unless abi is 0
 *     user stack: u64 size, bytes, u64 filled unless size is 0
 *
 * To add a part: its bit in `sampleTypeOf`, its place in `decode`, its getter.
 */
const commonBytes = 40;
/** Markers in a call chain, PERF_CONTEXT_*: the entries that follow are the kernel's or the user's. */
const contextUser = 0xff_ff_fe_00;
const contextMax = 0xff_ff_f0_01;

/** What {@link createSampleDecoder} has to know besides what samples contain. */
export interface SampleLayout {
  /** Registers in a sample; see `userRegisterMask`. */
  readonly registerCount?: number;
  /** Does a read end with the count of lost samples (Linux 6.0)? */
  readonly hasLost?: boolean;
}

/** Decodes samples of one layout into one object, again and again. */
export interface SampleDecoder {
  /** What was decoded last. Valid until the next call. */
  readonly sample: PerfSample;
  /**
   * Decodes the record at an offset. The view must contain `sizeBytes` from there.
   *
   * @returns whether the parts fill the record exactly; if not, it is no sample of this layout, and
   * {@link SampleDecoder.sample} is not to be used
   */
  decode(view: DataView, offset: number, sizeBytes: number): boolean;
}

/** perf_event_attr.sample_type for what a sample is to contain, without the common part. */
export function sampleTypeOf(content: PerfContent): number {
  return (
    (content.address === true ? sampleBit.address : 0) |
    (content.read === true || membersOf(content) > 0 ? sampleBit.read : 0) |
    (content.callchain === true ? sampleBit.callchain : 0) |
    (content.raw === true ? sampleBit.raw : 0) |
    (content.userRegisters === true ? sampleBit.registersUser : 0) |
    ((content.userStackBytes ?? 0) > 0 ? sampleBit.stackUser : 0)
  );
}

function membersOf({ group = [] }: PerfContent): number {
  return group.length;
}

/** The user registers that the kernel can give: all but the segments on x86-64, x0 to pc on arm64. */
export function userRegisterMask(arch: string): bigint {
  return arch === 'arm64' ? (1n << 33n) - 1n : 0xff_0f_ffn;
}

/** A decoder for samples that contain this. Pure: it reads the bytes that it is given and nothing else. */
export function createSampleDecoder(
  content: PerfContent,
  layout: SampleLayout = {},
): SampleDecoder {
  return new Decoder(sampleTypeOf(content), layout, membersOf(content));
}

class Decoder implements SampleDecoder, PerfSample {
  readonly sample: PerfSample = this;
  pid = 0;
  tid = 0;
  timeNs = 0;
  isKernel = false;
  pc = 0;

  readonly #type: number;
  readonly #registerBytes: number;
  /** Bytes of a counter in a read. */
  readonly #valueBytes: number;
  /** Counters beside the event itself; 0: it is no group. */
  readonly #members: number;
  #view: DataView = new DataView(new ArrayBuffer(commonBytes));
  #offset = 0;
  #readAt = 0;
  #chainAt = 0;
  #chainCount = 0;
  #rawAt = 0;
  #rawBytes = 0;
  #registersAt = 0;
  #registersEnd = 0;
  #stackAt = 0;
  #stackBytes = 0;

  constructor(type: number, { registerCount = 20, hasLost = true }: SampleLayout, members: number) {
    this.#type = type;
    this.#registerBytes = registerCount * 8;
    this.#valueBytes = hasLost ? 16 : 8;
    this.#members = members;
  }

  decode(view: DataView, offset: number, sizeBytes: number): boolean {
    if (sizeBytes < commonBytes) return false;
    this.#view = view;
    this.#offset = offset;
    this.isKernel = (view.getUint16(offset + 4, true) & 7) === 1;
    this.pc = view.getUint32(offset + 16, true) + view.getUint32(offset + 20, true) * 4_294_967_296;
    this.pid = view.getUint32(offset + 24, true);
    this.tid = view.getUint32(offset + 28, true);
    this.timeNs = view.getUint32(offset + 32, true) + view.getUint32(offset + 36, true) * 4_294_967_296; // prettier-ignore
    const end = offset + sizeBytes;
    if (this.#type === 0) return sizeBytes === commonBytes;
    return this.#walk(view, offset + commonBytes, end) === end;
  }

  /** Notes where each part begins; returns where the last one ends, or -1 when one does not fit. */
  #walk(view: DataView, from: number, end: number): number {
    const type = this.#type;
    let at = from;
    if ((type & sampleBit.address) !== 0) at += 8;
    if ((type & sampleBit.read) !== 0) {
      this.#readAt = at;
      at = this.#walkRead(view, at, end);
      if (at < 0) return -1;
    }
    if ((type & sampleBit.callchain) !== 0) {
      const count = readLength(view, at, end);
      if (count < 0 || count > (end - at - 8) / 8) return -1;
      this.#chainAt = at + 8;
      this.#chainCount = count;
      at += 8 + count * 8;
    }
    if ((type & sampleBit.raw) !== 0) {
      if (at + 4 > end) return -1;
      this.#rawAt = at + 4;
      this.#rawBytes = view.getUint32(at, true);
      at += 4 + this.#rawBytes;
    }
    if ((type & sampleBit.registersUser) !== 0) {
      const abi = readLength(view, at, end);
      if (abi < 0 || abi > 2) return -1;
      this.#registersAt = at + 8;
      at += 8 + (abi === 0 ? 0 : this.#registerBytes);
      this.#registersEnd = at;
    }
    if ((type & sampleBit.stackUser) !== 0) at = this.#walkStack(view, at, end);
    return at > end ? -1 : at;
  }

  #walkRead(view: DataView, at: number, end: number): number {
    if (this.#members === 0) return at + 16 + this.#valueBytes;
    if (readLength(view, at, end) !== this.#members + 1) return -1;
    return at + 24 + (this.#members + 1) * this.#valueBytes;
  }

  #walkStack(view: DataView, at: number, end: number): number {
    const bytes = readLength(view, at, end);
    this.#stackAt = at + 8;
    this.#stackBytes = 0;
    if (bytes <= 0) return bytes === 0 ? at + 8 : -1;
    const filled = readLength(view, at + 8 + bytes, end);
    if (filled < 0 || filled > bytes) return -1;
    this.#stackBytes = filled;
    return at + 16 + bytes;
  }

  get pcBig(): bigint {
    return this.#view.getBigUint64(this.#offset + 16, true);
  }

  get address(): bigint {
    return (this.#type & sampleBit.address) === 0 ? 0n : this.#view.getBigUint64(this.#offset + commonBytes, true); // prettier-ignore
  }

  get count(): PerfSample['count'] {
    if ((this.#type & sampleBit.read) === 0) return { value: 0n, enabledNs: 0, runningNs: 0 };
    const valueAt = this.#readAt + (this.#members === 0 ? 0 : 24);
    return {
      value: this.#view.getBigUint64(valueAt, true),
      enabledNs: Number(this.#view.getBigUint64(this.#readAt + 8, true)),
      runningNs: Number(this.#view.getBigUint64(this.#readAt + 16, true)),
    };
  }

  groupValues(): readonly bigint[] {
    const first = this.#readAt + 24 + this.#valueBytes;
    return Array.from({ length: this.#members }, (_, i) =>
      this.#view.getBigUint64(first + i * this.#valueBytes, true),
    );
  }

  callchain(): ChainEntry[] {
    const chain: ChainEntry[] = [];
    if ((this.#type & sampleBit.callchain) === 0) return chain;
    let { isKernel } = this;
    const end = this.#chainAt + this.#chainCount * 8;
    for (let at = this.#chainAt; at < end; at += 8) {
      const low = this.#view.getUint32(at, true);
      const isContext = low >= contextMax && this.#view.getUint32(at + 4, true) === 0xff_ff_ff_ff;
      if (isContext) isKernel = low > contextUser;
      else chain.push({ address: this.#view.getBigUint64(at, true), isKernel });
    }
    return chain;
  }

  userRegisters(): readonly bigint[] {
    const registers: bigint[] = [];
    if ((this.#type & sampleBit.registersUser) === 0) return registers;
    for (let at = this.#registersAt; at < this.#registersEnd; at += 8) registers.push(this.#view.getBigUint64(at, true)); // prettier-ignore
    return registers;
  }

  userStack(): Uint8Array {
    if ((this.#type & sampleBit.stackUser) === 0) return new Uint8Array(0);
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#stackAt, this.#stackBytes); // prettier-ignore
  }

  raw(): DataView {
    if ((this.#type & sampleBit.raw) === 0) return new DataView(new ArrayBuffer(0));
    return new DataView(this.#view.buffer, this.#view.byteOffset + this.#rawAt, this.#rawBytes);
  }
}

/** A u64 that says how much follows: -1 when it does not fit, or is more than any record holds. */
function readLength(view: DataView, at: number, end: number): number {
  if (at + 8 > end || view.getUint32(at + 4, true) !== 0) return -1;
  const length = view.getUint32(at, true);
  return length > 0xff_ff ? -1 : length;
}
