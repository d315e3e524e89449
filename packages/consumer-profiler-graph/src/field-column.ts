import type { FieldValue } from '@extension-events/core';
import type { RawRecord, RecordType } from '@extension-events/session';

type Reader = ReturnType<RecordType['field']>;

/** Reads one field of records of any types, in which it may be missing. */
export class FieldColumn {
  readonly #field: string;
  #type: RecordType | undefined;
  #reader: Reader;
  /** As the first type has it that has the field. */
  unit: string | undefined;

  constructor(field: string) {
    this.#field = field;
  }

  read({ at, type, view }: RawRecord): FieldValue | undefined {
    if (type !== this.#type) {
      this.#type = type;
      this.#reader = type.field(this.#field);
      this.unit ??= type.descriptor.fields[this.#field]?.unit;
    }
    return this.#reader?.(view, at);
  }

  /** As a number; `undefined` when it is none. */
  readNumber(record: RawRecord): number | undefined {
    const value = this.read(record);
    if (typeof value === 'number') return value;
    return typeof value === 'bigint' ? Number(value) : undefined;
  }
}
