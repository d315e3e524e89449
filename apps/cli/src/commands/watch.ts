import { createProfilerGraph } from '@extension-events/consumer-profiler-graph';
import {
  startWatchServer,
  type WatchServer,
} from '@extension-events/consumer-profiler-graph/server';
import { openSession, type Session } from '@extension-events/session';
import { exitCode } from '../exit-codes.ts';
import { onInterrupt } from '../interrupt.ts';
import { openBrowser } from '../open-browser.ts';
import { print, say, toJson, usageError } from '../output.ts';
import { requireLinux } from '../platform.ts';
import { agentSources, findPlugins, hostSources } from '../plugins.ts';
import { shapeVersion } from '../shapes.ts';
import { chooseTarget, type TargetWords } from '../target.ts';
import { WatchControl } from '../watch-control.ts';
import { scriptDoor } from '../watch-scripts.ts';
import { openWatchTarget } from '../watch-target.ts';

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
const keepMs = 15_000;

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
    await using session = await openWatchSession(options);
    await using started = target === undefined ? undefined : await openWatchTarget(session, target, interrupt.signal); // prettier-ignore
    await using graph = createProfilerGraph(session, { keepMs, allProcesses: options.all === true }); // prettier-ignore
    await using control = options.allowControl === true ? await WatchControl.open(session) : undefined; // prettier-ignore
    await using server = await startWatchServer(graph, {
      scripts: scriptDoor(session),
      ...(control === undefined ? {} : { control }),
      ...(options.host === undefined ? {} : { host: options.host }),
      ...(options.port === undefined ? {} : { port: options.port }),
      ...(started === undefined ? {} : { target: started.pid }),
    });
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

async function openWatchSession({ all }: WatchCommand): Promise<Session> {
  const plugins = findPlugins();
  return openSession({
    name: 'extev watch',
    join: 'agents',
    allProcesses: all === true,
    producers: await agentSources(say, plugins),
    hostProducers: await hostSources(say, plugins),
  });
}

function tell({ port, url }: WatchServer, { allowControl, host, json }: WatchCommand): void {
  print(json === true ? toJson({ v: shapeVersion, url, port, pid: process.pid }) : url);
  if (host !== undefined && !/^(?:localhost|127\..*|::1)$/.test(host))
    say(`warning: whoever can reach ${host}, port ${port}, and learns this address sees all events of your programs, and runs scripts in them; nothing is encrypted on the way`); // prettier-ignore
  if (allowControl === true)
    say('warning: the page may stop threads of your programs (--allow-control)');
  say('the address has a secret in it: whoever has it can watch; end with Ctrl-C');
}
