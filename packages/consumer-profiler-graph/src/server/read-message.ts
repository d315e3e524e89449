import type { RequestValues } from '@extension-events/core';
import type { SourceSpec, TimeRange } from '../graph-types.ts';
import { watchError } from './errors.ts';
import type { PageMessage, View } from './messages.ts';

/** Bounds of what a page may send; a web-socket frame that is longer ends the connection. */
export const messageLimits = { bytes: 262_144, text: 500, script: 100_000 } as const;

type Given = Readonly<Record<string, unknown>>;

/**
 * Reads a message of the page: every part of it is looked at, and nothing else is handed on.
 *
 * @throws ExtensionEventError `EE_WATCH_MESSAGE`
 */
export function readMessage(text: string): PageMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw garbage('It is no JSON');
  }
  const given = object(value, 'the message');
  switch (given['do']) {
    case 'watch':
      return { do: 'watch', id: whole(given, 'id'), view: readView(object(given['view'], 'view')) };
    case 'unwatch':
      return { do: 'unwatch', id: whole(given, 'id') };
    case 'attach':
      return { do: 'attach', ask: whole(given, 'ask'), pid: whole(given, 'pid') };
    case 'check-script':
      return { do: 'check-script', ask: whole(given, 'ask'), text: script(given) };
    case 'run-script': {
      const pids = given['pids'];
      const list = pids === undefined ? {} : { pids: numbers(pids) };
      return { do: 'run-script', ask: whole(given, 'ask'), name: string(given, 'name'), text: script(given), ...list }; // prettier-ignore
    }
    case 'stop-script':
      return { do: 'stop-script', ask: whole(given, 'ask'), script: whole(given, 'script') };
    case 'export': {
      const format = oneOf(given, 'format', ['speedscope', 'pprof', 'cpuprofile'] as const);
      return { do: 'export', ask: whole(given, 'ask'), view: whole(given, 'view'), format };
    }
    case 'stop-next':
      return { do: 'stop-next', ask: whole(given, 'ask'), source: readSource(given) };
    case 'continue':
      return { do: 'continue', ask: whole(given, 'ask'), pid: whole(given, 'pid'), tid: whole(given, 'tid') }; // prettier-ignore
    default:
      throw garbage(`There is nothing to do by the name ${JSON.stringify(given['do'])}`);
  }
}

/** The number under which the page waits for an answer, when a message that is wrong has one. */
export function askOf(text: string): number | undefined {
  try {
    const { ask } = JSON.parse(text) as { ask?: unknown };
    return typeof ask === 'number' && Number.isSafeInteger(ask) ? ask : undefined;
  } catch {
    return undefined;
  }
}

function readView(given: Given): View {
  const of = oneOf(given, 'of', ['processes', 'catalogue', 'scripts', 'held', 'state', 'series', 'histogram', 'top', 'heat', 'incidents', 'flame'] as const); // prettier-ignore
  if (of === 'processes' || of === 'catalogue' || of === 'scripts' || of === 'held') return { of };
  const source = readSource(given);
  const range = given['range'] === undefined ? {} : { range: readRange(given) };
  switch (of) {
    case 'state':
      return { of, source };
    case 'series':
      return { of, source, range: readRange(given), by: oneOf(given, 'by', ['sum', 'thread', 'event'] as const) }; // prettier-ignore
    case 'heat':
      return {
        of,
        source,
        field: string(given, 'field'),
        ...event(given),
        range: readRange(given),
      };
    case 'histogram':
    case 'top':
      return { of, source, field: string(given, 'field'), ...event(given), ...range };
    case 'incidents':
      return {
        of,
        source,
        limit: Math.min(whole(given, 'limit'), 1000),
        ...stack(given),
        ...range,
      };
    case 'flame': {
      const weight = given['weightField'] === undefined ? {} : { weightField: string(given, 'weightField') }; // prettier-ignore
      return { of, source, ...stack(given), ...weight, ...range };
    }
    default:
      return of satisfies never;
  }
}

function event(given: Given): { event?: string } {
  return given['event'] === undefined ? {} : { event: string(given, 'event') };
}

function stack(given: Given): { stack?: number } {
  return given['stack'] === undefined ? {} : { stack: Math.min(whole(given, 'stack'), 128) };
}

function readSource(outer: Given): SourceSpec {
  const given = object(outer['source'], 'source');
  const optional = (key: 'where' | 'thread'): object =>
    given[key] === undefined ? {} : { [key]: string(given, key) };
  return {
    pattern: string(given, 'pattern'),
    ...optional('where'),
    ...optional('thread'),
    ...(given['pid'] === undefined ? {} : { pid: whole(given, 'pid') }),
    ...(given['request'] === undefined ? {} : { request: readRequest(given) }),
  };
}

function readRequest(outer: Given): RequestValues {
  const entries = Object.entries(object(outer['request'], 'request'));
  if (entries.length > 50) throw garbage('A request has at most 50 parameters');
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const isFit = typeof value === 'boolean' || Number.isFinite(value) || (typeof value === 'string' && value.length <= messageLimits.text); // prettier-ignore
      if (!isFit) throw garbage(`The parameter ${key} has no value that is sent`);
      return [key, value as number | string | boolean];
    }),
  );
}

function readRange(outer: Given): TimeRange {
  const given = object(outer['range'], 'range');
  if (given['lastMs'] !== undefined) return { lastMs: span(given, 'lastMs') };
  const [fromMs, toMs] = [number(given, 'fromMs'), number(given, 'toMs')];
  if (fromMs >= toMs) throw garbage('The range ends before it begins');
  return { fromMs, toMs };
}

function span(given: Given, key: string): number {
  const value = number(given, key);
  if (value > 0 && value <= 86_400_000) return value;
  throw garbage(`${key} is a span of time of up to a day`);
}

function object(value: unknown, what: string): Given {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Given;
  throw garbage(`${what} is no object`);
}

function string(given: Given, key: string): string {
  const value = given[key];
  if (typeof value === 'string' && value !== '' && value.length <= messageLimits.text) return value;
  throw garbage(`${key} is no text of 1 to ${messageLimits.text} characters`);
}

function script(given: Given): string {
  const { text } = given;
  if (typeof text === 'string' && text.length <= messageLimits.script) return text;
  throw garbage(`A script has at most ${messageLimits.script} characters`);
}

function number(given: Given, key: string): number {
  const value = given[key];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw garbage(`${key} is no number`);
}

function whole(given: Given, key: string): number {
  const value = number(given, key);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw garbage(`${key} is no whole number`);
}

function numbers(value: unknown): number[] {
  if (!Array.isArray(value) || value.length > 1000) throw garbage('pids is no list of numbers');
  return value.map((pid: unknown) => whole({ pid }, 'pid'));
}

function oneOf<const T extends string>(given: Given, key: string, list: readonly T[]): T {
  const found = list.find((one) => one === given[key]);
  if (found !== undefined) return found;
  throw garbage(`${key} is none of ${list.join(', ')}`);
}

function garbage(what: string): Error {
  return watchError('EE_WATCH_MESSAGE', `A message cannot be understood: ${what}.`, 'Reload the page: it may belong to another version of the watcher.'); // prettier-ignore
}
