import { isLoadingModule } from '@extension-events/platform-v8';

// The texts that an attach evaluates in the main thread of the observed process. They are constant
// but for the values that go in as JSON. Whatever happens comes back as a value: an exception would
// be harmless, but a rejected promise that nobody handles would end the process.

/** What goes into the text. */
export interface BootstrapValues {
  /** Path of the agent thread's file. */
  readonly agentThreadFile: string;
  readonly workerData: AgentWorkerData;
  /** Existing file that takes the error of an agent thread that fails. */
  readonly noteFile: string;
  /** Starts a new agent although an old one is remembered: its socket does not answer. */
  readonly isReplacing: boolean;
  /** What process.debugPort is to be again; left alone when `undefined`. */
  readonly debugPort: number | undefined;
  /** The inspector is ours: it closes by itself after a while even when nobody says so. */
  readonly isInspectorOurs: boolean;
}

/** What the agent thread finds in `workerData`. */
export interface AgentWorkerData {
  readonly socketPath: string;
  /** Effective uid of the process; owner of the socket's directory. */
  readonly uid: number;
  readonly pid: number;
  readonly startTime: number;
}

/** What comes back. */
export type BootstrapResult =
  | { readonly state: 'started' }
  | { readonly state: 'already' }
  /** The thread loads a module of Node's own: to be asked again in a moment. */
  | { readonly state: 'loading' }
  /** process.getBuiltinModule is missing: too old, or not yet there in a process just born. */
  | { readonly state: 'incomplete'; readonly version: string }
  | { readonly state: 'refused'; readonly message: string };

/** Where the agent's Worker is remembered on the main thread's globalThis, by Symbol.for. */
export const agentKey = 'extension-events.agent.v1';

/** Milliseconds after which the observed process closes our inspector by itself. */
export const closesByItselfMs = 1000;

const sourceUrl = '//# sourceURL=extension-events:bootstrap';

// Written out as text rather than taken from a function's toString(): what a compiler or bundler
// makes of a function may use helpers that do not exist over there.
// - env and execArgv are empty, so that the program's --import hooks and NODE_OPTIONS stay out.
// - An 'error' listener, since without one an error of the agent is an uncaught exception of the
//   program. The file is opened with r+: once the attach is over it does not exist any more.
// - The timer stands for an attacher that is killed right now. The url has a random part, so
//   another inspector, opened later by somebody else, is not meant.
const startAgent = `(values) => {
  try {
    const version = String(globalThis.process?.version);
    if (typeof globalThis.process?.getBuiltinModule !== 'function') {
      return { state: 'incomplete', version };
    }
    const builtin = (name) => globalThis.process.getBuiltinModule(name);
    if (values.debugPort !== undefined) globalThis.process.debugPort = values.debugPort;
    if (values.isInspectorOurs) {
      const inspector = builtin('node:inspector');
      const url = inspector.url();
      const closeIt = () => { if (url !== undefined && inspector.url() === url) inspector.close(); };
      builtin('node:timers').setTimeout(closeIt, values.closesByItselfMs).unref();
    }
    const key = Symbol.for(values.agentKey);
    if (globalThis[key] !== undefined && !values.isReplacing) return { state: 'already' };
    const { Worker } = builtin('node:worker_threads');
    const fs = builtin('node:fs');
    const worker = new Worker(values.agentThreadFile, {
      name: 'extension-events', execArgv: [], env: {},
      workerData: values.workerData, trackUnmanagedFds: false,
    });
    worker.unref();
    worker.on('error', (error) => {
      try { fs.writeFileSync(values.noteFile, String(error), { flag: 'r+' }); } catch {}
    });
    worker.on('exit', () => { if (globalThis[key] === worker) delete globalThis[key]; });
    Object.defineProperty(globalThis, key, {
      value: worker, configurable: true, writable: true, enumerable: false,
    });
    return { state: 'started' };
  } catch (error) {
    const code = error?.code === undefined ? '' : '[' + String(error.code) + '] ';
    return { state: 'refused', message: code + String(error?.message ?? error) };
  }
}`;

/** Writes the text that starts the agent thread and puts process.debugPort back. */
export function bootstrapSource(values: BootstrapValues): string {
  return `${isLoadingModule} ? { state: 'loading' } : (${startAgent})(${JSON.stringify({ ...values, agentKey, closesByItselfMs })})\n${sourceUrl}`;
}

/** The text that closes the inspector; it is never answered, since the connection goes with it. */
export const closeInspectorSource: string = `(() => {
  try { globalThis.process.getBuiltinModule('node:inspector').close(); } catch {}
})()\n${sourceUrl}`;
