import { parseNumber } from './arguments.ts';
import { describeIgnore } from './catchpoints.ts';
import { noSuchPlace } from './commands-stops.ts';
import type { Command, Context } from './context.ts';
import type { EngineFrame, StepKind } from './engine.ts';
import { debuggerError } from './errors.ts';
import { formatFrame } from './format-stop.ts';
import { parseLocation } from './location.ts';
import { showStep } from './show-stop.ts';
import type { Stop } from './stop-board.ts';

/** Commands that let a thread run, or stop it. */
export const runningCommands: readonly Command[] = [
  {
    name: 'continue',
    aliases: ['c', 'fg'],
    section: 'running',
    usage: 'continue [N] [&]',
    summary: 'let the selected thread run, and wait for the next stop of any thread',
    details:
      'With N, the catchpoint that stopped it lets N - 1 more hits pass. With &, the thread runs and nothing is waited for.',
    examples: ['continue', 'continue 10', 'continue &'],
    repeats: true,
    run: resume,
  },
  {
    name: 'step',
    aliases: ['s'],
    section: 'running',
    usage: 'step [N]',
    summary: 'run to the next line, into functions that are called',
    repeats: true,
    run: (context, argument) => stepLines(context, argument, 'into'),
  },
  {
    name: 'next',
    aliases: ['n'],
    section: 'running',
    usage: 'next [N]',
    summary: 'run to the next line of this function',
    repeats: true,
    run: (context, argument) => stepLines(context, argument, 'over'),
  },
  {
    name: 'finish',
    aliases: ['fin'],
    section: 'running',
    usage: 'finish',
    summary:
      'run until the function of the selected frame returns to its caller; tells what it returned',
    repeats: true,
    run: finish,
  },
  {
    name: 'until',
    aliases: ['u', 'advance'],
    section: 'running',
    usage: 'until [LOCATION]',
    summary: 'run to a line below the current one (out of a loop), or to LOCATION',
    examples: ['until', 'until 40'],
    repeats: true,
    completes: 'place',
    run: until,
  },
  {
    name: 'interrupt',
    section: 'running',
    usage: 'interrupt [THREAD]',
    summary: 'stop a running thread where it is',
    details: 'A thread that waits for work stops when it next runs JavaScript.',
    completes: 'thread',
    run: interrupt,
  },
];

/** A line may hold several of V8's steps; more than this many are not taken at once. */
const stepsInLine = 64;
/** How often `until` steps through a loop before it runs to the line below it. */
const stepsInLoop = 200;

async function resume(context: Context, argument: string): Promise<void> {
  const { debuggee, transcript } = context;
  await context.onContinue();
  const isBackground = argument.endsWith('&');
  const count = (isBackground ? argument.slice(0, -1) : argument).trim();
  const { key } = debuggee.thread;
  const stop = debuggee.board.shown(key);
  if (count !== '') await passHits(context, stop, parseNumber(count, 'a count of hits', 1) - 1);
  const holders = stop === undefined ? [] : await debuggee.resume(key);
  // A program that was started for us waits for the first request; this one changes nothing.
  if (stop === undefined && debuggee.thread.runs !== 'native') {
    void debuggee.connection.debug('stack', {}, key).catch(() => undefined);
  }
  const number = debuggee.numberOf(key);
  if (holders.length > 0) {
    transcript.write(`Thread ${number} is still held by ${holders.join(', ')}.`);
  }
  if (isBackground) {
    if (holders.length === 0) transcript.write(`Thread ${number} runs.`);
    return;
  }
  if (!context.isInCommands) transcript.write('Continuing.');
  await context.wait({ what: 'a stop' });
}

async function passHits(context: Context, stop: Stop | undefined, count: number): Promise<void> {
  const { catchpoints } = context.debuggee;
  // Some of those that stopped it may be deleted by now.
  const entry = stop?.entries.find((each) => catchpoints.all.includes(each));
  if (entry === undefined) {
    throw debuggerError(
      'EE_COMMAND_ARGUMENT',
      'The selected thread does not stand at a catchpoint or breakpoint whose hits could pass.',
      'ignore N COUNT does it for any of them; continue without a number just runs.',
    );
  }
  await catchpoints.setIgnore(entry, count);
  context.transcript.write(describeIgnore(entry));
}

async function stepLines(context: Context, argument: string, kind: StepKind): Promise<void> {
  const count = argument === '' ? 1 : parseNumber(argument, 'a count of steps', 1);
  for (let step = 0; step < count; step++) {
    const { debuggee } = context;
    const { thread } = debuggee.stop;
    const before = await tryGetFrame(debuggee.frameAt(0));
    const stop = await stepLine(context, thread, kind, before);
    if (stop?.cause.type !== 'step') return;
  }
}

