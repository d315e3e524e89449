import { describe, expect, it } from 'vitest';
import { judgeSplit, SplitDealer } from './attribution.ts';
import type { LineEvidence } from './attribution.ts';
import { FunctionIndex } from './function-index.ts';
import type { Place } from './internal-types.ts';
import {
  makeFrame,
  makeFunction,
  makeNode,
  makePlace,
  makeRoot,
  makeStack,
  makeWindow,
} from '../fixtures/test-data.ts';

const caller = makeFunction('caller', 10);
const callee = makeFunction('callee', 100, 'file:///b.js');
const noTexts = { tryGet: () => undefined };

const evidence = (
  shares: Record<number, number>,
  ranges: Record<string, [number, number]> = {},
): LineEvidence => ({
  lines: Object.keys(shares).map(Number),
  share: (line) => shares[line] ?? 0,
  rangeOf: (hot) => {
    const [first, last] = ranges[hot.functionName] ?? [];
    return first === undefined || last === undefined ? undefined : { first, last };
  },
});

/** An index of a profile in which only the caller was seen, and what it called. */
function makeIndex(calleeHits = 0): FunctionIndex {
  const root = makeRoot();
  const node = makeNode(root, caller.functionName, {
    url: caller.url,
    line: caller.line,
    lines: { 12: 50 },
  });
  if (calleeHits > 0)
    makeNode(node, callee.functionName, {
      url: callee.url,
      line: callee.line,
      lines: { 101: calleeHits },
    });
  return new FunctionIndex([makeWindow([root, node, ...node.children])], noTexts);
}

const inCallee = (callLine = 12): ReturnType<typeof makeStack> =>
  makeStack([makeFrame(callee, 101), makeFrame(caller, callLine)]);
const inCaller = (line = 11): ReturnType<typeof makeStack> => makeStack([makeFrame(caller, line)]);
const times = <T>(count: number, value: T): T[] => Array<T>(count).fill(value);

function deal(split: ReturnType<typeof judgeSplit>, places: readonly Place[]): string[] {
  const dealer = new SplitDealer(new Map(split === undefined ? [] : [[caller.key, split]]));
  return places.map((place) => dealer.deal(place)?.function.functionName ?? 'stays');
}

describe('judgeSplit', () => {
  it('gives samples on the calling line to a callee that the profiler cannot see', () => {
    const split = judgeSplit(caller, times(20, inCallee()), makeIndex(), evidence({ 12: 1 }));
    expect(deal(split, times(3, makePlace(caller, 12)))).toEqual(['callee', 'callee', 'callee']);
    expect(deal(split, [makePlace(caller, 15), makePlace(caller, 12, 'JSON.parse')])).toEqual([
      'stays',
      'stays',
    ]);
  });

  it('shares them out when interrupts land in both', () => {
    const stacks = [...times(15, inCallee()), ...times(5, inCaller(12))];
    const split = judgeSplit(caller, stacks, makeIndex(), evidence({ 12: 1 }));
    const dealt = deal(split, times(40, makePlace(caller, 12)));
    expect(dealt.filter((each) => each === 'callee')).toHaveLength(30);
  });

  it('trusts the profile when it sees the callee below the caller', () => {
    const stacks = [...times(15, inCallee()), ...times(5, inCaller(11))];
    expect(judgeSplit(caller, stacks, makeIndex(40), evidence({ 12: 1 }))).toBeUndefined();
  });

  it('believes in an older, inlined copy of a callee that is seen with few samples', () => {
    const split = judgeSplit(
      caller,
      times(20, inCallee()),
      makeIndex(5),
      evidence({ 12: 0.95, 13: 0.05 }),
    );
    expect(deal(split, [makePlace(caller, 12), makePlace(caller, 13)])).toEqual([
      'callee',
      'stays',
    ]);
  });

  it('shares out with such a copy when the caller has a loop of its own, but not in minified code', () => {
    const stacks = [...times(16, inCallee()), ...times(4, inCaller(11))];
    const spread = evidence({ 12: 1 }, { caller: [10, 20] });
    const split = judgeSplit(caller, stacks, makeIndex(5), spread);
    const dealt = deal(split, times(20, makePlace(caller, 12)));
    expect(dealt.filter((each) => each === 'callee')).toHaveLength(16);
    const minified = evidence({ 12: 1 }, { caller: [12, 12] });
    expect(judgeSplit(caller, stacks, makeIndex(5), minified)).toBeUndefined();
  });

  it('believes so too when the callee was compiled anew meanwhile, if no interrupt meets the caller', () => {
    const lines = evidence({ 12: 1 }, { caller: [10, 20] });
    const split = judgeSplit(caller, times(20, inCallee()), makeIndex(40), lines);
    expect(deal(split, [makePlace(caller, 12)])).toEqual(['callee']);
    expect(judgeSplit(caller, times(9, inCallee()), makeIndex(40), lines)).toBeUndefined();
  });

  it('gives lines of an inlined callee to their owner and leaves the others', () => {
    const lines = evidence({ 12: 0.3, 101: 0.7 }, { caller: [10, 20], callee: [100, 110] });
    const stacks = [...times(6, inCallee()), ...times(14, inCaller(12))];
    const split = judgeSplit(caller, stacks, makeIndex(), lines);
    expect(
      deal(split, [makePlace(caller, 12), makePlace(caller, 101), makePlace(caller, 300)]),
    ).toEqual(['stays', 'callee', 'stays']);
  });

  it('believes the lines of a thread that is deaf: its interrupts are served after the native call', () => {
    const late = times(6, makeStack([makeFrame(callee, 101), makeFrame(caller, 14)], 5e6));
    const split = judgeSplit(caller, late, makeIndex(), evidence({ 12: 1 }));
    expect(deal(split, [makePlace(caller, 12)])).toEqual(['stays']);
  });

  it('names code on an empty stack as far as the profiler can see', () => {
    const stacks = times(10, makeStack([makeFrame(callee, 101)]));
    const split = judgeSplit(undefined, stacks, makeIndex(), evidence({}));
    const dealer = new SplitDealer(new Map(split === undefined ? [] : [['', split]]));
    expect(dealer.deal(makePlace(undefined))?.function).toMatchObject({ functionName: 'callee' });
    expect(dealer.deal(makePlace(undefined, 0, '(garbage collector)'))).toBeUndefined();
    expect(judgeSplit(undefined, times(10, inCaller()), makeIndex(), evidence({}))).toBeUndefined();
  });

  it('needs more than two stacks', () => {
    expect(
      judgeSplit(caller, times(2, inCallee()), makeIndex(), evidence({ 12: 1 })),
    ).toBeUndefined();
  });
});
