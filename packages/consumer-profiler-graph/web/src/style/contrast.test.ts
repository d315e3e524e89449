import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('base.css', import.meta.url), 'utf8');

/** The colours of one block of the style sheet, by name. */
function coloursOf(selector: string): Map<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? '';
  return new Map([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value])); // prettier-ignore
}

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const linear = parts.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  const [red = 0, green = 0, blue = 0] = linear;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2, 1.4.3: how far two colours are apart. */
function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

describe.each([[':root'], [":root[data-theme='light']"]])('colours of %s', (selector) => {
  const colours = coloursOf(selector);
  const of = (name: string): string => colours.get(name) ?? '';
  const pairs = ['text', 'quiet', 'accent', 'bad', 'warn'].flatMap((name) => ['paper', 'panel', 'raised', 'field'].map((paper) => [name, paper] as const)); // prettier-ignore

  it.each([
    ...pairs,
    ['text', 'accent-soft'] as const,
    ['text', 'bad-soft'] as const,
    ['quiet', 'bad-soft'] as const,
    ['on-accent', 'accent'] as const,
  ])('can be read: %s on %s', (name, paper) => {
    // prettier-ignore
    expect(contrast(of(name), of(paper))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(Array.from({ length: 8 }, (_, i) => `line-${i + 1}`))(
    'can be told from the paper: %s',
    (line) => {
      // prettier-ignore
      expect(contrast(of(line), of('panel'))).toBeGreaterThanOrEqual(3);
    },
  );
});

it('has the same light colours for those who choose them and those whose system does', () => {
  expect(coloursOf(":root[data-theme='auto']")).toEqual(coloursOf(":root[data-theme='light']"));
});
