import fc from 'fast-check';
import type { EventTypeDescriptor, FieldValue } from '@extension-events/core';
import type { EventItem } from '@extension-events/session';
import type { FormatSettings } from '../format.ts';

/** An event of process 7, thread 8. */
export function makeItem(change: Partial<EventItem> = {}): EventItem {
  return {
    kind: 'event',
    event: 'net.send',
    pid: 7,
    tid: 8,
    threadId: 0,
    timestampNs: 1_000_000_001,
    seq: 1,
    payload: {},
    ...change,
  };
}

/** Text that wants to harm a terminal, a line or a parser. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('\u001B[2J', '\u009B31m', '\r\n', '"}]\n', '\\', '\u2028', '\u202E', '\uD800', '__proto__', '</script>', '\u0000', '# ', ','), // prettier-ignore
);

const value: fc.Arbitrary<FieldValue> = fc.oneof(
  hostileText,
  fc.double(),
  fc.boolean(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.uint8Array({ maxLength: 40 }),
);

/** Any event that could come from anywhere. */
export const anyItem: fc.Arbitrary<EventItem> = fc
  .record({
    event: hostileText,
    pid: fc.integer({ min: 1, max: 2 ** 22 }),
    tid: fc.integer({ min: 1, max: 2 ** 22 }),
    timestampNs: fc.double({ min: 0, max: 2 ** 52, noNaN: true }),
    seq: fc.nat(),
    payload: fc.dictionary(hostileText, value, { maxKeys: 5, noNullPrototype: false }),
    stack: fc.option(fc.array(hostileText, { maxLength: 3 }), { nil: undefined }),
  })
  .map(({ stack, ...item }) => makeItem({ ...item, ...(stack === undefined ? {} : { stack }) }));

/** Settings of a format that knows some names. */
export function settings(
  types: readonly Pick<EventTypeDescriptor, 'name' | 'fields'>[] = [],
  name: string = 'main',
): FormatSettings {
  return {
    names: {
      processName: () => name,
      threadName: () => name,
      descriptor: (_pid, event) => {
        const found = types.find((type) => type.name === event);
        return found && { kind: 'filtered', description: '', ...found };
      },
    },
    paint: (_style, text) => text,
    isTerminal: false,
  };
}
