import type { InterruptStack } from '@extension-events/platform-v8';
import { findBuiltinCall, isAlwaysCostly, isCostly } from './builtins.ts';
import { isDeaf } from './deaf.ts';
import type { FunctionIndex, KnownFrame } from './function-index.ts';
import type { HotFunction, Place } from './internal-types.ts';
import { mostFrequent } from './most-frequent.ts';
import type { SourceText } from './source-text.ts';

/** The generated place to show for a hot function, and what is known about it. */
export interface Spot {
  readonly line: number;
  readonly column: number;
  /** Empty when the time is spent in JavaScript. */
  readonly native: string;
  /** Was the thread found there by interrupts? */
  readonly confirmed: boolean;
  readonly note: string;
  /** A stack whose innermost JavaScript frame is the function. */
  readonly stack: readonly KnownFrame[] | undefined;
}

/** What the stacks say of one function. */
interface Sighting {
  readonly line: number;
  readonly column: number;
  /** Built-in function on top of it; empty when there is none. */
  readonly native: string;
  /** Nothing but built-in functions and Node's own above it. */
  readonly isTop: boolean;
  readonly latencyNs: number;
  readonly stack: readonly KnownFrame[];
}

/** The places where samples of the function fell, one entry each. */
export interface LocateInput {
  readonly function: HotFunction;
  readonly places: readonly Place[];
  readonly stacks: readonly InterruptStack[];
  readonly index: FunctionIndex;
  /** The script's text, when it can be read. */
  readonly text: SourceText | undefined;
  /** The line that was counted, when counting by line; else 0. */
  readonly line: number;
}

/** Chooses line, column and native name for a hot function. */
export function locate(input: LocateInput): Spot {
  const sightings = findSightings(input);
  const native = mostFrequent(input.places.map((place) => place.native)) ?? '';
  const tops = sightings.filter((each) => each.isTop);
  const confirmed = (tops.length > 0 ? tops : sightings).length > 0;
  const stack = (tops[0] ?? sightings[0])?.stack;
  const spot = native === '' ? locateScript(input, tops) : locateNative(input, native, sightings);
  return { ...spot, confirmed, stack };
}

type Located = Pick<Spot, 'line' | 'column' | 'native' | 'note'>;

function findSightings({ function: hot, stacks, index }: LocateInput): Sighting[] {
  const sightings: Sighting[] = [];
  for (const { frames, latencyNs } of stacks) {
    const stack = index.resolve(frames);
    const at = stack.findIndex((each) => each.function?.key === hot.key);
    const frame = stack[at]?.frame;
    if (frame === undefined) continue;
    const inner = stack.slice(0, at);
    const above = inner.at(-1);
    sightings.push({
      line: frame.line,
      column: frame.column,
      native: above !== undefined && isForeign(above) ? nativeName(above) : '',
      isTop: inner.every(isForeign),
      latencyNs,
      stack: stack.slice(at),
    });
  }
  return sightings;
}

const isForeign = (each: KnownFrame): boolean =>
  each.function === undefined || each.function.url.startsWith('node:');

function nativeName({ frame }: KnownFrame): string {
  const { typeName, functionName } = frame;
  const isPlain = typeName === '' || typeName === 'Object' || typeName === 'Function';
  return isPlain || frame.url !== '' ? functionName : `${typeName}.${functionName}`;
}

/** Time in native code that the profiler saw: the line is where the function calls it. */
function locateNative(input: LocateInput, native: string, sightings: readonly Sighting[]): Located {
  const { function: hot, text } = input;
  const ticked = mostFrequent(
    input.places.filter((each) => each.native === native && each.line > 0).map((each) => each.line),
  );
  const calling = sightings.filter(
    (each) => each.native !== '' && (ticked === undefined || each.line === ticked),
  );
  const seen = mostFrequent(calling.map((each) => `${each.line}:${each.column}`));
  if (seen !== undefined) {
    const [line = 0, column = 0] = seen.split(':').map(Number);
    return { line, column, native, note: '' };
  }
  const line = ticked ?? findCall(text, hot, native);
  return line === undefined
    ? { line: hot.line, column: hot.column, native, note: 'called from this function' }
    : { line, column: text?.firstColumn(line) ?? 1, native, note: '' };
}

/** A line of the function that calls this name. */
function findCall(
  text: SourceText | undefined,
  hot: HotFunction,
  name: string,
): number | undefined {
  const last = text?.lastLineOfFunction(hot.line, hot.column);
  if (text === undefined || last === undefined || !/^[\w$]+$/.test(name)) return undefined;
  for (let line = hot.line; line <= last; line++) {
    if (new RegExp(`\\b${name}\\s*\\(`).test(text.line(line))) return line;
  }
  return undefined;
}

