/** The codec as plain loops: the reference for the generated one, and its stand-in. */
import { writeText } from './codec.ts';
import type { BodyLayout, Slot } from './layout.ts';
import type { RingData } from './ring.ts';
import type { AnyPayload } from './types.ts';

const limits: Readonly<Record<string, readonly [number, number]>> = {
  u8: [0, 255], u16: [0, 65_535], u32: [0, 4_294_967_295],
  i8: [-128, 127], i16: [-32_768, 32_767], i32: [-2_147_483_648, 2_147_483_647],
}; // prettier-ignore

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
      const [low, high] = limits[slot.type] ?? [0, 0];
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

export function plainMeasure(layout: BodyLayout, payload: AnyPayload): number {
  if (explainPayload(layout, payload) !== undefined) return -1;
  let bytes = layout.fixedBytes;
  for (const { name, isText } of layout.slots) {
    const value = payload[name];
    if (isText && typeof value === 'string') bytes += value.length * 3;
    else if (isText && value instanceof Uint8Array) bytes += value.length;
  }
  return bytes;
}

export function plainWrite(
  layout: BodyLayout,
  payload: AnyPayload,
  data: RingData,
  at: number,
): number {
  let end = at + layout.fixedBytes;
  let present = 0;
  for (const slot of layout.slots) {
    const value = payload[slot.name];
    if (value === undefined) continue;
    if (slot.optional) present |= 1 << slot.bit;
    const place = at + slot.offset;
    if (typeof value === 'string' || value instanceof Uint8Array)
      end = writeText(data, value, place, end);
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

export function plainSnapshot({ slots }: BodyLayout, payload: AnyPayload): AnyPayload {
  return Object.fromEntries(
    slots.flatMap(({ name }) => {
      const value = payload[name];
      return value === undefined
        ? []
        : [[name, value instanceof Uint8Array ? value.slice() : value]];
    }),
  );
}
