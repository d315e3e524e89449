import { parseNumber } from './arguments.ts';
import { findSelectedPlace, noSuchPlace } from './commands-stops.ts';
import type { Command, Context } from './context.ts';
import type { EngineFrame, Place, Scope, Variable } from './engine.ts';
import { debuggerError } from './errors.ts';
import { formatListing } from './format-source.ts';
import { formatField } from './format-payload.ts';
import { formatFrame, formatReason } from './format-stop.ts';
import { parseLocation } from './location.ts';
import { makePrintable } from './paint.ts';
import { readLocals, showFrame, showInstructions, showSource } from './show-stop.ts';

/** Commands that look at a stopped thread. */
export const lookingCommands: readonly Command[] = [
  {
    name: 'bt',
    aliases: ['backtrace', 'where'],
    section: 'looking',
    usage: 'bt [full] [native] [N]',
    summary: 'show the stack, innermost frame first; N frames; full with locals',
    details:
      "Frames of Node and of dependencies are dimmed. native (or -n) shows, after the frames that V8 has of a JavaScript thread, those of the machine: gdb stops the process for the moment of reading them, and V8's hold of the thread stays.",
    examples: ['bt', 'bt full 3', 'bt native'],
    run: showStack,
  },
  {
    name: 'frame',
    aliases: ['f'],
    section: 'looking',
    usage: 'frame [N]',
    summary: 'select a frame and show where it is',
    run: async (context, argument) => {
      const { debuggee } = context;
      const level = argument === '' ? debuggee.selectedLevel : parseNumber(argument, 'a frame');
      await selectFrame(context, await debuggee.frameAt(level));
    },
  },
  {
    name: 'up',
    section: 'looking',
    usage: 'up [N]',
    summary: 'select the caller',
    repeats: true,
    run: (context, argument) => moveFrame(context, argument, 1),
  },
  {
    name: 'down',
    aliases: ['dow'],
    section: 'looking',
    usage: 'down [N]',
    summary: 'select the callee',
    repeats: true,
    run: (context, argument) => moveFrame(context, argument, -1),
  },
  {
    name: 'list',
    aliases: ['l'],
    section: 'looking',
    usage: 'list [LOCATION | -]',
    summary: 'show ten source lines, and go on from there; - goes back',
    examples: ['list', 'list keys.ts:31', 'list normalizeKey', 'list -'],
    repeats: true,
    completes: 'place',
    run: listSource,
  },
  {
    name: 'print',
    aliases: ['p', 'inspect', 'call'],
    section: 'looking',
    usage: 'print EXPR',
    summary: 'evaluate an expression in the selected frame',
    details:
      'JavaScript for a JavaScript thread, the language of the frame for a native one. An expression that would change the program is refused, so that looking never disturbs, unless the debugger was started with --write.',
    examples: ['print row.key', 'print table.length', 'print rows.map((r) => r.id)', 'print *node'],
    completes: 'expression',
    run: print,
  },
  {
    name: 'set var',
    aliases: ['variable'],
    section: 'looking',
    usage: 'set var NAME = EXPR',
    summary: 'change a variable of the selected frame (needs --write)',
    examples: ['set var limit = 10'],
    completes: 'expression',
    run: setVariable,
  },
  {
    name: 'info locals',
    section: 'looking',
    usage: 'info locals',
    summary: 'show the variables that the selected frame sees',
    run: showLocals,
  },
  {
    name: 'info registers',
    aliases: ['r'],
    section: 'looking',
    usage: 'info registers',
    summary: 'show the registers of a native thread; JavaScript threads have none to show',
    run: async ({ debuggee, transcript }) => {
      const registers = await debuggee.engine.registers(debuggee.thread.key);
      transcript.write(...registers.map(({ name, value }) => `${name.padEnd(10)}${value}`));
    },
  },
  {
    name: 'info stop',
    section: 'looking',
    usage: 'info stop',
    summary: 'show why the thread stands: each field of the event, and the stack that it carries',
    run: showStopInfo,
  },
  {
    name: 'info source',
    section: 'looking',
    usage: 'info source',
    summary: 'show which file the current lines come from',
    run: showSourceInfo,
  },
];

