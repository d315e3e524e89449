import { compilePattern, isExactPattern, resolveRequest } from '@extension-events/core';
import { Script } from 'node:vm';
import { parseCatchArgument, parseNumber, parseNumbers, splitIf } from './arguments.ts';
import { type Catchpoint, describeIgnore, type Stopper, titleOf } from './catchpoints.ts';
import type { Command, Context } from './context.ts';
import type { Debuggee } from './debuggee.ts';
import type { EngineBreakpoint, Place } from './engine.ts';
import { debuggerError, isCodedError } from './errors.ts';
import { formatPlace } from './format-stop.ts';
import { plural } from './format-quantity.ts';
import { describeLateStops } from './late-stops.ts';
import { parseLocation } from './location.ts';
import { findNearMisses } from './near-misses.ts';
import { formatRequest, toRequestValues } from './request-values.ts';

/** Commands that make, change and delete catchpoints and breakpoints. */
export const stopCommands: readonly Command[] = [
  {
    name: 'catch',
    section: 'stops',
    usage: 'catch PATTERN [name=value …] [if EXPR]',
    summary: 'stop the thread that posts an event of this name or pattern',
    details:
      'PATTERN is a name of info events, or has * (within a part) and ** (across parts). name=value are the parameters of a requested type. EXPR is about the fields of the event, is checked where it is posted, and costs the program next to nothing while it is false. A name that nobody has registered yet is waited for.',
    examples: ['catch hot-spot', 'catch hot-spot share=0.05', 'catch net.send if len == 13'],
    completes: 'event',
    run: (context, argument) => addCatchpoint(context, argument, false),
  },
  {
    name: 'tcatch',
    section: 'stops',
    usage: 'tcatch PATTERN [name=value …] [if EXPR]',
    summary: 'catch once: the catchpoint is deleted by its first stop',
    examples: ['tcatch hot-spot'],
    completes: 'event',
    run: (context, argument) => addCatchpoint(context, argument, true),
  },
  {
    name: 'break',
    aliases: ['b', 'br', 'brk'],
    section: 'stops',
    usage: 'break [LOCATION] [if EXPR]',
    summary: 'stop every thread that reaches a place in the code',
    details:
      'LOCATION is a line of the current file (31), a file and line (keys.ts:31, .ts or .js, walk.c:12), a function (normalizeKey, Service.run), or an address (*0x4011d6); without it, the selected frame. EXPR is JavaScript, evaluated there by V8, or an expression of the native language, evaluated by gdb, each time the place is reached: in hot code that is slow.',
    examples: [
      'break keys.ts:31',
      'break normalizeKey',
      'break server.ts:12 if request.url === "/"',
    ],
    completes: 'place',
    run: (context, argument) => addBreakpoint(context, argument, false),
  },
  {
    name: 'tbreak',
    aliases: ['tb'],
    section: 'stops',
    usage: 'tbreak [LOCATION] [if EXPR]',
    summary: 'break once: the breakpoint is deleted by its first stop',
    completes: 'place',
    run: (context, argument) => addBreakpoint(context, argument, true),
  },
  {
    name: 'condition',
    section: 'stops',
    usage: 'condition N [EXPR]',
    summary: 'give a catchpoint or breakpoint a condition, or take it away',
    examples: ['condition 1 len > 1000', 'condition 1'],
    completes: 'number',
    run: setCondition,
  },
  {
    name: 'ignore',
    section: 'stops',
    usage: 'ignore N COUNT',
    summary: 'let the next COUNT hits pass',
    examples: ['ignore 1 100'],
    completes: 'number',
    run: setIgnore,
  },
  {
    name: 'commands',
    section: 'stops',
    usage: 'commands [N]',
    summary: 'run the lines up to end after each stop of N (default: the newest)',
    details:
      'As the first line, silent keeps the stop itself from being printed. A command that lets the thread run ends the list.',
    examples: ['commands 1'],
    completes: 'number',
    run: setCommands,
  },
  {
    name: 'enable',
    aliases: ['en'],
    section: 'stops',
    usage: 'enable [N…]',
    summary: 'put disabled ones in force again; without N, all',
    completes: 'number',
    run: async ({ debuggee, transcript }, argument) => {
      for (const entry of readEntries(debuggee.catchpoints.all, argument, (number) =>
        debuggee.catchpoints.get(number),
      )) {
        await debuggee.catchpoints.enable(entry);
        transcript.write(`${titleOf(entry)} is enabled.`);
      }
    },
  },
  {
    name: 'disable',
    aliases: ['dis'],
    section: 'stops',
    usage: 'disable [N…]',
    summary: 'keep them in the table without effect; without N, all',
    completes: 'number',
    run: async ({ debuggee, transcript }, argument) => {
      for (const entry of readEntries(debuggee.catchpoints.all, argument, (number) =>
        debuggee.catchpoints.get(number),
      )) {
        await debuggee.catchpoints.disable(entry);
        transcript.write(`${titleOf(entry)} is disabled.`);
      }
    },
  },
  {
    name: 'delete',
    aliases: ['d', 'del'],
    section: 'stops',
    usage: 'delete [N…]',
    summary: 'delete catchpoints and breakpoints; without N, all',
    examples: ['delete 1', 'delete 2-4', 'delete'],
    completes: 'number',
    run: async ({ debuggee, transcript }, argument) => {
      const entries = readEntries(debuggee.catchpoints.all, argument, (number) =>
        debuggee.catchpoints.get(number),
      );
      if (entries.length === 0) transcript.write('There is nothing to delete.');
      for (const entry of entries) {
        await debuggee.catchpoints.delete(entry);
        transcript.write(`${titleOf(entry)} (${describeWanted(entry)}) is deleted.`);
      }
    },
  },
];

