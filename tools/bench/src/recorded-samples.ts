/**
 * Samples of a real program as the kernel lays them out, twice: as the memory of a ring, for our
 * decoder, and as a perf.data file, for `perf script`. A record is: u32 type, u16 misc, u16 size; u64
 * identifier, ip; u32 pid, tid; u64 time; and with call chains u64 count and so many u64 addresses.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { openLinuxHost } from '@extension-events/platform-linux';

/** One sample, as it was taken. */
export interface TakenSample {
  readonly pid: number;
  readonly tid: number;
  readonly timeNs: number;
  readonly isKernel: boolean;
  readonly pc: bigint;
  readonly chain: readonly { readonly address: bigint; readonly isKernel: boolean }[];
}

const sampleRecord = 9;
const contextKernel = 0xffff_ffff_ffff_ff80n;
const contextUser = 0xffff_ffff_ffff_fe00n;
const pageBytes = 4096;
const identifier = 7n;

/** Samples a running process until there are enough. */
export async function takeSamples(pid: number, count: number): Promise<TakenSample[]> {
  using host = await openLinuxHost(pid);
  const taken: TakenSample[] = [];
  using arming = host.perf.open({
    event: { type: 'software', event: 'task-clock' },
    rate: { frequencyHz: 4999 },
    callchain: true,
    includesKernel: true,
    onSample: (sample) => {
      const { tid, timeNs, isKernel, pcBig: pc } = sample;
      taken.push({ pid: sample.pid, tid, timeNs, isKernel, pc, chain: sample.callchain() });
    },
  });
  while (taken.length < count && arming.read().value >= 0n) await delay(50);
  return taken.slice(0, count);
}

/** Writes one sample; returns where the next begins. */
function encode(view: DataView, at: number, sample: TakenSample, hasChain: boolean): number {
  const words: bigint[] = [];
  let isKernel: boolean | undefined;
  for (const entry of hasChain ? sample.chain : []) {
    if (entry.isKernel !== isKernel) words.push(entry.isKernel ? contextKernel : contextUser);
    isKernel = entry.isKernel;
    words.push(entry.address);
  }
  const size = 40 + (hasChain ? 8 + 8 * words.length : 0);
  view.setUint32(at, sampleRecord, true);
  view.setUint16(at + 4, sample.isKernel ? 1 : 2, true);
  view.setUint16(at + 6, size, true);
  view.setBigUint64(at + 8, identifier, true);
  view.setBigUint64(at + 16, sample.pc, true);
  view.setUint32(at + 24, sample.pid, true);
  view.setUint32(at + 28, sample.tid, true);
  view.setBigUint64(at + 32, BigInt(sample.timeNs), true);
  if (hasChain) {
    view.setBigUint64(at + 40, BigInt(words.length), true);
    for (const [i, word] of words.entries()) view.setBigUint64(at + 48 + 8 * i, word, true);
  }
  return at + size;
}

/** Records one after the other, the samples again and again, until there are so many. */
export function encodeRecords(samples: readonly TakenSample[], count: number, hasChain: boolean): Uint8Array {
  const longest = Math.max(...samples.map(({ chain }) => chain.length)) + 2;
  const bytes = new Uint8Array(count * (40 + (hasChain ? 8 + 8 * longest : 0)));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (let i = 0; i < count; i++) {
    at = encode(view, at, samples[i % samples.length] as TakenSample, hasChain);
  }
  return bytes.subarray(0, at);
} // prettier-ignore

/** The memory of a ring that holds these records, beginning in its middle so that one wraps. */
export function makeRing(records: Uint8Array): ArrayBuffer {
  let dataBytes = pageBytes;
  while (dataBytes < records.length) dataBytes *= 2;
  const memory = new ArrayBuffer(pageBytes + dataBytes);
  const start = dataBytes / 2 + 8;
  const data = new Uint8Array(memory, pageBytes);
  data.set(records.subarray(0, dataBytes - start), start);
  if (records.length > dataBytes - start) data.set(records.subarray(dataBytes - start));
  const [head, tail] = [start + records.length, start];
  new BigUint64Array(memory, 1024, 4).set([head, tail, pageBytes, dataBytes].map(BigInt));
  return memory;
}

const section = (from: number, size: number): [bigint, bigint] => [BigInt(from), BigInt(size)];

/** A perf.data file with these records, as tools/perf/Documentation/perf.data-file-format.txt has it. */
export function makePerfData(records: Uint8Array, hasChain: boolean): Uint8Array {
  const [headerBytes, idBytes, attrBytes, sectionBytes] = [104, 8, 112, 16];
  const attrAt = headerBytes + idBytes;
  const dataAt = attrAt + attrBytes + sectionBytes;
  const file = new Uint8Array(dataAt + records.length);
  const view = new DataView(file.buffer);
  const put = (at: number, ...words: bigint[]): void => {
    for (const [i, word] of words.entries()) view.setBigUint64(at + 8 * i, word, true);
  };
  file.set(Buffer.from('PERFILE2'));
  put(8, BigInt(headerBytes), BigInt(attrBytes + sectionBytes));
  put(24, ...section(attrAt, attrBytes + sectionBytes), ...section(dataAt, records.length));
  put(headerBytes, identifier);
  // perf_event_attr: u32 type (software), u32 size, u64 config (task-clock), period, sample_type.
  view.setUint32(attrAt, 1, true);
  view.setUint32(attrAt + 4, attrBytes, true);
  put(attrAt + 8, 1n, 1_000_000n, BigInt(65_536 | 1 | 2 | 4 | (hasChain ? 32 : 0)));
  put(attrAt + 40, 1n << 18n); // sample_id_all
  put(attrAt + attrBytes, ...section(headerBytes, idBytes));
  file.set(records, dataAt);
  return file;
}
