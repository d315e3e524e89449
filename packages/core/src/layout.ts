import { ExtensionEventError } from './errors.ts';
import type { FieldType, Fields } from './types.ts';

/** Where a field lies in the body of a record. */
export interface Slot {
  readonly name: string;
  readonly type: FieldType;
  readonly optional: boolean;
  /** Byte offset from the start of the body. Of strings, bytes and stacks: of their u32 length. */
  readonly offset: number;
  readonly isText: boolean;
  /** Bit in the record's presence word. */
  readonly bit: number;
}

/** The fixed part of a record's body; the bytes of strings follow it, in the order of the slots. */
export interface BodyLayout {
  readonly slots: readonly Slot[];
  readonly fixedBytes: number;
}

const sizes: Readonly<Record<FieldType, 1 | 2 | 4 | 8>> = {
  bool: 1, u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, f32: 4,
  u64: 8, i64: 8, f64: 8, string: 4, bytes: 4, stack: 4,
}; // prettier-ignore
const maxFields = 32;

/**
 * Lays fields out by falling size, so that each is aligned to itself and nothing is padded.
 *
 * @throws ExtensionEventError `EE_FIELDS`
 */
export function layOutFields(name: string, fields: Fields): BodyLayout {
  const entries = Object.entries(fields);
  if (entries.length > maxFields) refuse(name, `it has ${entries.length} fields; 32 is the most`);
  const slots: Slot[] = [];
  let offset = 0;
  for (const [i, [field, { type, optional }]] of entries.entries()) {
    // A name that every object inherits could not be told from a field that is missing.
    if (!/^[A-Za-z_]\w{0,63}$/.test(field) || Object.hasOwn(Object.prototype, field))
      refuse(name, `${JSON.stringify(field)} is no field name`);
    if (!Object.hasOwn(sizes, type)) refuse(name, `field ${field} has the unknown type ${type}`);
    slots.push({ name: field, type, optional: optional === true, offset: 0, isText: sizes[type] === 4 && !type.endsWith('32'), bit: i }); // prettier-ignore
  }
  const placed = slots.toSorted((a, b) => sizes[b.type] - sizes[a.type]);
  const offsets = new Map<string, number>();
  for (const slot of placed) {
    offsets.set(slot.name, offset);
    offset += sizes[slot.type];
  }
  return {
    slots: slots.map((slot) => ({ ...slot, offset: offsets.get(slot.name) ?? 0 })),
    fixedBytes: offset,
  };
}

function refuse(name: string, reason: string): never {
  throw new ExtensionEventError(
    'EE_FIELDS',
    `The fields of ${name} are not valid: ${reason}.`,
    'A field is { type, unit?, description?, optional? } under a name of letters, digits and _.',
  );
}
