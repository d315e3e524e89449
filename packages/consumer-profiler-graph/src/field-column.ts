import type { FieldValue } from '@extension-events/core';
import type { RawRecord, RecordType } from '@extension-events/session';

type Reader = ReturnType<RecordType['field']>;

/** Reads one field of records of any types, in which it may be missing. */
export class FieldColumn {
  readonly #field: string;
  readonly #event: string | undefined;
  #type: RecordType | undefined;
  #reader: Reader;
  /** As the first type has it that has the field. */
  unit: string | undefined;

  /** @param event - only of events of this name */
  constructor(field: string, event?: string) {
    this.#field = field;
    this.#event = event;
  }

  read({ at, type, view }: RawRecord): FieldValue | undefined {
    if (type !== this.#type) {
      this.#type = type;
      const isMeant = this.#event === undefined || this.#event === type.name;
      this.#reader = isMeant ? type.field(this.#field) : undefined;
      if (isMeant) this.unit ??= type.descriptor.fields[this.#field]?.unit;
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