async function showStack({ debuggee, transcript }: Context, argument: string): Promise<void> {
  const words = argument.split(/\s+/).filter((word) => word !== '');
  const isFull = takeWord(words, /^-?full$/);
  const isNative = takeWord(words, /^(?:native|-n)$/);
  const [count] = words;
  const limit = count === undefined ? Infinity : parseNumber(count, 'a count of frames', 1);
  const frames = await debuggee.frames(debuggee.stop);
  if (frames.length === 0) transcript.write('The stack is empty.');
  const shown = frames.slice(0, limit);
  const parameters = await Promise.all(
    shown.map((frame) => debuggee.engine.parameters(frame).catch(() => undefined)),
  );
  // A native thread has no other frames than these.
  const isScript = frames[0]?.engine === undefined;
  const all = isNative && isScript ? ((await debuggee.engine.nativeFrames?.(debuggee.stop.thread)) ?? []) : []; // prettier-ignore
  const hasBoth = shown.length > 0 && all.length > 0;
  const origin = (frame: EngineFrame): string =>
    hasBoth ? transcript.paint('dim', ` [${frame.engine ?? 'v8'}]`) : '';
  for (const [index, frame] of shown.entries()) {
    transcript.write(formatFrame(frame, parameters[index], transcript.paint) + origin(frame));
    if (!isFull || !frame.isUser) continue;
    transcript.write(...formatVariables(await readLocals(debuggee, frame), '        '));
  }
  if (frames.length > shown.length) transcript.write(`(${frames.length - shown.length} more)`);
  if (!isNative || !isScript) return;
  // gdb cannot unwind the code that V8 generated: what it finds below that is chance.
  const end = all.findIndex((frame) => frame.functionName === '??');
  const native = end === -1 ? all : all.slice(0, end);
  transcript.write(native.length === 0 ? 'There are no native frames to show.' : 'native:');
  for (const frame of native.slice(0, limit)) {
    transcript.write(formatFrame(frame, undefined, transcript.paint) + origin(frame));
  }
  if (native.length > limit) transcript.write(`(${native.length - limit} more)`);
  else if (end > 0) transcript.write('(then the JavaScript above, which gdb cannot follow)');
}

/** Takes a word out of the list; was it there? */
function takeWord(words: string[], word: RegExp): boolean {
  const index = words.findIndex((one) => word.test(one));
  if (index === -1) return false;
  words.splice(index, 1);
  return true;
}

async function selectFrame(context: Context, frame: EngineFrame): Promise<void> {
  const { debuggee, transcript } = context;
  debuggee.selectedLevel = frame.level;
  await showFrame(debuggee, transcript, frame);
  await showSource(debuggee, transcript, frame.place, 0);
  // The next list starts around this line, as after a stop.
  debuggee.listed = undefined;
}

async function moveFrame(context: Context, argument: string, direction: 1 | -1): Promise<void> {
  const { debuggee } = context;
  const count = argument === '' ? 1 : parseNumber(argument, 'a count of frames', 1);
  const last = (await debuggee.frames(debuggee.stop)).length - 1;
  const level = debuggee.selectedLevel + direction * count;
  const isAtEnd = debuggee.selectedLevel === (direction === 1 ? last : 0);
  if (isAtEnd) {
    throw debuggerError(
      'EE_FRAME_UNKNOWN',
      direction === 1
        ? 'The outermost frame is selected; nothing called it.'
        : 'The innermost frame is selected; it calls nothing.',
      'bt shows all frames.',
    );
  }
  await selectFrame(context, await debuggee.frameAt(Math.min(Math.max(level, 0), last)));
}

const listLines = 10;

async function listSource(context: Context, argument: string): Promise<void> {
  const { debuggee } = context;
  const { listed } = debuggee;
  if (argument === '' && listed !== undefined) {
    await list(context, listed.place, listed.to + 1);
    return;
  }
  if (argument === '-') {
    const place = listed?.place ?? (await debuggee.frame()).place;
    const from = (listed?.from ?? place.line) - listLines;
    if (listed !== undefined && listed.from <= 1) throw noMoreLines(place, 'before 1');
    await list(context, place, Math.max(1, from));
    return;
  }
  const around = await findSelectedPlace(context);
  const location = parseLocation(argument);
  const [place] = await debuggee.engine.locate(location, around);
  if (place === undefined) {
    if (argument === '') return void (await debuggee.frame());
    throw noSuchPlace(argument, location.kind, around);
  }
  await list(context, place, Math.max(1, place.line - listLines / 2));
}

async function list(context: Context, place: Place, from: number): Promise<void> {
  const { debuggee, transcript } = context;
  if (place.line === 0) {
    await showInstructions(debuggee, transcript, place, listLines);
    return;
  }
  const source = await debuggee.engine.source(place);
  if (from > source.lines.length) throw noMoreLines(place, `after ${source.lines.length}`);
  const to = Math.min(from + listLines - 1, source.lines.length);
  const current = await findCurrentLine(context, place);
  if (source.remark !== undefined) transcript.write(`  (${source.remark})`);
  const { width, paint } = transcript;
  transcript.write(
    ...formatListing(
      { lines: source.lines, from, to, width, ...(current === undefined ? {} : { current }) },
      paint,
    ),
  );
  debuggee.listed = { place, from, to };
}

