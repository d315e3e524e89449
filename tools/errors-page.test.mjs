import { expect, it } from 'vitest';
import { collectCodes, readPage, renderPage } from './errors-page.mjs';

it('finds the codes of all packages', () => {
  const codes = collectCodes();
  expect(codes.size).toBeGreaterThan(50);
  expect([...codes.values()].every(({ meaning }) => meaning.length > 10)).toBe(true);
});

it('has every code on the page (else run: node tools/errors-page.mjs && npx oxfmt docs/errors.md)', () => {
  expect(readPage()).toBe(renderPage().replaceAll(/ +\|/g, ' |'));
});
