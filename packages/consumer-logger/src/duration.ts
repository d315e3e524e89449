import type { EventTypeDescriptor } from '@extension-events/core';
import type { EventItem } from '@extension-events/session';

const nsPerUnit: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };
const nsPerEnding: Readonly<Record<string, number>> = { Ns: 1, Us: 1e3, Ms: 1e6, S: 1e9 };

/**
 * How long the thing took that an event tells the end of: its field `duration…`, in the unit of the
 * descriptor, or else of its name (`durationMs`).
 */
export function durationNs(
  { payload }: Pick<EventItem, 'payload'>,
  descriptor: EventTypeDescriptor | undefined,
): number | undefined {
  for (const name in payload) {
    const ending = /^duration(Ns|Us|Ms|S)?$/.exec(name)?.[1];
    if (ending === undefined && name !== 'duration') continue;
    const unit = descriptor?.fields[name]?.unit;
    const scale = (unit === undefined ? undefined : nsPerUnit[unit]) ?? nsPerEnding[ending ?? ''];
    const value = payload[name];
    if (scale === undefined || (typeof value !== 'number' && typeof value !== 'bigint')) continue;
    const ns = Number(value) * scale;
    if (Number.isFinite(ns) && ns >= 0) return ns;
  }
  return undefined;
}
