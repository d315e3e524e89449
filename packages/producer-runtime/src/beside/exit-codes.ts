import { BroadcastChannel } from 'node:worker_threads';
import { evaluateSnippet, type V8Thread } from '@extension-events/platform-v8';
import { newName } from './heartbeat.ts';

/** The one global name that this producer uses in a thread; it holds what has to be undone. */
const threadKey = `globalThis[Symbol.for('extension-events.producer.runtime.v1')]`;

/** Undoes one thing that was switched on under a name; the last one takes the global name away. */
function undoSnippet(name: string): string {
  return `((name) => {
  const undo = ${threadKey}?.get(name);
  if (undo === undefined) return;
  ${threadKey}.delete(name);
  if (${threadKey}.size === 0) delete ${threadKey};
  undo();
})(${JSON.stringify(name)})`;
}

/** How a worker thread ended, as its parent thread was told by Node. */
export interface WorkerExit {
  readonly threadId: number;
  readonly exitCode: number;
  readonly error?: string;
}

/**
 * Node tells the parent by calling `Worker.prototype[kOnExit]` (lib/internal/worker.js, the same on
 * Node 20 to 26): replaced while somebody hears, so that no worker gets a listener. That also serves
 * workers that were started before.
 */
const watch = `((name) => {
  const node = process.getBuiltinModule;
  const { BroadcastChannel, Worker } = node('node:worker_threads');
  const key = Object.getOwnPropertySymbols(Worker.prototype).find((symbol) => symbol.description === 'kOnExit');
  const before = key && Object.getOwnPropertyDescriptor(Worker.prototype, key);
  const getThreadId = Object.getOwnPropertyDescriptor(Worker.prototype, 'threadId')?.get;
  if (typeof before?.value !== 'function' || getThreadId === undefined) return;
  const { apply } = Reflect, { defineProperty, getOwnPropertyDescriptor } = Object;
  const original = before.value;
  let isOn = true;
  const { onExit } = {
    onExit(...args) {
      try {
        if (isOn) {
          const channel = new BroadcastChannel(name);
          channel.postMessage([apply(getThreadId, this, []), args[0], args[1]]);
          channel.close();
        }
      } catch {}
      return apply(original, this, args);
    },
  };
  defineProperty(onExit, 'name', { value: original.name, configurable: true });
  defineProperty(onExit, 'length', { value: original.length, configurable: true });
  defineProperty(Worker.prototype, key, { ...before, value: onExit });
  const mine = Symbol.for('extension-events.producer.runtime.v1');
  if (globalThis[mine] === undefined) defineProperty(globalThis, mine, { value: new Map(), configurable: true, enumerable: false });
  globalThis[mine].set(name, () => {
    isOn = false;
    if (getOwnPropertyDescriptor(Worker.prototype, key)?.value === onExit) defineProperty(Worker.prototype, key, before);
  });
})`; // prettier-ignore

/** Hears of the exits of workers, in whichever thread their parents are. */
export class ExitCodes implements Disposable {
  readonly #name: string = newName('exits');
  readonly #channel: BroadcastChannel;
  readonly #watched: Set<V8Thread> = new Set();

  constructor(tell: (exit: WorkerExit) => void) {
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.unref();
    this.#channel.addEventListener('message', (event: unknown) => {
      const [threadId, exitCode, error] = (event as { data: [number, number, unknown] }).data;
      tell({ threadId, exitCode, ...(typeof error === 'string' ? { error } : {}) });
    });
  }

  /** Resolves when the exits of this thread's workers are heard. */
  async add(thread: V8Thread): Promise<void> {
    this.#watched.add(thread);
    await evaluateSnippet(thread.session, 'worker-exits', `${watch}(${JSON.stringify(this.#name)})`); // prettier-ignore
  }

  remove(thread: V8Thread): void {
    this.#watched.delete(thread);
  }

  [Symbol.dispose](): void {
    for (const { session } of this.#watched) void evaluateSnippet(session, 'undo', undoSnippet(this.#name)).catch(() => undefined); // prettier-ignore
    this.#channel.close();
  }
}
