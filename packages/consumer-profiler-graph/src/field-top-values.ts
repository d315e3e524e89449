import type { FieldValue } from '@extension-events/core';
import type { RawRecord } from '@extension-events/session';
import type { Aggregate } from './aggregate.ts';
import { FieldColumn } from './field-column.ts';
import type { TopValues } from './graph-types.ts';
import { type CountedValue, HeavyHitters } from './heavy-hitters.ts';
import type { Span } from './span.ts';
import { TimeSlices } from './time-slices.ts';

/** Longer texts are counted by their beginning and their length. */
const maxText = 200;
const maxBytes = 64;

/** The most frequent values of a field, by time. */
export class FieldTopValues implements Aggregate {
  readonly sinceMs: number;
  version = 0;
  readonly #field: string;
  readonly #column: FieldColumn;
  readonly #slices: TimeSlices<HeavyHitters> = new TimeSlices(() => new HeavyHitters());

  constructor(field: string, event: string | undefined, sinceMs: number) {
    this.#field = field;
    this.#column = new FieldColumn(field, event);
    this.sinceMs = sinceMs;
  }

  add(record: RawRecord, timeMs: number): void {
    const read = this.#column.read(record);
    if (read === undefined) return;
    const value = toCounted(read);
    this.version++;
    const open = this.#slices.open(timeMs);
    if (open === undefined) this.#slices.at(timeMs, (slice) => slice.add(value));
    else open.add(value);
  }

  topValues(limit: number, span?: Span): TopValues {
    const sum = this.#slices.sum(span);
    return {
      field: this.#field,
      count: sum.count,
      values: sum
        .top(limit)
        .map(({ value, count, error }) => ({ value: String(value), count, error })),
      sinceMs: this.sinceMs,
    };
  }
}

function toCounted(value: FieldValue): CountedValue {
  if (typeof value === 'string') return value.length <= maxText ? value : shorten(value);
  if (!(value instanceof Uint8Array)) return value;
  const hex = Buffer.from(value.subarray(0, maxBytes)).toString('hex');
  return value.length <= maxBytes ? hex : `${hex}… (${value.length} bytes)`;
}

// A slice of a string keeps all of it in memory: what is kept is copied.
function shorten(text: string): string {
  return Buffer.from(`${text.slice(0, maxText)}… (${text.length} characters)`).toString();
}
