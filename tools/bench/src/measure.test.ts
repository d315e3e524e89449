import { expect, test } from 'vitest';
import {
  figuresOf,
  judge,
  quantile,
  summarize,
  summarizeDifference,
  summarizeRatio,
} from './measure.ts';

test('a quantile lies between its neighbours', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3, 4, 5], 0.25)).toBe(2);
  expect(quantile([0, 10], 0.25)).toBe(2.5);
  expect(quantile([7], 0.75)).toBe(7);
});

test('nothing measured is NaN, and never 0', () => {
  expect(quantile([], 0.5)).toBeNaN();
  expect(summarize([])).toEqual({
    median: Number.NaN,
    q1: Number.NaN,
    q3: Number.NaN,
    rounds: 0,
  });
});

test('one wild round moves neither the median nor the quartiles', () => {
  expect(summarize([10, 11, 12, 13, 9000])).toEqual({ median: 12, q1: 11, q3: 13, rounds: 5 });
});

test('summarizing leaves the order of the rounds alone', () => {
  const values = [3, 1, 2];
  summarize(values);
  expect(values).toEqual([3, 1, 2]);
});

test('a ratio is taken within each round, so that a slow round cancels out', () => {
  const rounds = [
    { ours: 20, theirs: 10 },
    { ours: 200, theirs: 100 },
    { ours: 2, theirs: 1 },
  ];
  expect(summarizeRatio(rounds, 'ours', 'theirs')).toEqual({ median: 2, q1: 2, q3: 2, rounds: 3 });
  expect(summarizeDifference(rounds, 'ours', 'theirs').median).toBe(10);
});

test('a round in which one of the two was not measured is left out', () => {
  const rounds = [{ ours: 4, theirs: 2 }, { ours: 5 }];
  expect(summarizeRatio(rounds, 'ours', 'theirs').rounds).toBe(1);
  expect(figuresOf(rounds, 'theirs')).toEqual([2]);
});

test('a goal is met or missed only when it lies outside the quartiles', () => {
  const summary = { median: 10, q1: 9, q3: 11, rounds: 8 };
  expect(judge(summary, { atMost: 12 })).toBe('met');
  expect(judge(summary, { atMost: 8 })).toBe('missed');
  expect(judge(summary, { atMost: 10.5 })).toBe('below the noise');
  expect(judge(summary, { atLeast: 9 })).toBe('met');
  expect(judge(summary, { atLeast: 20 })).toBe('missed');
  expect(judge(summary, { atLeast: 10 })).toBe('below the noise');
});

test('what was never measured meets no goal', () => {
  expect(judge(summarize([]), { atMost: 1 })).toBe('below the noise');
  expect(judge(summarize([]), { atLeast: 1 })).toBe('below the noise');
});