/** Steps until the source line changes, as V8 steps by statement. */
async function stepLine(
  context: Context,
  thread: number,
  kind: StepKind,
  before: EngineFrame | undefined,
): Promise<Stop | undefined> {
  const { debuggee, transcript } = context;
  const depth = debuggee.stop.frame.frames?.length;
  for (let steps = 1; ; steps++) {
    let isSameLine = false;
    await debuggee.step(thread, kind);
    const stop = await context.wait({
      thread,
      what: `the ${kind === 'into' ? 'step' : 'next line'} of thread ${debuggee.numberOf(thread)}`,
      show: async (landed) => {
        const frame = (await debuggee.frames(landed))[0];
        isSameLine =
          debuggee.engine.stepsByLine?.(thread) !== true &&
          landed.frame.frames?.length === depth &&
          frame?.place.line === before?.place.line &&
          frame?.place.file === before?.place.file &&
          frame?.functionName === before?.functionName;
        if (isSameLine && steps < stepsInLine) return;
        await showStep(debuggee, transcript, landed, before);
      },
    });
    if (stop?.cause.type !== 'step' || !isSameLine || steps >= stepsInLine) return stop;
  }
}

async function tryGetFrame(frame: Promise<EngineFrame>): Promise<EngineFrame | undefined> {
  try {
    return await frame;
  } catch {
    return undefined;
  }
}

async function finish(context: Context, argument: string): Promise<void> {
  refuseArgument(argument, 'finish');
  const { debuggee, transcript } = context;
  const { thread } = debuggee.stop;
  const before = await debuggee.frame();
  transcript.write(`Run till exit from ${formatFrame(before, undefined, transcript.paint)}`);
  await debuggee.finish(before, thread);
  await context.wait({
    thread,
    what: `the return from ${before.functionName || 'the function'}`,
    show: (stop) => showStep(debuggee, transcript, stop, undefined),
  });
}

async function until(context: Context, argument: string): Promise<void> {
  const { debuggee, transcript } = context;
  const { thread } = debuggee.stop;
  const frame = await debuggee.frameAt(0);
  if (argument !== '') {
    const location = parseLocation(argument);
    const [place] = await debuggee.engine.locate(location, frame.place);
    if (place === undefined) throw noSuchPlace(argument, location.kind, frame.place);
    await debuggee.runTo(frame, thread, place);
    await context.wait({
      thread,
      what: `thread ${debuggee.numberOf(thread)} at ${place.shown}:${place.line}`,
      show: (stop) => showStep(debuggee, transcript, stop, frame),
    });
    return;
  }
  await leaveLoop(context, thread, frame);
}

/** Steps over lines until one below the first is reached, so that a jump back is not followed. */
async function leaveLoop(context: Context, thread: number, first: EngineFrame): Promise<void> {
  const { debuggee, transcript } = context;
  if (await debuggee.leaveLoop(thread)) {
    await context.wait({
      thread,
      what: `thread ${debuggee.numberOf(thread)} below line ${first.place.line}`,
      show: (stop) => showStep(debuggee, transcript, stop, first),
    });
    return;
  }
  const depth = debuggee.stop.frame.frames?.length ?? 0;
  let below = await debuggee.engine.placeAfter(first, first.place.line);
  for (let steps = 1; ; steps++) {
    let isInLoop = false;
    // A long loop is left with one run to the line below it, when there is one.
    if (steps > stepsInLoop && below !== undefined) {
      await debuggee.runTo(await debuggee.frameAt(0), thread, below);
      below = undefined;
    } else await debuggee.step(thread, 'over');
    const stop = await context.wait({
      thread,
      what: `thread ${debuggee.numberOf(thread)} below line ${first.place.line}`,
      show: async (landed) => {
        const frame = (await debuggee.frames(landed))[0];
        isInLoop =
          (landed.frame.frames?.length ?? 0) === depth &&
          frame?.place.file === first.place.file &&
          frame.place.line <= first.place.line;
        if (!isInLoop || steps > stepsInLoop) await showStep(debuggee, transcript, landed, first);
      },
    });
    if (stop?.cause.type !== 'step' || !isInLoop || steps > stepsInLoop) return;
  }
}

async function interrupt(context: Context, argument: string): Promise<void> {
  const { debuggee, transcript } = context;
  const thread =
    argument === '' ? debuggee.thread : debuggee.getThread(parseNumber(argument, 'a thread'));
  if (debuggee.board.get(thread.key)?.isShown === true) {
    transcript.write(`Thread ${debuggee.nameThread(thread.key)} stands already.`);
    return;
  }
  if (debuggee.board.get(thread.key) === undefined) await debuggee.engine.pause(thread.key);
  await context.wait({
    thread: thread.key,
    what: `thread ${debuggee.numberOf(thread.key)} to stop`,
  });
}

function refuseArgument(argument: string, name: string): void {
  if (argument === '') return;
  throw debuggerError(
    'EE_COMMAND_ARGUMENT',
    `${name} takes no argument, but got ${JSON.stringify(argument)}.`,
    `help ${name} shows its form.`,
  );
}
