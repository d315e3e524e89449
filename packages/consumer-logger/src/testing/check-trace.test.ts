import { expect, it } from 'vitest';
import { checkCutTrace, checkTrace } from './check-trace.ts';

const names = [
  { name: 'process_name', ph: 'M', ts: 0, pid: 7, tid: 7, args: { name: 'main' } },
  { name: 'thread_name', ph: 'M', ts: 0, pid: 7, tid: 8, args: { name: 'main' } },
];
const span = { name: 'a', cat: 'a', ph: 'X', ts: 1.5, dur: 2, pid: 7, tid: 8, args: {} };
const instant = { name: 'a', cat: 'a', ph: 'I', s: 't', ts: 1.5, pid: 7, tid: 8, args: {} };
const trace = (...events: readonly object[]): string => `[\n${[...names, ...events].map((event) => JSON.stringify(event)).join('\n,')}\n]`; // prettier-ignore

it('a trace as it is to be passes', () => {
  expect(checkTrace(trace(span, instant))).toEqual([...names, span, instant]);
  expect(checkCutTrace(trace(span, instant).slice(0, -10))).toEqual([...names, span]);
  expect(checkCutTrace('[\n{')).toEqual([]);
  expect(checkCutTrace('')).toEqual([]);
});

it.each([
  ['a line feed after the bracket', `${trace(span)}\n`],
  ['no bracket', trace(span).slice(0, -1)],
  ['a comma before the bracket', trace(span).replace(/\n\]$/, '\n,]')],
  ['no comma', trace(span).replaceAll('\n,', '\n')],
  ['an object with traceEvents', `{"traceEvents":${trace(span)}}`],
  ['nothing in it', '[]'],
  ['an escaped surrogate', trace({ ...span, name: '\uD800' })],
  ['an escaped surrogate in args', trace({ ...span, args: { '\uDFFF': 1 } })],
  ['a control character', trace({ ...span, name: '\u0085' })],
  ['a large number', trace({ ...span, args: { n: 2 ** 64 } })],
  ['a long fraction', trace({ ...span, args: { n: 0.00012345678901234567 } })],
  ['an instant of a phase that DevTools does not know', trace({ ...instant, ph: 'i' })],
  ['an instant without a scope', trace({ ...instant, s: undefined })],
  ['an instant with a duration', trace({ ...instant, dur: null })],
  ['no duration', trace({ ...span, dur: undefined })],
  ['a negative duration', trace({ ...span, dur: -1 })],
  ['a negative time', trace({ ...span, ts: -1 })],
  ['a pid as text', trace({ ...span, pid: '7' })],
  ['a tid of 0', trace({ ...span, tid: 0 })],
  ['a tid beyond 32 bits', trace({ ...span, tid: 2 ** 32 })],
  ['an empty name of a thread', trace({ ...names[1], args: { name: '' } })],
  ['metadata without its value', trace({ ...names[1], args: {} })],
  ['a thread that has no name', trace({ ...span, tid: 9 })],
  ['a field that has a meaning of its own', trace({ ...span, tts: null })],
  ['a span half over another', trace(span, { ...span, ts: 2.5 })],
  ['a span that ends later in doubles', trace({ ...span, ts: 0.1, dur: 0.3 }, { ...span, ts: 0.3, dur: 0.1 }, { ...span, ts: 0.1, dur: 0.2 }, { ...span, ts: 0.3, dur: 0.2 })], // prettier-ignore
  ['513 spans one in the other', trace(...Array.from({ length: 513 }, (_, n) => ({ ...span, ts: n, dur: 2000 - 2 * n })))], // prettier-ignore
])('is refused: %s', (_what, text) => {
  expect(() => checkTrace(text)).toThrow(Error);
});