function noMoreLines(place: Place, where: string): Error {
  return debuggerError(
    'EE_SOURCE_UNKNOWN',
    `There are no lines ${where} in ${place.shown}.`,
    'list LOCATION starts anew.',
  );
}

/** The selected frame's place, when it is in the file that is listed. */
async function findCurrentLine({ debuggee }: Context, place: Place): Promise<Place | undefined> {
  if (debuggee.board.shown(debuggee.thread.key) === undefined) return undefined;
  const frame = (await debuggee.frames(debuggee.stop))[debuggee.selectedLevel];
  return frame?.place.file === place.file ? frame.place : undefined;
}

async function print(context: Context, argument: string): Promise<void> {
  const expression = argument.trim();
  if (expression === '') {
    throw debuggerError(
      'EE_COMMAND_ARGUMENT',
      'print needs an expression.',
      'For example: print table.length. info locals lists the names.',
    );
  }
  await evaluate(context, expression, context.mayWrite);
}

async function evaluate(context: Context, expression: string, mayWrite: boolean): Promise<void> {
  const { debuggee, transcript } = context;
  const frames = await debuggee.frames(debuggee.stop);
  const frame = frames[debuggee.selectedLevel];
  const lines = await debuggee.engine.evaluate(debuggee.stop.thread, frame, expression, mayWrite);
  transcript.write(...lines);
}

async function setVariable(context: Context, argument: string): Promise<void> {
  if (!/^[^=]+=[^=]/.test(argument)) {
    throw debuggerError(
      'EE_COMMAND_ARGUMENT',
      'set var needs a name and a value.',
      'The form is: set var NAME = EXPR, for example set var limit = 10.',
    );
  }
  if (!context.mayWrite) {
    throw debuggerError(
      'EE_SIDE_EFFECT',
      'Changing the program was not allowed to this debugger.',
      'Start it with --write.',
    );
  }
  await evaluate(context, argument.trim(), true);
}

async function showLocals({ debuggee, transcript }: Context): Promise<void> {
  const frame = await debuggee.frame();
  const locals = await readLocals(debuggee, frame);
  const closures = (await debuggee.engine.scopes(frame)).filter(isShownClosure);
  if (locals.length === 0) transcript.write('No locals.');
  transcript.write(...formatVariables(locals, ''));
  for (const scope of closures) {
    const owner = scope.name === '' ? 'an enclosing function' : scope.name;
    transcript.write(transcript.paint('dim', `of ${owner}:`));
    transcript.write(...formatVariables(scope.variables, '  '));
  }
}

function isShownClosure(scope: Scope): boolean {
  return scope.kind === 'closure' && scope.variables.length > 0;
}

function formatVariables(variables: readonly Variable[], indent: string): string[] {
  return variables.map(({ name, value }) => `${indent}${name} = ${value}`);
}

function showStopInfo({ debuggee, transcript }: Context): void {
  const { cause, entries, thread } = debuggee.stop;
  transcript.write(`${formatReason(cause, entries)} in thread ${debuggee.nameThread(thread)}`);
  if (cause.type !== 'event') return;
  const descriptor = debuggee.connection.eventTypes.find(
    (type) => type.descriptor.name === cause.event,
  )?.descriptor;
  const rows = Object.entries(cause.payload).filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  for (const [name, value] of rows) {
    transcript.write(`  ${name.padEnd(width)}  ${formatField(name, value, descriptor)}`);
    if (descriptor?.fields[name]?.type !== 'stack' || typeof value !== 'string') continue;
    transcript.write(...value.split('\n').map((line) => `    ${makePrintable(line)}`));
  }
}

async function showSourceInfo(context: Context): Promise<void> {
  const { debuggee, transcript } = context;
  const place = await findSelectedPlace(context);
  if (place === undefined) {
    await debuggee.frame();
    return;
  }
  const source = await debuggee.engine.source(place);
  transcript.write(
    `Current file is ${place.file}.`,
    place.isMapped
      ? 'It was found through a source map of the code that runs.'
      : 'The program runs it as it is.',
    `Its ${source.lines.length} lines come from ${source.origin}.`,
    ...(source.remark === undefined ? [] : [source.remark]),
  );
}
