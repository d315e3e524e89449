import { createProfilerGraph } from '@extension-events/consumer-profiler-graph';
import { startWatchServer } from '@extension-events/consumer-profiler-graph/server';
import { parseExpression } from '@extension-events/script/expression';
import { type Attached, attachWithin, openToolSession, type ToolSession } from '../attach.ts';
import { checkPatterns } from '../check-patterns.ts';
import { exitCode } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { openBrowser } from '../open-browser.ts';
import { print, say, toJson, usageError } from '../output.ts';
import { requireLinux } from '../platform.ts';
import { shapeVersion } from '../shapes.ts';
import { chooseTarget, type TargetChoice, type TargetWords } from '../target.ts';
import { WatchControl } from '../watch-control.ts';
import { scriptDoor } from '../watch-scripts.ts';

interface WatchCommand extends TargetWords {
  readonly where?: string;
  readonly port?: number;
  readonly host?: string;
  /** `--no-open` makes it false. */
  readonly open: boolean;
  readonly allowControl?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** As many as the page shows. */
const mostCards = 24;
/** A page that is loaded again finds what it graphed. */
const keepMs = 60_000;
const lookMs = 1000;

/** `extev watch` */
export async function watch(options: WatchCommand): Promise<number> {
  requireLinux();
  const { patterns, target } = await chooseTarget(options);
  checkCards(patterns, options.where);
  using interrupt = onInterrupt();
  try {
    // Whoever names a process means that one; others are listed, and joined when the page says so.
    const sight = target === undefined ? ({ join: 'agents' } as const) : {};
    const tools = await openToolSession({ name: 'extev watch', lookMs, allProcesses: options.all === true, ...sight }); // prettier-ignore
    await using session = tools.session;
    await using opened = new Opened();
    await using graph = createProfilerGraph(session, { keepMs, allProcesses: options.all === true }); // prettier-ignore
    await using control = options.allowControl === true ? await WatchControl.open(session) : undefined; // prettier-ignore
    await using server = await startWatchServer(graph, {
      scripts: scriptDoor(session),
      ...(control === undefined ? {} : { control }),
      ...(options.host === undefined ? {} : { host: options.host }),
      ...(options.port === undefined ? {} : { port: options.port }),
      target: () => opened.attached?.connection.pid,
    });
    // Nothing is touched before the port is had.
    if (target !== undefined) opened.attached = await open(tools, target, patterns, interrupt.signal); // prettier-ignore
    const url = server.url + hashOf(patterns, options.where, opened.attached?.connection.pid);
    tell(url, server.port, options);
    if (options.open) openBrowser(url);
    await interrupt.pressed;
    say('the watcher ends; what it listened to is let go');
    return exitCode.interrupted;
  } catch (error) {
    if (interrupt.signal.aborted) return exitCode.interrupted;
    throw error;
  }
}

/** Refused before anything is attached to. */
function checkCards(patterns: readonly string[], where: string | undefined): void {
  checkPatterns(patterns);
  if (where !== undefined) parseExpression(where);
  if (where !== undefined && patterns.length === 0)
    throw usageError('--where is of no pattern.', "Give one, such as net.send or 'net.*'."); // prettier-ignore
  if (patterns.length > mostCards)
    throw usageError(`The page has at most ${mostCards} cards.`, 'Use wildcards, or a second watcher.'); // prettier-ignore
}

/** The part of the address that has the page show a card for each pattern. */
function hashOf(patterns: readonly string[], where: string | undefined, pid: number | undefined): string {
  if (patterns.length === 0) return '';
  const rest = Object.entries({ where, pid }).flatMap(([key, value]) => value === undefined ? [] : [`;${key}=${encodeURIComponent(value)}`]); // prettier-ignore
  return `#${patterns.map((pattern) => `card=${encodeURIComponent(pattern)}${rest.join('')}`).join('&')}`;
} // prettier-ignore

/** What is attached last, and yet ends after the server with its scripts. */
class Opened implements AsyncDisposable {
  attached: Attached | undefined;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.attached?.close();
  }
}

/** Attaches, or starts a program; its end is told, and the watcher goes on. */
async function open(
  tools: ToolSession,
  target: TargetChoice,
  patterns: readonly string[],
  signal: AbortSignal,
): Promise<Attached> {
  // A person who looks at a page will not be ready first: a program does not wait for a listener.
  const attached = await attachWithin(tools, target, { signal, waitMs: 0, hasInput: true, ...(patterns.length > 0 && { patterns }) }); // prettier-ignore
  const { command, connection } = attached;
  attached.begin();
  void command?.ended.then((how) => signal.aborted || say(`process ${connection.pid} (${command.name}) ${how}; the watcher goes on`)); // prettier-ignore
  return attached;
}

function tell(url: string, port: number, { allowControl, host, json }: WatchCommand): void {
  print(json === true ? toJson({ v: shapeVersion, url, port, pid: process.pid }) : url);
  if (host !== undefined && !/^(?:localhost|127\..*|::1)$/.test(host))
    say(`warning: whoever can reach ${host}, port ${port}, and learns this address sees all events of your programs, and runs scripts in them; nothing is encrypted on the way`); // prettier-ignore
  if (allowControl === true)
    say('warning: the page may stop threads of your programs (--allow-control)');
  say('the address has a secret in it: whoever has it can watch; end with Ctrl-C');
}
