import { expect, it } from 'vitest';
import { LastWords } from './last-words.ts';

function listen(patienceMs: number) {
  let missed = 0;
  const words = new LastWords(() => missed++, patienceMs);
  return { words, missed: () => missed };
}

it('misses the word of a thread that was terminated, once', async () => {
  const { missed, words } = listen(1);
  words.ended(1);
  words.ended(2);
  await words.all();
  expect(missed()).toBe(2);
  await words.all();
  expect(missed()).toBe(2);
});

it('hears it before the end and after', async () => {
  const { missed, words } = listen(60_000);
  words.said(1);
  words.ended(1);
  words.ended(2);
  const all = words.all();
  words.said(2);
  await all;
  expect(missed()).toBe(0);
});
