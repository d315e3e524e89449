// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the generated case
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventItem, RecordBatch } from '@extension-events/session';
import { GraphClock } from './clock.ts';
import type { Incident, IncidentGap } from './graph-types.ts';
import { readIncidents } from './incidents.ts';
import { IncidentNumbers, IncidentTail } from './incident-tail.ts';

let decoded = 0;

function batch(first: number, count: number): RecordBatch {
  const items = (skip = 0): EventItem[] => {
    decoded += count - skip;
    return Array.from({ length: count }, (_, i) => ({ kind: 'event', event: 'a', pid: 1, tid: 1, threadId: 0, timestampNs: (first + i) * 1e6, seq: first + i, payload: {} }) as const).slice(skip); // prettier-ignore
  };
  return { kind: 'records', pid: 1, count, items } as unknown as RecordBatch;
}

const loss = { kind: 'loss', pid: 1, tid: 1, threadId: 0, count: 3, reason: 'ring-full' } as const;
const start = (limit: number): IncidentTail => new IncidentTail(limit, new GraphClock(), new IncidentNumbers(), () => 'main'); // prettier-ignore
const numbers = (items: readonly (Incident | IncidentGap)[]): number[] => items.map(({ number }) => number); // prettier-ignore

describe('the newest incidents', () => {
  it('are the last ones of all batches and gaps in their order, however often somebody looks', () => {
    const step = fc.oneof(
      fc.record({ count: fc.integer({ min: 1, max: 30 }) }),
      fc.constant('loss' as const),
      fc.constant('look' as const),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 50 }),
        (steps, limit) => {
          const tail = start(limit);
          const all: { number: number; kind: string }[] = [];
          for (const one of steps) {
            if (one === 'look') {
              expect(numbers(tail.items)).toEqual(numbers(all.slice(-limit) as Incident[]));
            } else if (one === 'loss') {
              tail.lose(loss);
              all.push({ number: all.length + 1, kind: 'loss' });
            } else {
              tail.add(batch(all.length + 1, one.count));
              for (let i = 0; i < one.count; i++)
                all.push({ number: all.length + 1, kind: 'event' });
            }
            const some = Math.max(1, limit >> 1);
            expect(numbers(tail.newest(some))).toEqual(numbers(all.slice(-some) as Incident[]));
          }
          expect(tail.items.map(({ kind, number }) => ({ kind, number }))).toEqual(
            all.slice(-limit).map(({ kind, number }) => ({ kind, number })),
          );
        },
      ),
    );
  });

  it('are decoded when somebody looks, and no others', () => {
    decoded = 0;
    const tail = start(100);
    for (let i = 0; i < 1000; i++) tail.add(batch(i * 50, 50));
    expect(decoded).toBe(0);
    expect(tail.items).toHaveLength(100);
    expect(decoded).toBe(100);
  });

  it('of a range have their gaps with them', () => {
    const tail = start(100);
    tail.add(batch(1, 3));
    tail.lose(loss);
    tail.add(batch(4, 3));
    const [first] = tail.items;
    const fromMs = (first as Incident).timeMs;
    const read = (range: { fromMs: number; toMs: number }) =>
      numbers(readIncidents(tail, { limit: 10, range, nowMs: 0, captured: undefined }));
    expect(read({ fromMs: fromMs + 1.5, toMs: fromMs + 3.5 })).toEqual([3, 4, 5]);
    expect(read({ fromMs: 0, toMs: fromMs - 1 })).toEqual([]);
  });
});
