import { shapeVersion } from '../shapes.ts';
import type { TopPicture } from './row.ts';

/** One document of `top --json`. */
export function topShape({ heard, lost, processes, refusals, rows, timeMs }: TopPicture): object {
  return {
    v: shapeVersion,
    timeMs,
    heard,
    processes,
    events: rows.map(({ event, isOthers = false, minute, number, perSecond, top, total }) => ({
      name: event,
      perSecond,
      total,
      lastMinute: minute.reduce((sum, count) => sum + count, 0),
      heardByOthers: isOthers,
      ...(number !== undefined && {
        number: {
          field: number.field,
          unit: number.unit ?? null,
          p50: number.p50,
          p99: number.p99,
        },
      }),
      ...(top !== undefined && { top }),
    })),
    lost,
    refusals,
  };
}
