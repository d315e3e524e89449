import { compilePattern, isExactPattern } from '@extension-events/core';
import type { ListenOptions, TargetConnection } from '@extension-events/session';
import { type Attached, attachTo } from '../attach.ts';
import { exitCode } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { type End, ListenRun } from '../listen-run.ts';
import { tellEnd } from '../listen-end.ts';
import { print, say, toJson, usageError } from '../output.ts';
import { expandPatterns } from '../expand-patterns.ts';
import { parseRequest } from '../request.ts';
import { summaryShape } from '../shapes.ts';
import type { StartedCommand } from '../started-command.ts';
import { requireTarget, type TargetWords } from '../target.ts';

interface ListenCommand extends TargetWords {
  readonly where?: string;
  readonly request: readonly string[];
  readonly stack?: number;
  readonly thread?: string;
  readonly maxHit?: number;
  readonly timeout?: number;
  readonly json?: boolean;
}

// The program's entry waits this long; whoever listens is there at once, or not at all.
const waitMs = 30_000;

/** `extev listen` */
export async function listen(options: ListenCommand): Promise<number> {
  const { patterns, target } = await requireTarget(options);
  if (patterns.length === 0)
    throw usageError(
      'There is no pattern to listen to.',
      "Give a name or a pattern, such as hot-spot or 'net.*'; extev events PID shows the names.",
    );
  for (const pattern of patterns) compilePattern(pattern);
  const template = listenOptions(options);
  using interrupt = onInterrupt();
  let attached: Attached | undefined;
  try {
    attached = await attachTo(target, { name: 'extev listen', signal: interrupt.signal, patterns, waitMs, hasInput: true }); // prettier-ignore
    if (attached.command !== undefined) refusePlaces(attached.command, template.request);
    const run = new ListenRun(attached.connection, options);
    const names = await expandPatterns(patterns, attached.connection.pid);
    for (const pattern of names) run.open({ ...template, pattern });
    const end = await listenUntilEnd(run, attached, names, interrupt.pressed);
    return await finish(run, attached, end, options.json === true);
  } catch (error) {
    if (interrupt.signal.aborted) return exitCode.interrupted;
    throw error;
  } finally {
    await attached?.close();
  }
}

async function listenUntilEnd(
  run: ListenRun,
  attached: Attached,
  patterns: readonly string[],
  interrupted: Promise<'interrupted'>,
): Promise<End> {
  const { connection } = attached;
  const pending = await run.ready();
  attached.begin();
  say(`listening to ${patterns.join(', ')} in process ${connection.pid}; end with Ctrl-C`);
  if (connection.hello.role === 'host' && patterns.some((pattern) => !pattern.includes(':')))
    tellWhatIsHeard(connection, patterns);
  const known = new Set(connection.eventTypes.map((type) => type.descriptor.name));
  const unknown = patterns.filter((pattern) => isExactPattern(pattern) && !known.has(pattern));
  if (unknown.length > 0)
    say(`nothing has the name ${unknown.join(', ')} yet; it is heard as soon as it is registered`);
  if (pending > 0)
    say(
      `${pending} thread(s) are inside a blocking call and have not answered yet; they are heard after it`,
    );
  return run.untilEnd(interrupted);
}

// A place in a script waits for the script to be loaded.
function isNativePlace(value: unknown): boolean {
  return typeof value === 'string' && !/^\S+\.[cm]?[jt]sx?:\d/.test(value);
}

// A program that could not be held before its first instruction is a shell so far.
function refusePlaces(command: StartedCommand, request: ListenOptions['request'] = {}): void {
  const key = ['address', 'location'].find((name) => isNativePlace(request[name]));
  if (key === undefined || command.unheld === undefined) return;
  throw usageError(
    `${key}=${String(request[key])} is looked up in the program before it begins, and it cannot be held there: ${command.unheld.message}`,
    'Start it, and give its pid.',
  );
}

// Code in a program that is not Node.js cannot post yet; a name of its own would be waited for in vain.
function tellWhatIsHeard({ eventTypes, pid }: TargetConnection, patterns: readonly string[]): void {
  const heard = eventTypes.map((type) => type.descriptor.name);
  const tests = patterns.map((pattern) => compilePattern(pattern));
  if (heard.some((name) => tests.some((matches) => matches(name)))) return;
  say(
    `process ${pid} runs no Node.js: what can be heard there comes from the kernel; extev events ${pid} shows it`,
  );
}

/** The summary comes last on stdout; what is said after it goes to stderr. */
async function finish(
  run: ListenRun,
  { command, connection }: Attached,
  end: End,
  isJson: boolean,
): Promise<number> {
  const summary = await run.close();
  const { delivered, lost, matched, throttled } = summary;
  if (isJson) print(toJson(summaryShape(summary)));
  else say(`matched ${matched}, delivered ${delivered}, lost ${lost}, throttled ${throttled}`);
  switch (end) {
    case 'enough':
    case 'reader-gone':
      return exitCode.ok;
    case 'interrupted':
      return exitCode.interrupted;
    case 'timeout':
      say('the time given by --timeout is over');
      return exitCode.timeout;
    case 'gone':
      return tellEnd(connection, command);
    default:
      return end satisfies never;
  }
}

function listenOptions(options: ListenCommand): Omit<ListenOptions, 'pattern'> {
  const { request, stack, thread, where } = options;
  return {
    ...(request.length === 0 ? {} : { request: parseRequest(request) }),
    ...(where === undefined ? {} : { where }),
    ...(thread === undefined ? {} : { thread }),
    ...(stack === undefined ? {} : { stack }),
  };
}
