import type { InterruptStack } from '@extension-events/platform-v8';
import type { FunctionIndex, KnownFrame } from './function-index.ts';
import type { HotFunction, Place } from './internal-types.ts';
import { isDeaf } from './deaf.ts';
import { mostFrequent } from './most-frequent.ts';

// The profiler charges code that it cannot name to the caller: code optimized on stack before it started, and
// (up to Node 24, and on every version for code that was optimized before it started) callees that were inlined.
// Interrupt stacks always name the right function, but they are served only on loop back-edges and
// function entries, so their numbers say little. Hence: the profile says how much, and for samples of a
// function whose stacks show a callee that the profiler does not see there, the stacks say whose they are.

/** Where samples that the profile charges to one function belong. */
export interface Split {
  /** The parts of samples on this line; `undefined`: they stay. */
  partsOn(line: number): readonly SplitPart[] | undefined;
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

/** What the profile says of the lines of the charged function, and the text of all of them. */
export interface LineEvidence {
  /** Part of its samples that lie on the given line. */
  readonly share: (line: number) => number;
  readonly lines: readonly number[];
  readonly rangeOf: RangeOf;
}

const minVotes = 3;
const minWeakVotes = 5;
const minCertainVotes = 10;

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
  if (charged !== undefined) {
    const split = judgeInlined(charged, [...strong, ...weak], evidence);
    if (split !== undefined) return split;
  }
  if (strong.every((vote) => vote.function === undefined)) {
    return judgeWeak(charged, weak, strong.length, index, evidence);
  }
  if (strong.length < minVotes) return undefined;
  return charged === undefined
    ? everyLine(countVotes(strong))
    : judgeLines(strong, stacks, evidence);
}

// Lines outside the charged function come from code whose inlined callees are known: whoever of those seen by the
// interrupts owns the line gets the sample, and lines inside are the function's own.
function judgeInlined(
  charged: HotFunction,
  votes: readonly Vote[],
  { lines, rangeOf, share }: LineEvidence,
): Split | undefined {
  const own = rangeOf(charged);
  if (own === undefined) return undefined;
  const foreign = lines.filter((line) => line !== 0 && (line < own.first || line > own.last));
  if (foreign.reduce((sum, line) => sum + share(line), 0) < 0.2) return undefined;
  const owners = countVotes(votes).map((part) => ({
    part,
    range: part.function === undefined ? undefined : rangeOf(part.function),
  }));
  const partsByLine = new Map<number, readonly SplitPart[]>();
  for (const line of foreign) {
    const owner = owners.find(
      ({ range }) => range !== undefined && line >= range.first && line <= range.last,
    );
    if (owner !== undefined) partsByLine.set(line, [{ ...owner.part, weight: 1, line }]);
  }
  return { partsOn: (line) => partsByLine.get(line) };
}

function everyLine(parts: readonly SplitPart[]): Split {
  return { partsOn: () => parts };
}

/** Nothing of the stack is known to the profile: these samples are among those without a place. */
function voteOutside(known: readonly KnownFrame[], index: FunctionIndex, votes: Vote[]): void {
  const [top] = known;
  if (top === undefined) return;
  if (known.some((each) => each.function !== undefined && index.knows(each.function))) return;
  const hot = known.find((each) => each.function !== undefined);
  if (hot?.function !== undefined)
    votes.push({ function: hot.function, line: 0, ownLine: hot.frame.line });
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
  return (
    last?.function === undefined &&
    /^(?:sort|toSorted|replace|replaceAll)$/.test(last?.frame.functionName ?? '')
  );
}

// The callee is seen with few samples of its own, while most interrupts land in it and the caller's samples
// lie on the line that calls it: an older, inlined copy of the callee is what runs.
function judgeWeak(
  charged: HotFunction | undefined,
  votes: readonly Vote[],
  ownVotes: number,
  index: FunctionIndex,
  evidence: LineEvidence,
): Split | undefined {
  if (charged === undefined || votes.length < minWeakVotes) return undefined;
  const [first] = countVotes(votes);
  if (first?.function === undefined || first.weight < 0.8) return undefined;
  const weight = (first.weight * votes.length) / (votes.length + ownVotes);
  if (ownVotes > 0 && (weight < 0.6 || isOneLine(evidence.rangeOf(charged)))) return undefined;
  const line = votes.find((vote) => vote.function?.key === first.function?.key)?.line ?? 0;
  if (evidence.share(line) < 0.8) return undefined;
  // Without any interrupt in the caller itself, its samples on that line can only be the callee's.
  const isCertain = ownVotes === 0 && votes.length >= minCertainVotes && first.weight >= 0.9;
  const isSeen = index.selfHits(first.function) * 2 > index.selfHits(charged);
  if (isSeen && (!isCertain || isOneLine(evidence.rangeOf(charged)))) return undefined;
  const parts = [{ ...first, weight: ownVotes === 0 ? 1 : weight }];
  if (ownVotes > 0) parts.push({ function: undefined, weight: 1 - weight, line: 0 });
  return { partsOn: (each) => (each === line ? parts : undefined) };
}

// In minified code every line is the line that calls.
function isOneLine(range: ReturnType<RangeOf>): boolean {
  return range === undefined || range.first === range.last;
}

// A sample that lacks its callee lies on the line that calls it, so only votes from that line decide.
function judgeLines(
  votes: readonly Vote[],
  stacks: readonly InterruptStack[],
  { lines, share }: LineEvidence,
): Split {
  const votedLines = new Set(votes.map((vote) => vote.line));
  const voted = lines
    .filter((line) => votedLines.has(line))
    .reduce((sum, line) => sum + share(line), 0);
  // Code that was optimized earlier may tell a neighbouring line. A thread that is deaf to interrupts (busy in
  // native code) serves them later and elsewhere: then its lines are believed.
  const isAstray = voted < 0.2 && !isDeaf(stacks);
  const all = countVotes(votes);
  const partsByLine = new Map<number, readonly SplitPart[]>();
  for (const line of votedLines)
    partsByLine.set(line, countVotes(votes.filter((vote) => vote.line === line)));
  return { partsOn: (line) => (line === 0 || isAstray ? all : partsByLine.get(line)) };
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
  readonly #splits: ReadonlyMap<string, Split>;
  readonly #decks = new Map<string, { readonly dealt: number[]; total: number }>();

  constructor(splits: ReadonlyMap<string, Split>) {
    this.#splits = splits;
  }

  /** Where this sample belongs; `undefined` when it stays where it is. */
  deal(place: Place): { readonly function: HotFunction; readonly line: number } | undefined {
    if (place.native !== '') return undefined;
    const parts = this.#splits.get(place.function?.key ?? '')?.partsOn(place.line);
    if (parts === undefined) return undefined;
    const part = parts.length === 1 ? parts[0] : this.#next(place.key, parts);
    return part?.function === undefined ? undefined : { function: part.function, line: part.line };
  }

  /** The part that is furthest behind its weight. */
  #next(key: string, parts: readonly SplitPart[]): SplitPart | undefined {
    let deck = this.#decks.get(key);
    if (deck === undefined) this.#decks.set(key, (deck = { dealt: parts.map(() => 0), total: 0 }));
    deck.total++;
    let best = 0;
    let bestBehind = -Infinity;
    for (const [index, part] of parts.entries()) {
      const behind = part.weight * deck.total - (deck.dealt[index] ?? 0);
      if (behind <= bestBehind) continue;
      best = index;
      bestBehind = behind;
    }
    deck.dealt[best] = (deck.dealt[best] ?? 0) + 1;
    return parts[best];
  }
}