/** `hot-spot share=0.03`, or the location as it was typed. */
export function describeWanted(entry: Stopper): string {
  if (entry.kind === 'breakpoint') return entry.wanted;
  const request = formatRequest(entry.request);
  return request === '' ? entry.pattern : `${entry.pattern} ${request}`;
}

function readEntries(
  all: readonly Stopper[],
  argument: string,
  get: (number: number) => Stopper,
): readonly Stopper[] {
  if (argument === '') return all;
  // Every number is looked up before anything is done.
  return parseNumbers(argument, 'the number of a catchpoint or breakpoint').map((n) => get(n));
}

export async function addCatchpoint(
  context: Context,
  argument: string,
  isTemporary: boolean,
): Promise<void> {
  const { debuggee, transcript } = context;
  const { pattern, request: texts, condition } = parseCatchArgument(argument);
  const matches = compilePattern(pattern);
  const descriptor = debuggee.connection.eventTypes.find(
    (type) => type.descriptor.name === pattern,
  )?.descriptor;
  if (texts.size > 0 && !isExactPattern(pattern))
    throw debuggerError('EE_COMMAND_ARGUMENT', `${pattern} takes no parameters: it is no full name.`, 'Catch the event that takes them by its full name; info events lists them.'); // prettier-ignore
  const request = toRequestValues(texts, descriptor);
  // Requested types are armed with theirs, and say then what is wrong; others would never look at them.
  if (descriptor?.kind === 'filtered') resolveRequest(descriptor, request);
  await debuggee.engine.beforeCatch?.();
  const entry = await debuggee.catchpoints.addCatchpoint({
    pattern,
    request,
    isTemporary,
    ...(condition === undefined ? {} : { condition }),
  });
  const notes = [...(await afterCatch(debuggee, entry)), ...describeLateStops(debuggee.connection, pattern)]; // prettier-ignore
  transcript.write(`${titleOf(entry)} (${describeWanted(entry)})`);
  transcript.write(...notes.map((note) => `  ${note}`));
  const names = debuggee.connection.eventTypes.map((type) => type.descriptor.name);
  if (names.some((name) => matches(name))) return;
  if (!isExactPattern(pattern) && pattern.includes(':')) {
    transcript.write(
      '  Events of the kernel are caught by their full names; extev events shows them.',
    );
    return;
  }
  const near = isExactPattern(pattern) ? findNearMisses(pattern, names) : [];
  const guess = near.length === 0 ? '' : ` Did you mean ${near.join(', ')}?`;
  transcript.write(
    `  No event type ${isExactPattern(pattern) ? 'has that name' : 'matches'} yet; it is caught from the moment one is registered.${guess}`,
  );
}

/** A catchpoint whose threads nobody could stop is none. */
async function afterCatch(debuggee: Debuggee, entry: Catchpoint): Promise<readonly string[]> {
  try {
    return (await debuggee.engine.afterCatch?.(entry.threads)) ?? [];
  } catch (error) {
    await debuggee.catchpoints.delete(entry).catch(() => undefined);
    throw isCodedError(error) ? error : new Error(String(error));
  }
}

async function addBreakpoint(
  context: Context,
  argument: string,
  isTemporary: boolean,
): Promise<void> {
  const { debuggee, transcript } = context;
  const { head, condition } = splitIf(argument);
  const location = parseLocation(head);
  const around = await findSelectedPlace(context);
  const places = await debuggee.engine.locate(location, around);
  if (condition !== undefined && places[0]?.engine === undefined) checkExpression(condition);
  const wanted = head === '' ? describePlace(places[0]) : head;
  if (places.length === 0 && location.kind !== 'file-line') {
    throw noSuchPlace(head, location.kind, around);
  }
  const insert = async (text: string | undefined): Promise<readonly EngineBreakpoint[]> => {
    if (location.kind === 'file-line' && places.length === 0) {
      return [await debuggee.engine.setPendingBreakpoint(location.file, location.line, text)];
    }
    return Promise.all(places.map((place) => debuggee.engine.setBreakpoint(place, text)));
  };
  const entry = await debuggee.catchpoints.addBreakpoint({
    wanted,
    isTemporary,
    insert,
    ...(condition === undefined ? {} : { condition }),
  });
  if (entry.places.length > 0) {
    const shown = [...new Set(entry.places.map(describePlace))];
    const count = shown.length === 1 ? '' : ` (${plural(shown.length, 'place')})`;
    transcript.write(`${titleOf(entry)} at ${shown.join(', ')}${count}`);
    return;
  }
  transcript.write(`${titleOf(entry)} (${wanted}) is pending.`);
  transcript.write(
    places.length > 0
      ? '  No code stands there now; it takes effect when the file is loaded again.'
      : '  No loaded file has that name; it takes effect when one is loaded. The .ts name of a compiled file is known only once that is loaded.',
  );
}

