import { existsSync } from 'node:fs';
import { addLibrary, type CheckedProgram, checkProgram, formatProblem, formatProgram, parseProgram, type Problem, type Program, type RunEnd, type SourceFile, type UnreadGlobal, unreadGlobals } from '@extension-events/script'; // prettier-ignore
import type { TargetConnection } from '@extension-events/session';
import { type Attached, attachTo } from '../attach.ts';
import { exitCode } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { tellEnd, whenStopped } from '../listen-end.ts';
import { flushLines, readerGone, say, sayError, usageError } from '../output.ts';
import { splitPairs } from '../request.ts';
import { catalogueFor } from '../script-catalogue.ts';
import { readScript } from '../script-files.ts';
import { listPoints } from '../script-list.ts';
import { ScriptOutput } from '../script-output.ts';
import { TargetRun } from '../script-run.ts';
import { requireTarget, type TargetWords } from '../target.ts';

interface RunCommand extends TargetWords {
  readonly e: readonly string[];
  readonly check?: boolean;
  readonly format?: boolean;
  readonly list?: boolean;
  readonly global: readonly string[];
  readonly timeout?: number;
  readonly json?: boolean;
}

interface Script {
  readonly name: string;
  readonly program: Program;
  /** What it probes, by the names that it gives. */
  readonly patterns: readonly string[];
}

const waitMs = 30_000;
const ownPoint = /^(?:begin|end|timer\..*)$/;

/** `extev run` */
export async function run(options: RunCommand): Promise<number> {
  const { files, words } = splitWords(options);
  if (files.length === 0 && options.e.length === 0)
    throw usageError('There is no script.', "Give a file, or its text after -e: extev run -e 'probe net.send { … }' 4242."); // prettier-ignore
  const texts = readScript(options.e, files);
  if (options.format === true) return format(texts);
  const script = parse(addLibrary(texts));
  if (script === undefined) return exitCode.failed;
  const globals = Object.fromEntries(splitPairs(options.global, '--global slow_ms=200'));
  const needsTarget = options.check !== true && options.list !== true;
  if (!needsTarget && !hasTarget(words)) return checkAlone(script, globals, options);
  const { events, probes } = script.program;
  if (needsTarget && probes.length + events.length === 0)
    throw usageError('The script has no probes: it would wait for ever.', "Write one: extev run -e 'probe net.send { print(len) }' 4242."); // prettier-ignore
  const { target } = await requireTarget(words);
  using interrupt = onInterrupt();
  let attached: Attached | undefined;
  try {
    attached = await attachTo(target, { name: `extev run ${script.name}`, signal: interrupt.signal, patterns: script.patterns, waitMs, hasInput: true }); // prettier-ignore
    const checked = await check(script, globals, attached.connection);
    if (checked === undefined) return exitCode.failed;
    if (!needsTarget) return tellChecked(script, checked, options);
    return await runIn(attached, script, checked, options, interrupt.pressed);
  } catch (error) {
    if (interrupt.signal.aborted) return exitCode.interrupted;
    throw error;
  } finally {
    await attached?.close();
  }
}

// Of `lucky13.ev 4242` and `4242 lucky13.ev` the number is the process, unless there is such a file.
function splitWords({ args, ...options }: RunCommand): { files: string[]; words: TargetWords } {
  const isNamed = options.pid !== undefined || options.name !== undefined || options.command !== undefined; // prettier-ignore
  const pids = isNamed ? [] : args.filter((word) => /^\d+$/.test(word) && !existsSync(word));
  return { files: args.filter((word) => !pids.includes(word)), words: { ...options, args: pids } };
}

function hasTarget({ args, command, name, pid }: TargetWords): boolean {
  return args.length > 0 || (command ?? name ?? pid) !== undefined;
}

// What does not parse is told with its place, and nothing is written for it.
function format(files: readonly SourceFile[]): number {
  const { problems } = parseProgram(files);
  if (tellProblems(problems)) return exitCode.failed;
  flushLines();
  for (const { name, text } of files) process.stdout.write(formatProgram(text, name));
  return exitCode.ok;
}

function parse(files: readonly SourceFile[]): Script | undefined {
  const { problems, program } = parseProgram(files);
  if (tellProblems(problems)) return undefined;
  const points = program.probes.flatMap((probe) => probe.points.map(({ pattern }) => pattern));
  const own = new Set(program.events.map(({ name }) => name));
  const patterns = [...new Set(points)].filter((name) => !ownPoint.test(name) && !own.has(name));
  return { name: files[0]?.name ?? '-e', program, patterns };
}

