/**
 * Decoding what perf wrote: a ring of real samples is read again and again. Each contestant adds up
 * what it read, and the sums are compared with those of the samples themselves.
 */
import assert from 'node:assert/strict';
import { createSampleDecoder, RingReader } from '@extension-events/platform-linux';
import { type Contestant, type ContestOptions, holdContest } from '../contest.ts';
import { encodeRecords, makeRing, takeSamples, type TakenSample } from '../recorded-samples.ts';
import { serve } from '../serve.ts';

// A ring of 4 MiB of plain samples: more than a processor keeps near, as after a busy while.
const recordCount = 100_000;
let contestants: Contestant[] = [];

async function prepare(pid: number): Promise<void> {
  const samples = await takeSamples(pid, 5000);
  contestants = [
    contestant('pc, thread and time', samples, false, false),
    contestant('with the call chain skipped', samples, true, false),
    contestant('with the call chain read', samples, true, true),
    naive('as objects with BigInts', samples),
  ];
}

function sumOf(samples: readonly TakenSample[], sum: (sample: TakenSample) => number): number {
  let total = 0;
  for (let i = 0; i < recordCount; i++) total += sum(samples[i % samples.length] as TakenSample);
  return total;
}

/** Reads the ring whole, as often as it takes. */
function contestant(name: string, samples: readonly TakenSample[], hasChain: boolean, readsChain: boolean): Contestant {
  const memory = makeRing(encodeRecords(samples, recordCount, hasChain));
  const control = new BigUint64Array(memory, 1024, 4);
  const tail = control[1] ?? 0n;
  const reader = new RingReader(memory);
  const decoder = createSampleDecoder({ callchain: hasChain });
  const { sample } = decoder;
  const expected = sumOf(samples, (each) => each.tid + (each.timeNs % 1024) + (readsChain ? each.chain.length : 0) + (Number(each.pc) % 1024));
  const readAll = (): void => {
    control[1] = tail;
    reader.begin();
    let sum = 0;
    let count = 0;
    while (reader.next()) {
      assert.ok(decoder.decode(reader.view, reader.offset, reader.sizeBytes));
      sum += sample.tid + (sample.timeNs % 1024) + (sample.pc % 1024);
      if (readsChain) sum += sample.callchain().length;
      reader.advance();
      count++;
    }
    reader.end();
    assert.equal(count, recordCount);
    assert.equal(sum, expected, name);
  };
  return { name, run: (count) => repeat(count, readAll) };
} // prettier-ignore

/** What one would write first. */
function naive(name: string, samples: readonly TakenSample[]): Contestant {
  const records = encodeRecords(samples, recordCount, false);
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const expected = sumOf(samples, (each) => each.tid + (each.timeNs % 1024) + Number(each.pc % 1024n)); // prettier-ignore
  // Handed on, as to a callback: otherwise V8 sees that nobody needs the objects.
  const handed: object[] = [];
  const readAll = (): void => {
    let sum = 0;
    handed.length = 0;
    for (let at = 0; at < records.length; at += view.getUint16(at + 6, true)) {
      const sample = {
        id: view.getBigUint64(at + 8, true),
        pc: view.getBigUint64(at + 16, true),
        pid: view.getUint32(at + 24, true),
        tid: view.getUint32(at + 28, true),
        timeNs: view.getBigUint64(at + 32, true),
      };
      handed.push(sample);
      sum += sample.tid + Number(sample.timeNs % 1024n) + Number(sample.pc % 1024n);
    }
    assert.equal(sum, expected, name);
  };
  return { name, run: (count) => repeat(count, readAll) };
}

const repeat = (count: number, readAll: () => void): void => {
  for (let left = count; left > 0; left -= recordCount) readAll();
};

serve({ prepare, contest: (options: ContestOptions) => holdContest(contestants, options) });
