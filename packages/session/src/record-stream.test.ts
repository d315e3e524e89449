import { expect, it } from 'vitest';
import { getRegistry, registerEventType } from '@extension-events/core';
import { createRingBuffer, RingReader, walkRecords } from '@extension-events/core/ring';
import type { ThreadInfo } from '@extension-events/protocol';
import type { EventItem } from './items.ts';
import type { RecordBatch } from './record-batch.ts';
import { RecordStream } from './record-stream.ts';

const main: ThreadInfo = { key: 3, tid: 42, threadId: 0, name: 'main', state: 'running' };

/** The records of what `post` posts, as they travel, and the number of the event type. */
function record(post: () => void, stack?: number): { bytes: Uint8Array; index: number } {
  const registry = getRegistry();
  registry.setRing(createRingBuffer(65_536));
  const tap = registry.tap({
    mode: 'record',
    pattern: 'stream.*',
    slot: 4,
    ...(stack === undefined ? {} : { stack }),
  });
  post();
  const chunks: Uint8Array[] = [];
  let index = 0;
  new RingReader(registry.ring as SharedArrayBuffer).read((run) => chunks.push(run.slice()));
  registry.untap(tap);
  const all = Buffer.concat(chunks);
  const events: Buffer[] = [];
  walkRecords(all, (view, at, size) => {
    if (view.getUint8(at + 6) !== 1) return;
    index = view.getUint16(at + 4, true);
    events.push(all.subarray(at, at + size));
  });
  return { bytes: Buffer.concat(events), index };
}

const type = registerEventType({
  name: 'stream.sample',
  description: 'a sample',
  fields: { n: { type: 'u32' }, text: { type: 'string' }, big: { type: 'i64', optional: true } },
});

function sink(
  slot: number,
  stackFrames = 0,
): {
  slot: number;
  stackFrames: number;
  items: EventItem[];
  takeSeqs: (thread: number, count: number) => number;
  accept: (batch: RecordBatch) => void;
} {
  const items: EventItem[] = [];
  let seq = 0;
  return {
    slot,
    stackFrames,
    items,
    takeSeqs: (_thread, count) => (seq += count) - count + 1,
    accept: (batch) => void items.push(...batch.items()),
  };
}

it('decodes records for the listens that they matched, with the descriptor of the stream', () => {
  const { bytes, index } = record(() => {
    type.post({ n: 1, text: 'grüße' });
    type.post({ n: 2, text: '', big: -5n });
  });
  const stream = new RecordStream(
    99,
    () => main,
    (tid) => ({ tid, threadId: 0 }),
  );
  const mine = sink(4);
  const other = sink(5);
  stream.add(mine);
  stream.add(other);
  stream.define({ thread: 3, index, descriptor: type.descriptor });
  stream.push({ kind: 'records', thread: 3, bytes });
  expect(other.items).toEqual([]);
  expect(mine.items).toMatchObject([
    {
      event: 'stream.sample',
      pid: 99,
      tid: 42,
      threadId: 0,
      seq: 1,
      payload: { n: 1, text: 'grüße' },
    },
    { event: 'stream.sample', seq: 2, payload: { n: 2, text: '', big: -5n } },
  ]);
  expect(mine.items[0]?.timestampNs).toBeGreaterThan(0);
});

it('gives stacks only to the listen that asked for them', () => {
  const { bytes, index } = record(() => type.post({ n: 1, text: 'x' }), 3);
  const stream = new RecordStream(
    99,
    () => main,
    (tid) => ({ tid, threadId: 0 }),
  );
  const plain = sink(4);
  stream.define({ thread: 3, index, descriptor: type.descriptor });
  stream.add(plain);
  stream.push({ kind: 'records', thread: 3, bytes });
  const asking = sink(4, 3);
  stream.add(asking);
  stream.push({ kind: 'records', thread: 3, bytes });
  expect(plain.items[0]).not.toHaveProperty('stack');
  expect(asking.items[0]?.stack?.[0]).toContain('record-stream.test.ts');
});

it('stops reading where bytes stop making sense, and throws nothing away before', () => {
  const { bytes, index } = record(() => type.post({ n: 7, text: 'whole' }));
  const stream = new RecordStream(
    99,
    () => main,
    (tid) => ({ tid, threadId: 0 }),
  );
  const mine = sink(4);
  stream.add(mine);
  stream.define({ thread: 3, index, descriptor: type.descriptor });
  stream.push({
    kind: 'records',
    thread: 3,
    bytes: Buffer.concat([bytes, Buffer.alloc(40, 0xff)]),
  });
  expect(mine.items).toHaveLength(1);
});

it('reads single fields of a batch, with the types of the time at which it came', () => {
  const { bytes, index } = record(() => {
    type.post({ n: 1, text: 'one' });
    type.post({ n: 2, text: 'two', big: 7n });
  });
  const stream = new RecordStream(99, () => main, (tid) => ({ tid, threadId: 0 })); // prettier-ignore
  const batches: RecordBatch[] = [];
  stream.add({ ...sink(4), accept: (batch) => void batches.push(batch) });
  stream.define({ thread: 3, index, descriptor: type.descriptor });
  stream.push({ kind: 'records', thread: 3, bytes });
  const other = { ...type.descriptor, fields: { other: { type: 'f64' } } } as const;
  stream.define({ thread: 3, index, descriptor: other });
  const [batch] = batches;
  const values: unknown[] = [];
  batch?.forEach((one) => {
    values.push(
      ['n', 'text', 'big', 'other'].map((name) => one.type.field(name)?.(one.view, one.at)),
    );
  });
  expect(values).toEqual([
    [1, 'one', undefined, undefined],
    [2, 'two', 7n, undefined],
  ]);
  expect(batch?.items(1)).toMatchObject([{ seq: 2, payload: { n: 2, text: 'two', big: 7n } }]);
  expect(batch?.placed((subject) => ({ ...subject, threadId: 5 })).items()).toMatchObject([{ threadId: 5 }, { threadId: 5 }]); // prettier-ignore
});

it('reads what came before a listen had its answer with the types of its time', () => {
  const { bytes, index } = record(() => type.post({ n: 1, text: 'one' }));
  const stream = new RecordStream(99, () => main, (tid) => ({ tid, threadId: 0 })); // prettier-ignore
  stream.expect();
  stream.expect();
  stream.define({ thread: 3, index, descriptor: type.descriptor });
  stream.push({ kind: 'records', thread: 3, bytes });
  const other = { ...type.descriptor, fields: { n: { type: 'string' }, more: { type: 'string' } } } as const; // prettier-ignore
  stream.define({ thread: 3, index, descriptor: other });
  const late = sink(4);
  stream.add(late);
  expect(late.items).toMatchObject([{ payload: { n: 1, text: 'one' } }]);
});

it('delivers nothing of a frame with a record that is cut off', () => {
  const { bytes, index } = record(() => type.post({ n: 1, text: 'text' }));
  const broken = Uint8Array.from(bytes);
  // The length of the text is the last word of the fixed part; see core's layout.
  const view = new DataView(broken.buffer);
  for (let at = 32; at < broken.length; at += 4)
    if (view.getUint32(at, true) === 4) view.setUint32(at, 4000, true);
  const stream = new RecordStream(99, () => main, (tid) => ({ tid, threadId: 0 })); // prettier-ignore
  const mine = sink(4);
  stream.add(mine);
  stream.define({ thread: 3, index, descriptor: type.descriptor });
  expect(() => stream.push({ kind: 'records', thread: 3, bytes: Buffer.concat([bytes, broken]) })).toThrow(/cut off/); // prettier-ignore
  expect(mine.items).toEqual([]);
});
