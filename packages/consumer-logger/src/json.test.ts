import { expect, it } from 'vitest';
import { chromeTraceFormat } from './chrome-trace-format.ts';
import { escapeJson, toJson } from './json.ts';
import { ndjsonFormat } from './ndjson-format.ts';
import { eventShape } from './shapes.ts';
import { makeItem } from './testing/items.ts';

// All that breaks or steers a line; what belongs to ordinary text stands between.
const nasty = 'a\u2028b\u2029c\u0085d\u009B31me\u202Ef\u2066g\u200Fh\u061Ci\u007Fj\u00E9\u4E2D';
const raw = /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/;

it('what breaks or steers a line is escaped, and reads back as it was', () => {
  const json = toJson({ [nasty]: nasty });
  expect(json).not.toMatch(raw);
  expect(json).toContain('a\\u2028b\\u2029c\\u0085d\\u009b31me\\u202ef');
  expect(json).toContain('é中');
  expect(JSON.parse(json)).toEqual({ [nasty]: nasty });
});

it('what has nothing of that is not touched', () => {
  const json = JSON.stringify({ text: '\u0000 "é" \\ 😀' });
  expect(escapeJson(json)).toBe(json);
});

it('lines of files are escaped too, wherever the text stands', () => {
  const item = makeItem({ event: `x:${nasty}`, payload: { text: nasty }, stack: [nasty] });
  const line = ndjsonFormat().event(item);
  expect(line).toBe(`${toJson(eventShape(item))}\n`);
  const names = { processName: () => nasty, threadName: () => nasty, descriptor: () => undefined };
  const trace = chromeTraceFormat({ names, paint: (_style, text) => text, isTerminal: false });
  const text = `${trace.begin()}${trace.event(item)}]`;
  expect(text).not.toMatch(raw);
  expect(JSON.parse(text)).toContainEqual(expect.objectContaining({ name: `x:${nasty}`, args: { text: nasty, stack: nasty } })); // prettier-ignore
});
