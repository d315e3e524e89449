import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJson } from './json.ts';
import { ndjsonFormat } from './ndjson-format.ts';
import { eventShape, lossShape, summaryShape } from './shapes.ts';
import { anyItem, makeItem } from './testing/items.ts';

const format = ndjsonFormat();

describe('NDJSON', () => {
  it('writes any event as the one line that the shape stands for', () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const line = format.event(item);
        expect(line).toBe(`${toJson(eventShape(item))}\n`);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        const { event, payload, pid, seq, stack, tid, timestampNs } = item;
        expect(JSON.parse(line)).toEqual({
          v: 1,
          event,
          pid,
          tid,
          timestampNs: timestampNs + 0,
          seq,
          payload: Object.fromEntries(Object.entries(payload).map(([k, v]) => [k, inJson(v)])),
          ...(stack === undefined ? {} : { stack }),
        });
      }),
    );
  });

  it('writes losses and the account as lines of their own', () => {
    const loss = { pid: 7, tid: 8, count: 3, reason: 'ring-full', pattern: 'net.*' } as const;
    const summary = { matched: 6, delivered: 2, lost: 3, throttled: 1 };
    expect(format.begin()).toBe('');
    expect(JSON.parse(format.loss(loss))).toEqual(lossShape(loss));
    expect(JSON.parse(format.end(summary))).toEqual(summaryShape(summary));
    expect(format.end(undefined)).toBe('');
  });

  it('keeps a name that JSON objects treat in a way of their own', () => {
    const payload = JSON.parse('{"__proto__":1}') as { n: number };
    expect(format.event(makeItem({ payload }))).toContain('"payload":{"__proto__":1}');
  });
});

function inJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  return value;
}
