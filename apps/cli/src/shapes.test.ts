import { describe, expect, it } from 'vitest';
import { toJson } from './output.ts';
import { eventShape, processShape, summaryShape, threadShapes, typeShape } from './shapes.ts';

const entry = {
  pid: 7,
  startTime: 1,
  uid: 0,
  name: 'app.js',
  runtime: 'node 24.21.0',
  agent: 'attached' as const,
  threads: [
    { tid: 7, name: 'MainThread' },
    { tid: 8, name: 'V8Worker' },
  ],
};
const thread = (tid: number, threadId: number, name: string) =>
  ({ key: tid, tid, threadId, name, state: 'running' }) as const;

describe('the shapes of --json', () => {
  it('name threads by the agent where there is one, else as seen from outside', () => {
    expect(threadShapes(entry, undefined)).toEqual([
      { tid: 7, threadId: 0, name: 'MainThread' },
      { tid: 8, threadId: null, name: 'V8Worker' },
    ]);
    const threads = [thread(7, 0, 'main'), thread(9, 1, 'worker 1')];
    expect(processShape(entry, { threads, types: [], consumers: 0 })).toEqual({
      pid: 7,
      name: 'app.js',
      runtime: 'node 24.21.0',
      agent: 'attached',
      threads: [
        { tid: 7, threadId: 0, name: 'main' },
        { tid: 9, threadId: 1, name: 'worker 1' },
      ],
    });
  });

  it('keep a main thread that has not told its agent anything yet', () => {
    expect(threadShapes(entry, { threads: [], types: [], consumers: 0 })).toEqual([
      { tid: 7, threadId: 0, name: 'main' },
    ]);
  });

  it('write numbers beyond 2^53 as text and bytes as base64', () => {
    const item = { kind: 'event', event: 'a.b', pid: 1, tid: 2, threadId: 0, timestampNs: 5, seq: 1, payload: { n: 2n ** 63n, body: new Uint8Array([1, 2]), bad: NaN }, armId: 9 } as const; // prettier-ignore
    expect(toJson(eventShape(item))).toBe('{"v":1,"event":"a.b","pid":1,"tid":2,"timestampNs":5,"seq":1,"payload":{"n":"9223372036854775808","body":"AQI=","bad":null}}'); // prettier-ignore
    expect(toJson(eventShape({ ...item, payload: {}, stack: ['f'] }))).toMatch(/"payload":\{\},"stack":\["f"\]\}$/); // prettier-ignore
  });

  it('show absence as null', () => {
    const fields = { n: { type: 'u32' } } as const;
    const descriptor = { name: 'a.b', kind: 'filtered', description: 'd', fields } as const;
    expect(toJson(typeShape(descriptor, 2))).toBe('{"name":"a.b","kind":"filtered","producer":null,"description":"d","fields":[{"name":"n","type":"u32","unit":null}],"listeners":2}'); // prettier-ignore
  });

  it('end with a summary', () => {
    expect(toJson(summaryShape({ throttled: 4, lost: 3, delivered: 2, matched: 9 }))).toBe('{"v":1,"summary":{"matched":9,"delivered":2,"lost":3,"throttled":4}}'); // prettier-ignore
  });
});
