import { summaryShape } from '@extension-events/consumer-logger/format';
import { parseExpression } from '@extension-events/script/expression';
import type { ListenOptions } from '@extension-events/session';
import { type Attached, attachTo } from '../attach.ts';
import { checkRequest } from '../check-request.ts';
import { checkPatterns } from '../check-patterns.ts';
import { exitCode } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { type End, ListenRun } from '../listen-run.ts';
import { tellEnd, whenStopped } from '../listen-end.ts';
import { print, say, toJson, usageError } from '../output.ts';
import { expandPatterns } from '../expand-patterns.ts';
import { parseRequest } from '../request.ts';
import { refusePlaces } from '../refuse-places.ts';
import { tellComings, tellHeard, tellStackless } from '../tell-heard.ts';
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
  checkPatterns(patterns);
  if (options.where !== undefined) parseExpression(options.where);
  const template = listenOptions(options);
  using interrupt = onInterrupt();
  let attached: Attached | undefined;
  try {
    attached = await attachTo(target, { name: 'extev listen', signal: interrupt.signal, patterns, waitMs, hasInput: true }); // prettier-ignore
    if (attached.command !== undefined) refusePlaces(attached.command, template.request);
    const run = new ListenRun(attached.connection, options);
    const names = await expandPatterns(patterns, attached.connection.pid);
    checkRequest(attached.connection, names, template.request);
    if (template.stack !== undefined) tellStackless(attached.connection, names);
    run.open(names.map((pattern) => ({ ...template, pattern })));
    const stopped = whenStopped(interrupt.pressed, options.timeout);
    const end = await listenUntilEnd(run, attached, names, interrupt.pressed);
    return await finish(run, attached, { end, stopped, isJson: options.json === true });
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
  tellHeard(connection, patterns);
  const telling = tellComings(connection, patterns);
  if (pending > 0)
    say(
      `${pending} thread(s) are inside a blocking call and have not answered yet; they are heard after it`,
    );
  try {
    return await run.untilEnd(interrupted);
  } finally {
    telling.unsubscribe();
  }
}

/** The summary comes last on stdout; what is said after it goes to stderr. */
async function finish(
  run: ListenRun,
  { command, connection }: Attached,
  { end, isJson, stopped }: { readonly end: End; readonly isJson: boolean; readonly stopped: Promise<number> }, // prettier-ignore
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
      return tellEnd(connection, command, stopped);
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
