import type { EventTypeDescriptor, FieldValue } from '@extension-events/core';
import type { EventItem } from '@extension-events/session';
import { paint } from './output.ts';

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
    const unit =
      field?.unit === undefined || field.unit === '1' || field.unit.startsWith('{')
        ? ''
        : ` ${field.unit}`;
    return [`${paint('dim', `${name}=`)}${formatValue(value)}${unit}`];
  });
  const head = `${paint('dim', formatTime(item.timestampNs))} ${threadName} ${paint('bold', item.event)}`;
  const stack = (item.stack ?? []).map((frame) => `\n    at ${frame}`).join('');
  return `${head} ${fields.join(' ')}${stack}`.trimEnd();
}

function formatValue(value: FieldValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && !Number.isInteger(value))
    return String(Number(value.toPrecision(4)));
  return value instanceof Uint8Array
    ? `0x${Buffer.from(value.subarray(0, 32)).toString('hex')}`
    : String(value);
}

function formatTime(timestampNs: number): string {
  const ms = offsetMs + timestampNs / 1e6;
  const micros = String(Math.floor((ms % 1) * 1000)).padStart(3, '0');
  const date = new Date(ms);
  return `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, '0')}${micros}`;
}
