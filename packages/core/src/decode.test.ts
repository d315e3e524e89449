import { expect, test } from 'vitest';
import { createDecoder, walkRecords } from './decode.ts';
import { recordHeaderBytes, recordKind } from './ring.ts';
import type { EventTypeDescriptor } from './types.ts';

const descriptor: EventTypeDescriptor = {
  name: 'test.said',
  kind: 'filtered',
  description: 'A record with one text.',
  fields: { text: { type: 'string' } },
};

/** Records with one text each, as bytes: the layout of ring.ts, written by hand. */
function recordsOf(texts: readonly Uint8Array[]): Uint8Array {
  const records = texts.map((text) => {
    const record = new Uint8Array((recordHeaderBytes + 4 + text.length + 7) & ~7);
    const view = new DataView(record.buffer);
    view.setUint32(0, record.length, true);
    view.setUint8(6, recordKind.event);
    view.setUint32(recordHeaderBytes, text.length, true);
    record.set(text, recordHeaderBytes + 4);
    return record;
  });
  return new Uint8Array(Buffer.concat(records));
}

function decode(texts: readonly Uint8Array[]): unknown[] {
  const decoder = createDecoder(descriptor);
  const decoded: unknown[] = [];
  const bytes = recordsOf(texts);
  const end = walkRecords(bytes, (view, at) => decoded.push(decoder(view, at).payload['text']));
  expect(end).toBe(bytes.length);
  return decoded;
}

const utf8 = new TextEncoder();

test('texts that come again, change, or change by one character are read as they were written', () => {
  const texts = [
    'a.example',
    'a.example',
    'b.example',
    'b.exampl',
    '',
    '',
    'b.example',
    'b.examplf',
  ];
  expect(decode(texts.map((text) => utf8.encode(text)))).toEqual(texts);
});

test('a text whose bytes are the character codes of the one before is another text', () => {
  // é is the bytes C3 A9; Ã and © have just these codes.
  const texts = ['Ã©', 'é', 'Ã©', 'é'];
  expect(decode(texts.map((text) => utf8.encode(text)))).toEqual(texts);
});

test('bytes that are no text become replacement characters, each time', () => {
  const broken = Uint8Array.of(0xff, 0xe9);
  expect(decode([broken, broken, utf8.encode('ok')])).toEqual([
    '\uFFFD\uFFFD',
    '\uFFFD\uFFFD',
    'ok',
  ]);
});

test('long texts and texts beyond ASCII are read as they were written', () => {
  const texts = ['x'.repeat(5000), 'x'.repeat(5000), 'größer 🙂', 'größer 🙂', 'größer 🙃'];
  expect(decode(texts.map((text) => utf8.encode(text)))).toEqual(texts);
});

test('a text that goes beyond its record is refused', () => {
  const bytes = recordsOf([utf8.encode('short')]);
  new DataView(bytes.buffer).setUint32(recordHeaderBytes, 1000, true);
  const decoder = createDecoder(descriptor);
  expect(() => walkRecords(bytes, decoder)).toThrow(RangeError);
});
