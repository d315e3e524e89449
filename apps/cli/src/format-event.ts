import type { EventTypeDescriptor, FieldValue } from '@extension-events/core';
import type { EventItem } from '@extension-events/session';
import { paint } from './colour.ts';
import { makePrintable } from './printable.ts';

const shownBytes = 32;

// Wall-clock time of a CLOCK_MONOTONIC time stamp.
const offsetMs = Date.now() - Number(process.hrtime.bigint()) / 1e6;

/** `12:34:56.789012 main net.send len=13 By peer="p13"`; fields in the order of the descriptor. */
export function formatEvent(
  item: EventItem,
  descriptor: EventTypeDescriptor | undefined,
  threadName: string,
): string {
  const names =
    descriptor === undefined ? Object.keys(item.payload) : Object.keys(descriptor.fields);
  const fields = names.flatMap((name) => {
    const value = item.payload[name];
    const field = descriptor?.fields[name];
    if (value === undefined || value === '' || field?.type === 'stack') return [];
    if (field?.detail === true) return [];
    return [
      ` ${paint('dim', `${name}=`)}${formatValue(value, field?.base)}${formatUnit(field?.unit)}`,
    ];
  });
  const stack = (item.stack ?? []).map((frame) => `\n    at ${makePrintable(frame)}`);
  const time = paint('dim', formatTime(item.timestampNs));
  const name = paint('bold', makePrintable(item.event));
  return `${time} ${makePrintable(threadName)} ${name}${fields.join('')}${stack.join('')}`;
}

// Counts and shares need no unit to be read.
function formatUnit(unit: string | undefined): string {
  return unit === undefined || unit === '1' || unit.startsWith('{') ? '' : ` ${unit}`;
}

function formatValue(value: FieldValue, base: number | undefined): string {
  if (base === 16 && typeof value !== 'string' && typeof value !== 'boolean')
    return value instanceof Uint8Array ? formatValue(value, undefined) : `0x${value.toString(16)}`;
  if (typeof value === 'string') return makePrintable(JSON.stringify(value));
  if (typeof value === 'number' && !Number.isInteger(value))
    return String(Number(value.toPrecision(4)));
  if (!(value instanceof Uint8Array)) return String(value);
  const hex = Buffer.from(value.subarray(0, shownBytes)).toString('hex');
  return value.length <= shownBytes ? `0x${hex}` : `0x${hex}… (${value.length} bytes)`;
}

function formatTime(timestampNs: number): string {
  const ms = offsetMs + timestampNs / 1e6;
  const date = new Date(ms);
  const millis = String(date.getMilliseconds()).padStart(3, '0');
  const micros = String(Math.floor((ms % 1) * 1000)).padStart(3, '0');
  return `${date.toTimeString().slice(0, 8)}.${millis}${micros}`;
}
