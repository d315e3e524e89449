import type { Registry } from '@extension-events/core';
import type { WireError } from '@extension-events/protocol';
import { scriptFault, wireError } from '@extension-events/protocol/server';
import { type RemoteThrow, ScriptInstance, type ScriptSpec, type StateUpdate, type ThreadShare } from '@extension-events/script/runtime'; // prettier-ignore

/** One script as it travels to a thread: plain data. */
export interface ScriptInstall {
  /** The agent's number for it, unique in the process. */
  readonly id: number;
  readonly spec: ScriptSpec;
  /** What it probes. */
  readonly patterns: readonly string[];
}

/** What a script in a thread has to say: that it wants to end, that it had to. */
export interface ScriptNews {
  readonly id: number;
  readonly stopped?: WireError;
  readonly exited?: true;
}

/** The share of one script that a thread hands over. */
export interface ScriptShare {
  readonly id: number;
  readonly share: ThreadShare;
}

/** The scripts that run inside this thread. */
export class ThreadScripts implements Disposable {
  readonly #registry: Registry;
  readonly #say: (news: ScriptNews) => void;
  /** Without an instance while it starts: an agent may come by interrupt, and does not start it again. */
  readonly #running: Map<number, ScriptInstance | undefined> = new Map();

  constructor(registry: Registry, say: (news: ScriptNews) => void) {
    this.#registry = registry;
    this.#say = say;
  }

  get ids(): number[] {
    return [...this.#running.keys()];
  }

  /** Starts a script, once; returns why it cannot run here. */
  install({ id, spec }: ScriptInstall): WireError | undefined {
    if (this.#running.has(id)) return undefined;
    this.#running.set(id, undefined);
    try {
      const instance = new ScriptInstance(this.#registry, spec, {
        onStopped: (error) => this.#say({ id, stopped: wireError(error, scriptFault) }),
        onExit: () => this.#say({ id, exited: true }),
        onRefused: (_event, error) => this.#say({ id, stopped: wireError(error, scriptFault) }),
      });
      if (this.#running.has(id)) this.#running.set(id, instance);
      else instance[Symbol.dispose](); // removed meanwhile
      return undefined;
    } catch (error) {
      this.#running.delete(id);
      return wireError(error, scriptFault);
    }
  }

  collect(id: number): ThreadShare | undefined {
    return this.#running.get(id)?.collect();
  }

  apply(id: number, update: StateUpdate): void {
    this.#running.get(id)?.apply(update);
  }

  post(id: number, thrown: RemoteThrow): void {
    this.#running.get(id)?.post(thrown);
  }

  /** Ends it; its last share. */
  remove(id: number): ThreadShare | undefined {
    const instance = this.#running.get(id);
    this.#running.delete(id);
    if (instance === undefined) return undefined;
    const share = instance.collect();
    instance[Symbol.dispose]();
    return share;
  }

  /** Ends all of them, with their last shares: the thread ends. */
  removeAll(): ScriptShare[] {
    return this.ids.flatMap((id) => {
      const share = this.remove(id);
      return share === undefined ? [] : [{ id, share }];
    });
  }

  [Symbol.dispose](): void {
    this.removeAll();
  }
}
