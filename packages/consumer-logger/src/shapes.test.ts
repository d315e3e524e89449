import { describe, expect, it } from 'vitest';
import { toJson } from './json.ts';
import { eventShape, lossShape, summaryShape } from './shapes.ts';

describe('the shapes of NDJSON', () => {
  it('write numbers beyond 2^53 as text and bytes as base64', () => {
    const item = { kind: 'event', event: 'a.b', pid: 1, tid: 2, threadId: 0, timestampNs: 5, seq: 1, payload: { n: 2n ** 63n, body: new Uint8Array([1, 2]), bad: NaN }, armId: 9 } as const; // prettier-ignore
    expect(toJson(eventShape(item))).toBe('{"v":1,"event":"a.b","pid":1,"tid":2,"timestampNs":5,"seq":1,"payload":{"n":"9223372036854775808","body":"AQI=","bad":null}}'); // prettier-ignore
    expect(toJson(eventShape({ ...item, payload: {}, stack: ['f'] }))).toMatch(/"payload":\{\},"stack":\["f"\]\}$/); // prettier-ignore
  });

  it('end with a summary', () => {
    expect(toJson(summaryShape({ throttled: 4, lost: 3, delivered: 2, matched: 9 }))).toBe('{"v":1,"summary":{"matched":9,"delivered":2,"lost":3,"throttled":4}}'); // prettier-ignore
  });

  it('tell losses where they are', () => {
    expect(toJson(lossShape({ pid: 1, tid: 2, count: 3, reason: 'ring-full', pattern: 'a.*' }))).toBe('{"v":1,"loss":{"pid":1,"tid":2,"count":3,"reason":"ring-full","pattern":"a.*"}}'); // prettier-ignore
    expect(toJson(lossShape({ pid: 1, tid: 2, count: 3, reason: 'slow-output' }))).toBe('{"v":1,"loss":{"pid":1,"tid":2,"count":3,"reason":"slow-output"}}'); // prettier-ignore
  });
});
