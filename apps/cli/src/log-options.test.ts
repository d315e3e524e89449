import { expect, it } from 'vitest';
import { chooseFormat, chooseOut } from './log-options.ts';

it.each([
  [{}, 'text', ''],
  [{ out: 'a.data' }, 'text', ''],
  [{ out: 'a.json' }, 'chrome-trace', ' (by its ending)'],
  [{ out: 'a.log' }, 'text', ' (by its ending)'],
  [{ out: 'a.json', json: true }, 'ndjson', ''],
  [{ out: 'a.json', format: 'text' }, 'text', ''],
  [{ json: true, format: 'ndjson' }, 'ndjson', ''],
])('%j is written as %s%s', (words, name, why) => {
  expect(chooseFormat(words)).toEqual({ name, why });
});

it.each([
  [{ format: 'xml' }, 'Choose one of text, ndjson, chrome-trace.'],
  [{ format: '' }, 'Choose one of text, ndjson, chrome-trace.'],
  [{ json: true, format: 'text' }, 'Leave one of them out.'],
])('%j makes no sense', (words, hint) => {
  expect(() => chooseFormat(words)).toThrow(expect.objectContaining({ code: 'EE_USAGE', hint }));
});

it('a file is named by --out, standard output by - or nothing', () => {
  expect(chooseOut('a.log')).toBe('a.log');
  expect([chooseOut('-'), chooseOut(undefined)]).toEqual([undefined, undefined]);
  expect(() => chooseOut('')).toThrow(expect.objectContaining({ code: 'EE_USAGE' }));
});
