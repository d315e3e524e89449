import type { AnyPayload, EventTypeDescriptor, FieldValue } from '@extension-events/core';
import { textOf } from './gdb-mi.ts';
import { breakpointId } from './gdb-places.ts';
import type { GdbStop } from './gdb-target.ts';
import type { StopCause } from './internal-types.ts';

/** What gdb says of a stop, in the debugger's words. */
export interface NativeStop {
  readonly cause: StopCause;
  readonly notes: readonly string[];
}

/** @param own - numbers of temporary breakpoints that a run to a place has set */
export function describeGdbStop(stop: GdbStop, own: ReadonlySet<string>): NativeStop {
  if (stop.isInterrupt) return { cause: { type: 'pause' }, notes: [] };
  switch (stop.reason) {
    case 'breakpoint-hit': {
      const number = textOf(stop.fields['bkptno']);
      return own.has(number)
        ? { cause: { type: 'step' }, notes: [] }
        : { cause: { type: 'breakpoint', breakpoints: [breakpointId(number)] }, notes: [] };
    }
    case 'end-stepping-range':
    case 'location-reached':
      return { cause: { type: 'step' }, notes: [] };
    case 'function-finished': {
      const value = textOf(stop.fields['return-value']);
      return { cause: { type: 'step' }, notes: value === '' ? [] : [`it returned ${value}`] };
    }
    default: {
      const what = stop.signal === '' ? stop.reason || 'no reason given' : `signal ${stop.signal}`;
      return { cause: { type: 'foreign', reason: what }, notes: [] };
    }
  }
}

/** A payload that came as JSON: 64-bit integers are text there. */
export function revivePayload(
  payload: AnyPayload,
  descriptor: EventTypeDescriptor | undefined,
): AnyPayload {
  const entries = Object.entries(payload).map(([name, value]): [string, FieldValue | undefined] => {
    const type = descriptor?.fields[name]?.type;
    const isWide = type === 'u64' || type === 'i64';
    return [name, isWide && typeof value === 'string' && /^-?\d+$/.test(value) ? BigInt(value) : value]; // prettier-ignore
  });
  return Object.fromEntries(entries);
}
