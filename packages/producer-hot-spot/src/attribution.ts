import type { InterruptStack } from '@extension-events/platform-v8';
import type { FunctionIndex, KnownFrame } from './function-index.ts';
import type { HotFunction, Place } from './internal-types.ts';
import { mostFrequent } from './most-frequent.ts';

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
  /**
   * The owner of samples on this line, when lines alone tell it; `undefined` when they do not. The lines of a
   * function that was compiled under the profiler's eyes are true, also those of inlined callees.
   */
  readonly ownerOf?: (line: number) => HotFunction | 'charged' | undefined;
}

/** One share of a split. */
export interface SplitPart {
  /** `undefined`: they stay where they are. */
  readonly function: HotFunction | undefined;
  readonly weight: number;
  /** Line of that function in most of the stacks; 0 when the samples keep theirs. */
  readonly line: number;
}

/** First and last line of a function, as generated. */
export type RangeOf = (
  hot: HotFunction,
) => { readonly first: number; readonly last: number } | undefined;

interface Vote {
  readonly function: HotFunction | undefined;
  /** Generated line of the charged function in that stack. */
  readonly line: number;
  /** Line of the function that is voted for. */
  readonly ownLine: number;
}

/** What the profile says of the lines of the charged function. */
export interface LineEvidence {
  /** Part of its samples that lie on the given line. */
  share(line: number): number;
  readonly lines: readonly number[];
  readonly rangeOf: RangeOf;
}

const minVotes = 3;
const minWeakVotes = 5;

/**
 * Judges to whom the samples belong that the profile charges to `charged` (`undefined`: to no function at all).
 * `undefined` when the stacks give no reason to doubt the profile.
 */
export function judgeSplit(
  charged: HotFunction | undefined,
  stacks: readonly InterruptStack[],
  index: FunctionIndex,
  evidence: LineEvidence,
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
    if (parts.every((part) => part.function === undefined)) return undefined;
    const ownerOf = judgeLines(charged, parts, evidence);
    return { parts, line: 0, ...(ownerOf === undefined ? {} : { ownerOf }) };
  }
  return strong.length > 0 ? undefined : judgeWeak(charged, weak, index, evidence);
}

/** Nothing of the stack is known to the profile: these samples are among those without a place. */
function voteOutside(known: readonly KnownFrame[], index: FunctionIndex, votes: Vote[]): void {
  const [top] = known;
  if (top === undefined) return;
  if (known.some((each) => each.function !== undefined && index.knows(each.function))) return;
  const hot = known.find((each) => each.function !== undefined);
  if (hot?.function !== undefined) votes.push({ function: hot.function, line: 0, ownLine: hot.frame.line });
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
  const top = inner.find((each) => each.function !== undefined);
  if (top?.function === undefined) {
    strong.push({ function: undefined, line, ownLine: 0 }); // itself, or a built-in function that it calls
    return;
  }
  // A callee that the profiler sees below this function has samples of its own.
  const isVisible = inner.some(
    (each) => each.function !== undefined && index.isCallee(charged, each.function),
  );
  const vote: Vote = { function: top.function, line, ownLine: top.frame.line };
  if (isVisible || calledByNative(inner)) weak.push(vote);
  else strong.push(vote);
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
  evidence: LineEvidence,
): Split | undefined {
  if (charged === undefined || votes.length < minWeakVotes) return undefined;
  const [first] = countVotes(votes);
  if (first?.function === undefined || first.weight < 0.8) return undefined;
  const line = votes.find((vote) => vote.function?.key === first.function?.key)?.line ?? 0;
  if (evidence.share(line) < 0.8) return undefined;
  if (index.selfHits(first.function) * 2 > index.selfHits(charged)) return undefined;
  return { parts: [{ ...first, weight: 1 }], line };
}

// Lines outside the charged function can only come from code that knows its inlined callees; then lines inside
// it are its own.
function judgeLines(
  charged: HotFunction | undefined,
  parts: readonly SplitPart[],
  { lines, rangeOf, share }: LineEvidence,
): Split['ownerOf'] {
  const own = charged === undefined ? undefined : rangeOf(charged);
  if (own === undefined) return undefined;
  const isOwn = (line: number): boolean => line >= own.first && line <= own.last;
  const foreign = lines.filter((line) => !isOwn(line)).reduce((sum, line) => sum + share(line), 0);
  if (foreign < 0.2) return undefined;
  const ranges = parts.map((part) => ({
    function: part.function,
    range: part.function === undefined ? undefined : rangeOf(part.function),
  }));
  return (line) => {
    if (isOwn(line)) return 'charged';
    return ranges.find(({ range }) => range !== undefined && line >= range.first && line <= range.last)?.function;
  };
}

function countVotes(votes: readonly Vote[]): SplitPart[] {
  const byKey = new Map<string, Vote[]>();
  for (const vote of votes) {
    const key = vote.function?.key ?? '';
    const others = byKey.get(key);
    if (others === undefined) byKey.set(key, [vote]);
    else others.push(vote);
  }
  return [...byKey.values()]
    .map((each) => ({
      function: each[0]?.function,
      weight: each.length / votes.length,
      line: mostFrequent(each.map((vote) => vote.ownLine)) ?? 0,
    }))
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

  /** Where this sample belongs; `undefined` when it stays where it is. */
  deal(place: Place): { readonly function: HotFunction; readonly line: number } | undefined {
    if (place.native !== '') return undefined;
    const entry = this.#splits.get(place.function?.key ?? '');
    if (entry === undefined) return undefined;
    const { split, dealt } = entry;
    if (split.line !== 0 && place.line !== split.line) return undefined;
    const owner = place.line === 0 ? undefined : split.ownerOf?.(place.line);
    if (owner === 'charged') return undefined;
    if (owner !== undefined) return { function: owner, line: place.line };
    entry.total++;
    let best: SplitPart | undefined;
    let bestIndex = 0;
    let bestBehind = -Infinity;
    for (const [index, part] of split.parts.entries()) {
      const behind = part.weight * entry.total - (dealt[index] ?? 0);
      if (behind <= bestBehind) continue;
      best = part;
      bestIndex = index;
      bestBehind = behind;
    }
    dealt[bestIndex] = (dealt[bestIndex] ?? 0) + 1;
    return best?.function === undefined ? undefined : { function: best.function, line: best.line };
  }
}