/** @returns whether there are any */
function tellProblems(problems: readonly Problem[]): boolean {
  for (const problem of problems) say(formatProblem(problem));
  if (problems.length > 1) say(`${problems.length} problems; nothing was run`);
  return problems.length > 0;
}

async function check(
  { patterns, program }: Script,
  globals: Readonly<Record<string, number | string | boolean>>,
  connection: TargetConnection | undefined,
): Promise<CheckedProgram | undefined> {
  const catalogue = await catalogueFor(patterns, connection);
  const { checked, problems } = checkProgram(program, catalogue, { globals });
  return tellProblems(problems) ? undefined : checked;
}

async function checkAlone(
  script: Script,
  globals: Readonly<Record<string, number | string | boolean>>,
  options: RunCommand,
): Promise<number> {
  const checked = await check(script, globals, undefined);
  return checked === undefined ? exitCode.failed : tellChecked(script, checked, options);
}

async function tellChecked(
  script: Script,
  checked: CheckedProgram,
  { json, list }: RunCommand,
): Promise<number> {
  if (list === true)
    listPoints(checked, await catalogueFor(script.patterns, undefined), json === true);
  else say(`${script.name}: no problems`);
  return exitCode.ok;
}

async function runIn(
  { begin, command, connection }: Attached,
  script: Script,
  checked: CheckedProgram,
  { json, timeout }: RunCommand,
  interrupted: Promise<'interrupted'>,
): Promise<number> {
  const output = new ScriptOutput(json === true);
  const running = TargetRun.start({ ...script, checked }, connection, output, () => {
    begin();
    tellRunning(script, checked, connection);
    for (const global of unreadGlobals(script.program)) tellUnread(global);
  });
  let timer: NodeJS.Timeout | undefined;
  let why: 'timeout' | 'interrupted' | 'reader-gone' | undefined;
  const stop = (reason: NonNullable<typeof why>): void => {
    why ??= reason;
    running.stop();
  };
  const stopped = whenStopped(interrupted, timeout);
  if (timeout !== undefined) timer = setTimeout(stop, timeout, 'timeout');
  void interrupted.then(stop);
  void readerGone.then(stop);
  const end = await running.ended;
  clearTimeout(timer);
  output.end(end);
  tellMissing(end);
  if (end.error !== undefined) {
    sayError(end.error);
    say(`the script has ended, and its events with it${command === undefined ? '; the program goes on' : ''}`); // prettier-ignore
    return exitCode.failed;
  }
  if (end.why === 'target') return tellEnd(connection, command, stopped);
  return codeOf(why, end);
}

function tellRunning(
  { name }: Script,
  { events }: CheckedProgram,
  { pid }: TargetConnection,
): void {
  say(`${name} runs in process ${pid}; end with Ctrl-C`);
  const [first] = events;
  if (first === undefined) return;
  const names = events.map((event) => event.name).join(', ');
  say(`it posts ${names}: extev listen ${pid} ${first.name}, or catch ${first.name} in extev debug ${pid}`); // prettier-ignore
}

function tellUnread({ isMap, isStatistic, name }: UnreadGlobal): void {
  const entry = isMap ? `${name}[k]` : name;
  const value = isStatistic ? `@count(${entry})` : entry;
  const print = isMap ? `foreach (k in ${name}) printf("%s %d\\n", k, ${value})` : `print(${value})`; // prettier-ignore
  say(`${name} is filled and nothing prints it: add probe end { ${print} }`);
}

function tellMissing({ missingShares }: RunEnd): void {
  if (missingShares === 0) return;
  const who = missingShares === 1 ? 'a thread' : `${missingShares} threads`;
  say(`${who} ended without a last word, terminated or gone before it could be asked: what the script gathered there in the last second is missing`); // prettier-ignore
}

function codeOf(
  why: 'timeout' | 'interrupted' | 'reader-gone' | undefined,
  { skippedTicks }: RunEnd,
): number {
  if (skippedTicks > 0) say(`${skippedTicks} ticks of timers were left out: what came before took too long`); // prettier-ignore
  if (why === 'timeout') say('the time given by --timeout is over');
  if (why === 'timeout') return exitCode.timeout;
  return why === 'interrupted' ? exitCode.interrupted : exitCode.ok;
}
