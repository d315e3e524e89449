import { expect, it } from 'vitest';
import { describe as sentence } from './candidates.ts';

it('says what comes nearest, and a share that it would reach', () => {
  const payload = { function: 'parse', url: '/app/a.js', line: 3, share: 0.084 };
  expect(sentence('hot-spot', payload)).toBe('nothing has reached the threshold of hot-spot yet; the nearest is parse (/app/a.js:3) with 8.4 %: ask for less with --request share=0.07'); // prettier-ignore
});

it('never asks for less than a hundredth', () => {
  expect(sentence('hot-spot', { share: 0.001 })).toMatch(/share=0\.01$/);
});

it('has nothing to say of a candidate without a share', () => {
  expect(sentence('other', { count: 3 })).toBeUndefined();
});