export function describePlace(place: Place | undefined): string {
  return place === undefined ? '' : formatPlace({ ...place, column: 0 });
}

/** The place that bare line numbers are relative to: what was listed, or the selected frame. */
export async function findSelectedPlace(context: Context): Promise<Place | undefined> {
  const { debuggee } = context;
  if (debuggee.listed !== undefined) return debuggee.listed.place;
  if (debuggee.board.shown(debuggee.thread.key) === undefined) return undefined;
  return (await debuggee.frame()).place;
}

export function noSuchPlace(text: string, kind: string, around: Place | undefined): Error {
  if (kind === 'address') {
    return debuggerError(
      'EE_LOCATION_UNKNOWN',
      `Nothing is known of the address ${text}.`,
      'Addresses are those of native threads: *0x4011d6, *main+4.',
    );
  }
  if (kind === 'function') {
    return debuggerError(
      'EE_LOCATION_UNKNOWN',
      `No loaded file has a function called ${text}.`,
      'Functions are searched by name in the text of the loaded scripts; FILE:LINE always works.',
    );
  }
  return debuggerError(
    'EE_LOCATION_UNKNOWN',
    /^.+:\d+$/.test(text)
      ? `No loaded file is known as that of ${text}, or it has no code there, nor just below.`
      : around === undefined
        ? 'There is no current file.'
        : `${around.shown} has no code at ${text}, nor just below.`,
    /^.+:\d+$/.test(text)
      ? 'Write it as a stack shows it, such as src/keys.ts:31.'
      : 'Write FILE:LINE, or stop a thread first.',
  );
}

/** Compiles without running: V8 would silently take a broken condition for false. */
export function checkExpression(expression: string): void {
  try {
    // oxlint-disable-next-line no-new -- compiling is the check
    new Script(`(async function () { return (\n${expression}\n); })`);
  } catch (error) {
    throw debuggerError(
      'EE_COMMAND_ARGUMENT',
      `${JSON.stringify(expression)} is not a JavaScript expression: ${error instanceof Error ? error.message : String(error)}.`,
      'The condition of a breakpoint is JavaScript, such as i > 100 && key !== "".',
    );
  }
}

function splitNumber(argument: string, usage: string): [number: number, rest: string] {
  const [first = '', ...rest] = argument.split(/\s+/);
  if (first === '') {
    throw debuggerError('EE_COMMAND_ARGUMENT', 'A number is missing.', `The form is: ${usage}.`);
  }
  const number = parseNumber(first, 'the number of a catchpoint or breakpoint', 1);
  return [number, rest.join(' ')];
}

async function setCondition({ debuggee, transcript }: Context, argument: string): Promise<void> {
  const [number] = splitNumber(argument, 'condition N [EXPR]');
  const text = argument.replace(/^\s*\d+\s*/, '').trim();
  const entry = debuggee.catchpoints.get(number);
  const isNative = entry.kind === 'breakpoint' && entry.places[0]?.engine !== undefined;
  if (entry.kind === 'breakpoint' && text !== '' && !isNative) checkExpression(text);
  await debuggee.catchpoints.setCondition(entry, text === '' ? undefined : text);
  transcript.write(
    text === ''
      ? `${titleOf(entry)} now stops unconditionally.`
      : `${titleOf(entry)} now stops only if ${text}`,
  );
}

async function setIgnore({ debuggee, transcript }: Context, argument: string): Promise<void> {
  const [number, count] = splitNumber(argument, 'ignore N COUNT');
  const entry = debuggee.catchpoints.get(number);
  await debuggee.catchpoints.setIgnore(entry, parseNumber(count, 'a count of hits'));
  transcript.write(describeIgnore(entry));
}

function setCommands(context: Context, argument: string): void {
  const { catchpoints } = context.debuggee;
  const newest = catchpoints.all.at(-1);
  const number = argument === '' ? newest?.number : parseNumber(argument, 'a number', 1);
  const entry = catchpoints.get(number ?? 1);
  context.collect((lines) => {
    entry.commands = lines;
  });
}
