import type { ThreadNode } from '../../../src/graph-types.ts';

const mostNative = 6;

const isNative = ({ state, threadId }: ThreadNode): boolean => threadId === -1 && state !== 'held'; // prettier-ignore

/** Many native threads are told as one line; one that is held stays in sight. */
export function foldThreads(threads: readonly ThreadNode[]): {
  readonly own: readonly ThreadNode[];
  readonly folded: readonly ThreadNode[];
} {
  const native = threads.filter(isNative);
  if (native.length <= mostNative) return { own: threads, folded: [] };
  return { own: threads.filter((thread) => !isNative(thread)), folded: native };
}
