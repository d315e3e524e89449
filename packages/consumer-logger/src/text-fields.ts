import type { EventTypeDescriptor, FieldValue } from '@extension-events/core';
import type { EventItem } from '@extension-events/session';
import type { Paint } from './format.ts';
import { makePrintable, quote } from './printable.ts';

const shownBytes = 32;

/** ` len=13 By peer="p13"`: what people read of a payload, in the order of the descriptor. */
export function formatFields(
  { payload }: Pick<EventItem, 'payload'>,
  descriptor: EventTypeDescriptor | undefined,
  paint: Paint,
): string {
  const names = descriptor === undefined ? Object.keys(payload) : Object.keys(descriptor.fields);
  const fields = names.map((name) => {
    const value = payload[name];
    const field = descriptor?.fields[name];
    if (value === undefined || value === '' || field?.type === 'stack') return '';
    if (field?.detail === true) return '';
    return ` ${paint('dim', `${makePrintable(name)}=`)}${formatValue(value, field?.base)}${formatUnit(field?.unit)}`;
  });
  return fields.join('');
}

/** The frames of a stack, each on a line of its own. */
export function formatStack(stack: readonly string[] = []): string {
  return stack.map((frame) => `\n    at ${makePrintable(frame)}`).join('');
}

// Counts and shares need no unit to be read.
function formatUnit(unit: string | undefined): string {
  return unit === undefined || unit === '1' || unit.startsWith('{')
    ? ''
    : ` ${makePrintable(unit)}`;
}

function formatValue(value: FieldValue, base: number | undefined): string {
  if (base === 16 && typeof value !== 'string' && typeof value !== 'boolean')
    return value instanceof Uint8Array ? formatValue(value, undefined) : `0x${value.toString(16)}`;
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' && !Number.isInteger(value))
    return String(Number(value.toPrecision(4)));
  if (!(value instanceof Uint8Array)) return String(value);
  const hex = Buffer.from(value.subarray(0, shownBytes)).toString('hex');
  return value.length <= shownBytes ? `0x${hex}` : `0x${hex}… (${value.length} bytes)`;
}
