import { expect, it } from 'vitest';
import type { ThreadNode } from '../../../src/graph-types.ts';
import { foldThreads } from './fold-threads.ts';

const thread = (tid: number, threadId: number, state: ThreadNode['state'] = 'running'): ThreadNode => ({ tid, threadId, name: String(tid), state }); // prettier-ignore
const native = (count: number): ThreadNode[] => Array.from({ length: count }, (_, i) => thread(10 + i, -1)); // prettier-ignore

it('more than six native threads are folded, and those of Node are not', () => {
  expect(foldThreads([thread(1, 0), ...native(6)]).folded).toEqual([]);
  const { folded, own } = foldThreads([thread(1, 0), thread(2, 1), ...native(12)]);
  expect(folded).toHaveLength(12);
  expect(own.map(({ tid }) => tid)).toEqual([1, 2]);
});

it('a thread that is held stays in sight', () => {
  const { folded, own } = foldThreads([...native(7), thread(3, -1, 'held')]);
  expect(folded).toHaveLength(7);
  expect(own.map(({ tid }) => tid)).toEqual([3]);
});
