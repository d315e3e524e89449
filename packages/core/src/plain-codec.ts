/** The codec as plain loops: the reference for the generated one, and its stand-in. */
import type { PayloadCodec } from './codec.ts';
import { integerLimits } from './integers.ts';
import type { BodyLayout, Slot } from './layout.ts';
import type { RingData } from './ring.ts';
import { byteLength, writeText } from './text.ts';
import type { AnyPayload } from './types.ts';

function fits(slot: Slot, value: unknown): boolean {
  switch (slot.type) {
    case 'bool':
      return typeof value === 'boolean';
    case 'f32':
    case 'f64':
      return typeof value === 'number';
    case 'u64':
      return typeof value === 'bigint' && BigInt.asUintN(64, value) === value;
    case 'i64':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
    case 'string':
    case 'stack':
      return typeof value === 'string';
    case 'bytes':
      return value instanceof Uint8Array;
    case 'u8':
    case 'u16':
    case 'u32':
    case 'i8':
    case 'i16':
    case 'i32': {
      const [low, high] = integerLimits[slot.type] ?? [0, 0];
      return Number.isInteger(value) && Number(value) >= low && Number(value) <= high;
    }
    default:
      return slot.type satisfies never;
  }
}

/** What is wrong with a payload, in words. */
export function explainPayload({ slots }: BodyLayout, payload: AnyPayload): string | undefined {
  if (typeof payload !== 'object' || payload === null)
    return `the payload is ${String(payload)}, not an object`;
  for (const slot of slots) {
    const value = payload[slot.name];
    if (value === undefined && slot.optional) continue;
    if (!fits(slot, value)) return `field ${slot.name} takes ${slot.type}, not ${describe(value)}`;
  }
  const known = new Set(slots.map((slot) => slot.name));
  const unknown = Object.keys(payload).find((key) => !known.has(key));
  return unknown === undefined ? undefined : `there is no field ${unknown}`;
}

function describe(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint'
    ? `${typeof value} ${value}`
    : value === null
      ? 'null'
      : typeof value;
}

/** Makes the codec where code generation is disallowed. */
export function createPlainCodec(layout: BodyLayout): PayloadCodec {
  return {
    explain: (payload) => explainPayload(layout, payload),
    measure: (payload) => measure(layout, payload),
    write: (payload, data, at, limit) => write(layout, payload, data, at, limit),
    // Measured all the same: plain loops have nothing to gain.
    writeAtOnce: (payload, data, at, limit) => {
      const bytes = measure(layout, payload);
      return bytes < 0 || at + bytes > limit ? -1 : write(layout, payload, data, at, limit);
    },
    snapshot: (payload) => snapshot(layout, payload),
  };
}

function measure(layout: BodyLayout, payload: AnyPayload): number {
  if (explainPayload(layout, payload) !== undefined) return -1;
  let bytes = layout.fixedBytes;
  for (const { name, isText } of layout.slots) {
    const value = payload[name];
    if (isText && typeof value === 'string') bytes += value.length * 3;
    else if (isText && value instanceof Uint8Array) bytes += byteLength(value);
  }
  return bytes;
}

function write(
  layout: BodyLayout,
  payload: AnyPayload,
  data: RingData,
  at: number,
  limit: number,
): number {
  let end = at + layout.fixedBytes;
  let present = 0;
  for (const slot of layout.slots) {
    const value = payload[slot.name];
    if (value === undefined && slot.optional) continue;
    if (slot.optional) present |= 1 << slot.bit;
    const place = at + slot.offset;
    if (slot.isText) end = writeText(data, value as string, place, end, limit);
    else if (typeof value === 'bigint') data.u64[place >> 3] = BigInt.asUintN(64, value);
    else writeNumber(data, slot, place, Number(value));
  }
  data.u32[(at >> 2) - 1] = present;
  return end;
}

function writeNumber(data: RingData, { type }: Slot, place: number, value: number): void {
  if (type === 'f64') data.f64[place >> 3] = value;
  else if (type === 'f32') data.f32[place >> 2] = value;
  else if (type.endsWith('32')) data.u32[place >> 2] = value;
  else if (type.endsWith('16')) data.u16[place >> 1] = value;
  else data.u8[place] = value;
}

function snapshot({ slots }: BodyLayout, payload: AnyPayload): AnyPayload {
  const copy: Record<string, AnyPayload[string]> = {};
  for (const { name, optional } of slots) {
    const value = payload[name];
    if (value === undefined && optional) continue;
    copy[name] = value instanceof Uint8Array ? new Uint8Array(value) : value;
  }
  return copy;
}
