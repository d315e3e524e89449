import { BroadcastChannel } from 'node:worker_threads';
import { evaluateSnippet, type V8Thread } from '@extension-events/platform-v8';

/** A counter that a thread's event loop keeps counting, readable while the loop is blocked. */
export interface Heartbeat extends Disposable {
  readonly beats: number;
}

/** The one global name that this producer uses in a thread; it holds what has to be undone. */
export const threadKey = `globalThis[Symbol.for('extension-events.producer.runtime.v1')]`;

/**
 * Node's event-loop delay histogram: a timer of libuv that counts in C++. No JavaScript of ours runs
 * at a beat, no async hook hears of it, and it keeps no loop alive. Its copies share the counts
 * (`IntervalHistogram::CloneForMessaging`), so that the one sent here shows the beats at once.
 */
const start = `((name, resolution) => {
  const node = process.getBuiltinModule;
  const { BroadcastChannel } = node('node:worker_threads');
  const histogram = node('node:perf_hooks').monitorEventLoopDelay({ resolution });
  const key = Symbol.for('extension-events.producer.runtime.v1');
  if (globalThis[key] === undefined) Object.defineProperty(globalThis, key, { value: new Map(), configurable: true, enumerable: false });
  globalThis[key].set(name, () => histogram.disable());
  histogram.enable();
  const channel = new BroadcastChannel(name);
  channel.postMessage(histogram);
  channel.close();
})`; // prettier-ignore

/** Undoes one thing that was switched on under a name; the last one takes the global name away. */
export function undoSnippet(name: string): string {
  return `((name) => {
  const undo = ${threadKey}?.get(name);
  if (undo === undefined) return;
  ${threadKey}.delete(name);
  if (${threadKey}.size === 0) delete ${threadKey};
  undo();
})(${JSON.stringify(name)})`;
}

let nextName = 1;

/** A name for one thing that is switched on in a thread. */
export function newName(what: string): string {
  return `extension-events:runtime:${process.pid}:${what}:${nextName++}`;
}

/**
 * Starts a heartbeat in the thread.
 *
 * @param everyMs - milliseconds between two beats of a loop that turns
 * @throws ExtensionEventError as `evaluateSnippet`
 */
export async function startHeartbeat({ session }: V8Thread, everyMs: number): Promise<Heartbeat> {
  const name = newName('heartbeat');
  // Only two ends may be open: an object of Node's is copied for one receiver.
  const channel = new BroadcastChannel(name);
  const stop = (): void => void evaluateSnippet(session, 'undo', undoSnippet(name)).catch(() => undefined); // prettier-ignore
  try {
    const received = new Promise<{ readonly count: number }>((resolve) => {
      channel.addEventListener('message', (event: unknown) => resolve((event as { data: { count: number } }).data)); // prettier-ignore
    });
    await evaluateSnippet(session, 'heartbeat', `${start}(${JSON.stringify(name)}, ${everyMs})`);
    const histogram = await received;
    return {
      get beats() {
        return histogram.count;
      },
      [Symbol.dispose]: stop,
    };
  } catch (error) {
    stop();
    throw error;
  } finally {
    channel.close();
  }
}
