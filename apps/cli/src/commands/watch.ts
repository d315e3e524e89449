import { createProfilerGraph } from '@extension-events/consumer-profiler-graph';
import {
  startWatchServer,
  type WatchServer,
} from '@extension-events/consumer-profiler-graph/server';
import { type Attached, attachWithin, openToolSession, type ToolSession } from '../attach.ts';
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
  readonly port?: number;
  readonly host?: string;
  /** `--no-open` makes it false. */
  readonly open: boolean;
  readonly allowControl?: boolean;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** A page that is loaded again finds what it graphed. */
const keepMs = 60_000;
const lookMs = 1000;

/** `extev watch` */
export async function watch(options: WatchCommand): Promise<number> {
  requireLinux();
  const { patterns, target } = await chooseTarget(options);
  if (patterns.length > 0)
    throw usageError(
      `watch takes a target at most, and ${patterns.join(' ')} is left over.`,
      'Choose event types in the page.',
    );
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
    if (target !== undefined) opened.attached = await open(tools, target, interrupt.signal);
    tell(server, options);
    if (options.open) openBrowser(server.url);
    await interrupt.pressed;
    say('the watcher ends; what it listened to is let go');
    return exitCode.interrupted;
  } catch (error) {
    if (interrupt.signal.aborted) return exitCode.interrupted;
    throw error;
  }
}

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
  signal: AbortSignal,
): Promise<Attached> {
  // A person who looks at a page will not be ready first: a program does not wait for a listener.
  const attached = await attachWithin(tools, target, { signal, waitMs: 0, hasInput: true });
  const { command, connection } = attached;
  attached.begin();
  void command?.ended.then((how) => signal.aborted || say(`process ${connection.pid} (${command.name}) ${how}; the watcher goes on`)); // prettier-ignore
  return attached;
}

function tell({ port, url }: WatchServer, { allowControl, host, json }: WatchCommand): void {
  print(json === true ? toJson({ v: shapeVersion, url, port, pid: process.pid }) : url);
  if (host !== undefined && !/^(?:localhost|127\..*|::1)$/.test(host))
    say(`warning: whoever can reach ${host}, port ${port}, and learns this address sees all events of your programs, and runs scripts in them; nothing is encrypted on the way`); // prettier-ignore
  if (allowControl === true)
    say('warning: the page may stop threads of your programs (--allow-control)');
  say('the address has a secret in it: whoever has it can watch; end with Ctrl-C');
}
