import { compilePattern, ExtensionEventError, isExactPattern, resolveRequest } from '@extension-events/core'; // prettier-ignore
import type { EventTypeDescriptor, RequestValues } from '@extension-events/core';
import { clip } from '../expression/grammar.ts';
import { nearest } from '../expression/nearest.ts';
import type { Point, Program } from './ast.ts';
import { scriptLimits } from './limits.ts';
import { refuse } from './problems.ts';
import { describeEvent } from './scope.ts';
import { isForeignTimer, isOwnPoint, isTimer, timerHint } from './words.ts';

/** The event types that are known where a script is started. */
export interface Catalogue {
  /** Types whose name a pattern matches. */
  find(pattern: string): readonly EventTypeDescriptor[];
  /** All names, for did-you-mean. */
  names(): readonly string[];
}

/** A point, and the event types that it matches. */
export type ResolvedPoint =
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' }
  | { readonly kind: 'timer'; readonly everyMs: number }
  | {
      readonly kind: 'event';
      readonly descriptors: readonly EventTypeDescriptor[];
      readonly request?: RequestValues;
    };

const pointNames = ['begin', 'end', 'timer.s', 'timer.ms'];
// A comparison of names takes time; nobody means the ten thousandth tracepoint.
const maxNames = 20_000;

/**
 * Finds what a point stands for.
 *
 * @throws Refusal when it stands for nothing, or its parameters do not fit
 */
export function resolvePoint(point: Point, program: Program, catalogue: Catalogue): ResolvedPoint {
  const { pattern, patternSpan } = point;
  if (isOwnPoint(pattern)) return resolveOwn(point);
  const matches = compile(point);
  const declared = program.events.filter(({ name }) => matches(name)).map(describeEvent);
  const names = new Set(declared.map(({ name }) => name));
  const others = catalogue.find(pattern).filter(({ name }) => !names.has(name));
  const found = [...declared, ...others];
  // The fields of a provisional type are known with its first event: until then it is as if awaited.
  const descriptors = found.filter((type) => type.isProvisional !== true);
  if (found.length === 0 && !point.isAwaited) {
    const isExact = isExactPattern(pattern);
    const message = isExact
      ? `There is no event ${clip(pattern)}.`
      : `No event matches ${clip(pattern)}.`;
    const known = [...program.events.map(({ name }) => name), ...pointNames, ...catalogue.names()];
    const near = isExact ? nearest(pattern, known.slice(0, maxNames)) : undefined;
    const hint = isForeignTimer(pattern) ? timerHint : near === undefined
      ? `write await ${clip(pattern)} if it comes to be later.`
      : `did you mean ${near}? Write await if it comes to be later.`; // prettier-ignore
    return refuse('EE_SCRIPT_NAME', message, hint, patternSpan);
  }
  const request = resolveParameters(point, descriptors);
  return { kind: 'event', descriptors, ...(request !== undefined && { request }) };
}

function compile({ pattern, patternSpan }: Point): (name: string) => boolean {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (!(error instanceof ExtensionEventError)) throw error;
    const message = `${clip(JSON.stringify(pattern))} is neither the name of an event nor a pattern.`; // prettier-ignore
    const hint =
      'write net.send, net.* or "channel:name"; begin, end and timer.s(1) are points too.';
    return refuse('EE_SCRIPT_NAME', message, hint, patternSpan);
  }
}

function resolveOwn(point: Point): ResolvedPoint {
  const { pattern, patternSpan, isAwaited, condition, parameters } = point;
  if (isAwaited) {
    refuse('EE_SCRIPT_SYNTAX', `${pattern} is always there.`, 'leave out await.', patternSpan);
  }
  if (condition !== undefined) {
    const hint = 'write if (…) inside the block.';
    refuse('EE_SCRIPT_SYNTAX', `${pattern} takes no condition.`, hint, condition);
  }
  if (isTimer(pattern)) return { kind: 'timer', everyMs: everyMs(point) };
  const [first] = parameters;
  if (first !== undefined) {
    refuse('EE_SCRIPT_TYPE', `${pattern} takes no parameters.`, `write ${pattern}.`, first);
  }
  return { kind: pattern === 'begin' ? 'begin' : 'end' };
}

function everyMs({ pattern, patternSpan, parameters }: Point): number {
  const [first, ...more] = parameters;
  const { minTimerMs, maxTimerMs } = scriptLimits;
  const value = first?.name === undefined && more.length === 0 ? first?.value : undefined;
  const ms = typeof value === 'number' ? value * (pattern === 'timer.s' ? 1000 : 1) : Number.NaN;
  if (ms >= minTimerMs && ms <= maxTimerMs) return ms;
  const [unit, low, high] = pattern === 'timer.s' ? ['seconds', minTimerMs / 1000, maxTimerMs / 1000] : ['milliseconds', minTimerMs, maxTimerMs]; // prettier-ignore
  const message = `${pattern} takes a number of ${unit} from ${low} to ${high}.`;
  return refuse('EE_SCRIPT_TYPE', message, `write ${pattern}(${pattern === 'timer.s' ? 1 : 100}).`, first ?? patternSpan); // prettier-ignore
}

function resolveParameters(
  { pattern, patternSpan, parameters }: Point,
  descriptors: readonly EventTypeDescriptor[],
): RequestValues | undefined {
  const [first] = parameters;
  if (first !== undefined && !isExactPattern(pattern)) {
    const hint = 'write a probe for each event that takes parameters.';
    refuse('EE_SCRIPT_TYPE', 'A pattern takes no parameters.', hint, first);
  }
  const given = new Map<string, number | string | boolean>();
  for (const parameter of parameters) {
    const { name = '', value } = parameter;
    if (given.has(name)) {
      refuse(
        'EE_SCRIPT_DUPLICATE',
        `${clip(name)} is given twice.`,
        'drop one of them.',
        parameter,
      );
    }
    given.set(name, value);
  }
  const request = Object.fromEntries(given);
  if (!isExactPattern(pattern)) return undefined;
  for (const descriptor of descriptors) {
    try {
      resolveRequest(descriptor, request);
    } catch (error) {
      if (!(error instanceof ExtensionEventError)) throw error;
      refuse('EE_SCRIPT_TYPE', error.message, error.hint, first ?? patternSpan);
    }
  }
  return given.size === 0 ? undefined : request;
}