/** Time in the function itself, or in a built-in function that the profiler charges to it. */
function locateScript(input: LocateInput, tops: readonly Sighting[]): Located {
  const { function: hot, text } = input;
  const last = text?.lastLineOfFunction(hot.line, hot.column) ?? Infinity;
  const lines = countLines(input, last);
  // Interrupts are also served while the thread waits, in Atomics.wait: only lines that have samples count.
  const hasSamples = (line: number): boolean =>
    lines.inside.length === 0 || lines.inside.some((each) => Math.abs(each - line) <= 1);
  // Interrupts like to land in cheap built-in functions too, such as Array.push: those are not the news.
  const isThreadDeaf = isDeaf(tops.length < 3 ? input.stacks : tops);
  const natives = tops.filter(
    (each) =>
      hasSamples(each.line) &&
      each.native !== 'Atomics.wait' &&
      (isThreadDeaf ? each.native !== '' : isCostly(each.native)),
  );
  if (natives.length * 2 > tops.length)
    return fromSightings(natives, mostFrequent(natives.map((each) => each.native)) ?? '');
  const builtin = findBuiltin(input, lines, isThreadDeaf, last);
  if (builtin !== undefined) return builtin;
  const [hottest] = lines.inside;
  if (hottest === undefined) {
    const note = lines.outside > 0 ? 'inlined callee' : '';
    if (tops.length > 0) return { ...fromSightings(tops, ''), note };
    return { line: hot.line, column: hot.column, native: '', note: note || 'line not known' };
  }
  const note = lines.outside > lines.insideHits ? 'inlined callee' : '';
  return { line: hottest, column: columnOn(hottest, input, tops), native: '', note };
}

interface LineCounts {
  /** Lines of the function itself, hottest first. */
  readonly inside: readonly number[];
  readonly insideHits: number;
  /** Samples on lines that are not the function's: of callees that were inlined. */
  readonly outside: number;
}

function countLines({ function: hot, places, line }: LocateInput, last: number): LineCounts {
  if (line !== 0) return { inside: [line], insideHits: places.length, outside: 0 };
  const counts = new Map<number, number>();
  let outside = 0;
  for (const place of places) {
    if (place.line === 0) continue;
    if (place.line < hot.line || place.line > last) outside++;
    else counts.set(place.line, (counts.get(place.line) ?? 0) + 1);
  }
  const inside = [...counts].toSorted((a, b) => b[1] - a[1]).map(([each]) => each);
  return { inside, insideHits: places.length - outside, outside };
}

function fromSightings(sightings: readonly Sighting[], native: string): Located {
  const seen = mostFrequent(sightings.map((each) => `${each.line}:${each.column}`)) ?? '1:1';
  const [line = 1, column = 1] = seen.split(':').map(Number);
  return { line, column, native, note: '' };
}

function findBuiltin(
  { function: hot, text, line }: LocateInput,
  lines: LineCounts,
  isThreadDeaf: boolean,
  last: number,
): Located | undefined {
  if (text === undefined) return undefined;
  const [hottest = hot.line] = lines.inside;
  const at = (each: number, name: string): Located => ({
    line: each,
    column: columnOfCall(text, each, name),
    native: name,
    note: 'built-in named from the source line',
  });
  const onHottest = findBuiltinCall(text.line(hottest), { isDeaf: isThreadDeaf });
  if (onHottest !== undefined && (isThreadDeaf || isAlwaysCostly(onHottest)))
    return at(hottest, onHottest);
  if (line !== 0 || last === Infinity) return undefined;
  // V8 may charge a call to the loop around it: then another line with samples names it, or the next one.
  const isLoopHead = /^\s*(?:for|while)\b/.test(text.line(hottest));
  for (const each of [...lines.inside, hottest + 1, hottest - 1]) {
    if (each < hot.line || each > last) continue;
    const name = findBuiltinCall(text.line(each), { isDeaf: false });
    if (name === undefined) continue;
    const isLikely = isAlwaysCostly(name) && (lines.inside.includes(each) || isLoopHead);
    if (isThreadDeaf || isLikely) return at(each, name);
  }
  return undefined;
}

function columnOfCall(text: SourceText, line: number, name: string): number {
  const at = text.line(line).indexOf(name);
  return at === -1 ? text.firstColumn(line) : at + 1;
}

/** An interrupt on this line knows the column that is executed again and again. */
function columnOn(
  line: number,
  { function: hot, text }: LocateInput,
  tops: readonly Sighting[],
): number {
  const seen = mostFrequent(tops.filter((each) => each.line === line).map((each) => each.column));
  if (seen !== undefined) return seen;
  if (line === hot.line) return hot.column;
  return text?.firstColumn(line) ?? 1;
}
