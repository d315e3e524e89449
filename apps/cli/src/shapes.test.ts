import { describe, expect, it } from 'vitest';
import { toJson } from './output.ts';
import { processShape, threadShapes, typeShape } from './shapes.ts';

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

  it('show absence as null', () => {
    const fields = { n: { type: 'u32' } } as const;
    const descriptor = { name: 'a.b', kind: 'filtered', description: 'd', fields } as const;
    expect(toJson(typeShape(descriptor, 2))).toBe('{"name":"a.b","kind":"filtered","producer":null,"description":"d","fields":[{"name":"n","type":"u32","unit":null}],"listeners":2}'); // prettier-ignore
  });
});
