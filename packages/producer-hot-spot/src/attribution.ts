import type { InterruptStack } from '@extension-events/platform-v8';
import type { FunctionIndex, KnownFrame } from './function-index.ts';
import type { HotFunction, Place } from './internal-types.ts';

// The profiler charges code that it cannot name to the caller: code optimized on stack before it started, and
// (up to Node 24, and on every version for code that was optimized before it started) callees that were inlined.
// Interrupt stacks always name the right function, but they are served only on loop back-edges and
// function entries, so their numbers say little. Hence: the profile says how much, and for samples of a
// function whose stacks show a callee that the profiler does not see there, the stacks say whose they are.

/** Where samples that the profile charges to one function belong. */
export interface Split {
  readonly parts: readonly SplitPart[];
  /** Only samples on this line are redistributed; 0: all of them. */
  readonly line: number;
}

/** One share of a split. */
export interface SplitPart {
  /** `undefined`: they stay where they are. */
  readonly function: HotFunction | undefined;
  readonly weight: number;
}

interface Vote {
  readonly function: HotFunction | undefined;
  /** Generated line of the charged function in that stack. */
  readonly line: number;
}

const minVotes = 3;
const minWeakVotes = 5;

/**
 * Judges to whom the samples belong that the profile charges to `charged` (`undefined`: to no function at all).
 * `undefined` when the stacks give no reason to doubt the profile.
 *
 * @param mainLineShare - part of the charged function's samples that lie on the given line
 */
export function judgeSplit(
  charged: HotFunction | undefined,
  stacks: readonly InterruptStack[],
  index: FunctionIndex,
  mainLineShare: (line: number) => number,
): Split | undefined {
  const strong: Vote[] = [];
  const weak: Vote[] = [];
  for (const { frames } of stacks) {
    const known = index.resolve(frames);
    if (charged === undefined) voteOutside(known, index, strong);
    else voteInside(charged, known, index, strong, weak);
  }
  if (strong.length >= minVotes) {
    const parts = countVotes(strong);
    return parts.some((part) => part.function !== undefined) ? { parts, line: 0 } : undefined;
  }
  return strong.length > 0 ? undefined : judgeWeak(charged, weak, index, mainLineShare);
}

/** Nothing of the stack is known to the profile: these samples are among those without a place. */
function voteOutside(known: readonly KnownFrame[], index: FunctionIndex, votes: Vote[]): void {
  const [top] = known;
  if (top === undefined) return;
  if (known.some((each) => each.function !== undefined && index.knows(each.function))) return;
  const hot = known.find((each) => each.function !== undefined)?.function;
  if (hot !== undefined) votes.push({ function: hot, line: 0 });
}

function voteInside(
  charged: HotFunction,
  known: readonly KnownFrame[],
  index: FunctionIndex,
  strong: Vote[],
  weak: Vote[],
): void {
  const at = known.findIndex((each) => each.function?.key === charged.key);
  if (at === -1) return;
  const line = known[at]?.frame.line ?? 0;
  const inner = known.slice(0, at);
  const callee = inner.find((each) => each.function !== undefined)?.function;
  if (callee === undefined) {
    strong.push({ function: undefined, line }); // itself, or a built-in function that it calls
    return;
  }
  // A callee that the profiler sees below this function has samples of its own.
  const isVisible = inner.some(
    (each) => each.function !== undefined && index.isCallee(charged, each.function),
  );
  if (isVisible || calledByNative(inner)) weak.push({ function: callee, line });
  else strong.push({ function: callee, line });
}

// `sort` and `replace` call back from machine code of their own: nothing is inlined through them.
function calledByNative(inner: readonly KnownFrame[]): boolean {
  const last = inner.at(-1);
  return last?.function === undefined && /^(?:sort|toSorted|replace|replaceAll)$/.test(last?.frame.functionName ?? '');
}

// The callee is seen with few samples of its own, while every interrupt lands in it and the caller's samples
// lie on the line that calls it: an older, inlined copy of the callee is what runs.
function judgeWeak(
  charged: HotFunction | undefined,
  votes: readonly Vote[],
  index: FunctionIndex,
  mainLineShare: (line: number) => number,
): Split | undefined {
  if (charged === undefined || votes.length < minWeakVotes) return undefined;
  const [first] = countVotes(votes);
  if (first?.function === undefined || first.weight < 0.8) return undefined;
  const line = votes.find((vote) => vote.function?.key === first.function?.key)?.line ?? 0;
  if (mainLineShare(line) < 0.8) return undefined;
  if (index.selfHits(first.function) * 2 > index.selfHits(charged)) return undefined;
  return { parts: [{ function: first.function, weight: 1 }], line };
}

function countVotes(votes: readonly Vote[]): SplitPart[] {
  const counts = new Map<string, { function: HotFunction | undefined; votes: number }>();
  for (const vote of votes) {
    const key = vote.function?.key ?? '';
    const entry = counts.get(key);
    if (entry === undefined) counts.set(key, { function: vote.function, votes: 1 });
    else entry.votes++;
  }
  return [...counts.values()]
    .map((each) => ({ function: each.function, weight: each.votes / votes.length }))
    .toSorted((a, b) => b.weight - a.weight);
}

/** Deals samples of split functions to their parts, evenly and in order. */
export class SplitDealer {
  readonly #splits = new Map<string, { readonly split: Split; readonly dealt: number[]; total: number }>();

  constructor(splits: ReadonlyMap<string, Split>) {
    for (const [key, split] of splits) {
      this.#splits.set(key, { split, dealt: split.parts.map(() => 0), total: 0 });
    }
  }

  /** The function that this sample belongs to; `undefined` when it stays where it is. */
  deal(place: Place): HotFunction | undefined {
    if (place.native !== '') return undefined;
    const entry = this.#splits.get(place.function?.key ?? '');
    if (entry === undefined) return undefined;
    const { split, dealt } = entry;
    if (split.line !== 0 && place.line !== split.line) return undefined;
    entry.total++;
    let best = 0;
    let bestBehind = -Infinity;
    for (const [index, part] of split.parts.entries()) {
      const behind = part.weight * entry.total - (dealt[index] ?? 0);
      if (behind <= bestBehind) continue;
      best = index;
      bestBehind = behind;
    }
    dealt[best] = (dealt[best] ?? 0) + 1;
    return split.parts[best]?.function;
  }
}
