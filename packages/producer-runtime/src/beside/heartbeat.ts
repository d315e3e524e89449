import { BroadcastChannel } from 'node:worker_threads';
import {
  type CdpSession,
  evaluateWithModules,
  ownUrlPrefix,
  type V8Thread,
} from '@extension-events/platform-v8';

/** A counter that a thread's event loop counts while it is on, readable while the loop is blocked. */
export interface Heartbeat {
  readonly beats: number;
  /** Resolves when it beats. */
  start(): Promise<void>;
  /** Takes effect as soon as the thread serves an interrupt or turns its loop. */
  stop(): void;
}

// What the snippet below needs is loaded first, when the thread is not loading something of its own.
const load = `void ['worker_threads', 'perf_hooks'].map((name) => process.getBuiltinModule('node:' + name))`;

/**
 * Node's event-loop delay histogram: a timer of libuv that counts in C++. No JavaScript of ours runs
 * at a beat, no async hook hears of it, and it keeps no loop alive. Its copies share the counts
 * (`IntervalHistogram::CloneForMessaging`), so that the one sent here shows the beats at once.
 *
 * The inspector session holds it, and nothing in the program: should the session end before it was
 * stopped, it goes with the next garbage.
 */
const create = `((name, resolution) => {
  const node = process.getBuiltinModule;
  const { BroadcastChannel } = node('node:worker_threads');
  const histogram = node('node:perf_hooks').monitorEventLoopDelay({ resolution });
  const channel = new BroadcastChannel(name);
  channel.postMessage(histogram);
  channel.close();
  return histogram;
})`; // prettier-ignore

let nextName = 1;

/** A name for one thing that is switched on in a thread. */
export function newName(what: string): string {
  return `extension-events:runtime:${process.pid}:${what}:${nextName++}`;
}

/**
 * Makes a heartbeat for a thread, which does not beat yet. It takes 130 kB that Node gives back late if
 * ever, so make it once and use it again.
 *
 * @param everyMs - milliseconds between two beats of a loop that turns
 * @throws ExtensionEventError as `evaluateWithModules`
 */
export async function createHeartbeat({ session }: V8Thread, everyMs: number): Promise<Heartbeat> {
  const name = newName('heartbeat');
  // Only two ends may be open: an object of Node's is copied for one receiver.
  const channel = new BroadcastChannel(name);
  try {
    const received = new Promise<{ readonly count: number }>((resolve) => {
      channel.addEventListener('message', (event: unknown) => resolve((event as { data: { count: number } }).data)); // prettier-ignore
    });
    await evaluateWithModules(session, 'heartbeat-modules', load);
    const objectId = await evaluateToObject(session, `${create}(${JSON.stringify(name)}, ${everyMs})`); // prettier-ignore
    const call = (method: 'enable' | 'disable'): Promise<unknown> => session.post('Runtime.callFunctionOn', { objectId, functionDeclaration: `function () { this.${method}(); }`, silent: true }); // prettier-ignore
    const histogram = await received;
    return {
      get beats() {
        return histogram.count;
      },
      start: async () => void (await call('enable')),
      stop: () => void call('disable').catch(() => undefined),
    };
  } finally {
    channel.close();
  }
}

async function evaluateToObject(session: CdpSession, expression: string): Promise<string> {
  const options = { silent: true, disableBreaks: true, objectGroup: 'extension-events:heartbeat' };
  const { result } = await session.post('Runtime.evaluate', { expression: `${expression}\n//# sourceURL=${ownUrlPrefix}heartbeat`, ...options }); // prettier-ignore
  if (result.objectId === undefined) throw new Error(`no heartbeat: ${result.description ?? result.type}`); // prettier-ignore
  return result.objectId;
}
