import type { RegisteredType, Registry } from '@extension-events/core';
import type { CdpSession } from '@extension-events/platform-v8';
import { evaluateSnippet, evaluateWithModules } from '@extension-events/platform-v8';
import type { WireError } from '@extension-events/protocol';
import type { RemoteThrow, StateUpdate, ThreadShare } from '@extension-events/script/runtime';
import type { JoinData, TapAnswer, TapSpec } from './tap-spec.ts';
import type { ScriptInstall } from './thread-scripts.ts';
import type { ThreadProducerFile } from './thread-producers.ts';
import type { ThreadSide } from './thread-side.ts';

/** A producer's file with its text, for threads that cannot read files now. */
export interface ThreadProducerText extends ThreadProducerFile {
  readonly source: string;
}

/** The calls that the agent makes into a thread. */
export interface ThreadLink {
  /** Brings the thread side into the thread; calls after it are answered in their order. */
  prepare(): Promise<void>;
  join(
    data: Omit<JoinData, 'producers'>,
    producers: readonly ThreadProducerText[],
  ): Promise<{ tid: number; threadId: number; types: RegisteredType[] }>;
  /** Starts a producer in the thread; resolves with why it cannot work there. */
  load(producer: ThreadProducerText): Promise<WireError | undefined>;
  tap(spec: TapSpec): Promise<TapAnswer>;
  untap(id: number): Promise<void>;
  inherit(taps: readonly TapSpec[]): Promise<void>;
  describe(): Promise<RegisteredType[]>;
  watchExit(): Promise<void>;
  /** Starts a script in the thread; resolves with why it cannot run there. */
  installScript(script: ScriptInstall): Promise<WireError | undefined>;
  collectScript(id: number): Promise<ThreadShare | undefined>;
  applyScript(id: number, update: StateUpdate): Promise<void>;
  postFromScript(id: number, thrown: RemoteThrow): Promise<void>;
  removeScript(id: number): Promise<ThreadShare | undefined>;
  inheritScripts(scripts: readonly ScriptInstall[]): Promise<void>;
  leave(): Promise<void>;
}

const side = `globalThis[Symbol.for('extension-events.thread-side.v1')]`;

/**
 * Reaches a thread through its inspector session. The snippets are constant but for JSON arguments;
 * they run by interrupt, also while the thread spins or waits.
 */
export class RemoteLink implements ThreadLink {
  readonly #session: CdpSession;
  readonly #source: string;

  /** @param source - text of the bundled thread side */
  constructor(session: CdpSession, source: string) {
    this.#session = session;
    this.#source = source;
  }

  async prepare(): Promise<void> {
    const present = await evaluateSnippet<boolean>(
      this.#session,
      'present',
      `${side} !== undefined`,
    );
    if (!present) await evaluateWithModules(this.#session, 'thread-side', bootstrap(this.#source));
  }

  join(
    data: Omit<JoinData, 'producers'>,
    producers: readonly ThreadProducerText[],
  ): Promise<{ tid: number; threadId: number; types: RegisteredType[] }> {
    const files = producers.map(({ file, id }) => ({ file, id }));
    const factories = producers.map(({ source }) => factoryOf(source)).join(', ');
    const json = JSON.stringify({ ...data, producers: files });
    return evaluateWithModules(this.#session, 'join', `${side}?.join(${json}, [${factories}])`);
  }

  load({ file, id, source }: ThreadProducerText): Promise<WireError | undefined> {
    const json = JSON.stringify({ file, id });
    const call = `${side}?.load(${json}, ${factoryOf(source)})`;
    return evaluateWithModules(this.#session, `producer/${id}`, call);
  }

  tap(spec: TapSpec): Promise<TapAnswer> {
    return this.#call('tap', spec);
  }

  untap(id: number): Promise<void> {
    return this.#call('untap', id);
  }

  inherit(taps: readonly TapSpec[]): Promise<void> {
    return this.#call('inherit', taps);
  }

  describe(): Promise<RegisteredType[]> {
    return this.#call('describe');
  }

  watchExit(): Promise<void> {
    return this.#call('watchExit');
  }

  installScript({ id, patterns, spec }: ScriptInstall): Promise<WireError | undefined> {
    return this.#call('installScript', { id, patterns, spec });
  }

  collectScript(id: number): Promise<ThreadShare | undefined> {
    return this.#call('collectScript', id);
  }

  applyScript(id: number, update: StateUpdate): Promise<void> {
    return this.#call('applyScript', { id, update });
  }

  postFromScript(id: number, thrown: RemoteThrow): Promise<void> {
    return this.#call('postFromScript', { id, thrown });
  }

  removeScript(id: number): Promise<ThreadShare | undefined> {
    return this.#call('removeScript', id);
  }

  inheritScripts(scripts: readonly ScriptInstall[]): Promise<void> {
    return this.#call('inheritScripts', scripts);
  }

  leave(): Promise<void> {
    return this.#call('leave');
  }

  #call<T>(method: keyof ThreadLink, argument?: unknown): Promise<T> {
    const json = argument === undefined ? '' : JSON.stringify(argument);
    return evaluateSnippet<T>(this.#session, method, `${side}?.${method}(${json})`);
  }
}

function factoryOf(source: string): string {
  return `function (module, exports, require) {${source}\n}`;
}

// The file is a CommonJS module; a thread that is evaluated into has no require of its own.
function bootstrap(source: string): string {
  return `(() => {
const module = { exports: {} };
(${factoryOf(source)})(module, module.exports, (name) => process.getBuiltinModule(name));
module.exports.getThreadSide();
})()`;
}

/** The agent's own thread: the same calls, made directly. */
export class OwnLink implements ThreadLink {
  readonly #side: ThreadSide;

  /** @param onStop - called, beside the subject, for events that catchpoints want it stopped for */
  constructor(own: ThreadSide, onStop: NonNullable<Registry['onStop']>) {
    this.#side = own;
    // A producer beside its subject cannot stop it by a sentinel: the event says where to.
    own.registry.onStop = onStop;
  }

  async prepare(): Promise<void> {}

  async join(
    data: Omit<JoinData, 'producers'>,
  ): Promise<{ tid: number; threadId: number; types: RegisteredType[] }> {
    return this.#side.join({ ...data, producers: [] }); // they are for the program's threads
  }

  async load(): Promise<undefined> {
    return undefined;
  }

  async tap(spec: TapSpec): Promise<TapAnswer> {
    // The stack of whoever posts for it here is nobody's business: its events bring their own. And
    // whether a stop came about, which uses a temporary catchpoint up, is known later.
    const { stack: _stack, temporary: _temporary, ...rest } = spec;
    return this.#side.tap(rest);
  }

  async untap(id: number): Promise<void> {
    this.#side.untap(id);
  }

  // The agent starts no workers.
  async inherit(): Promise<void> {}

  async describe(): Promise<RegisteredType[]> {
    return this.#side.describe();
  }

  async watchExit(): Promise<void> {}

  async installScript(script: ScriptInstall): Promise<WireError | undefined> {
    return this.#side.installScript(script);
  }

  async collectScript(id: number): Promise<ThreadShare | undefined> {
    return this.#side.collectScript(id);
  }

  async applyScript(id: number, update: StateUpdate): Promise<void> {
    this.#side.applyScript({ id, update });
  }

  async postFromScript(id: number, thrown: RemoteThrow): Promise<void> {
    this.#side.postFromScript({ id, thrown });
  }

  async removeScript(id: number): Promise<ThreadShare | undefined> {
    return this.#side.removeScript(id);
  }

  async inheritScripts(): Promise<void> {}

  async leave(): Promise<void> {
    this.#side.registry.onStop = undefined;
    this.#side.leave();
  }
}
