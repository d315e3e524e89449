import { type Observable, Subject } from 'rxjs';
import { ExtensionEventError } from '@extension-events/core';
import type { ScriptAction, ScriptFrame } from '@extension-events/protocol';
import type {
  RemoteThrow,
  ScriptSpec,
  StateUpdate,
  ThreadShare,
} from '@extension-events/script/runtime';

/** What a script has to say by itself. */
export type ScriptNews =
  | { readonly kind: 'exited' }
  | { readonly kind: 'stopped'; readonly error: ExtensionEventError }
  /** A thread has ended, with what it had gathered. */
  | { readonly kind: 'shares'; readonly shares: readonly ThreadShare[] };

/** One script in one process: what its coordinator asks of it. */
export interface TargetScript {
  /** Completes when the script has been removed, or the process has ended. */
  readonly news$: Observable<ScriptNews>;
  /** Hands over what the threads have gathered since the last time. */
  collect(): Promise<readonly ThreadShare[]>;
  /** What a merge has made of the state. */
  apply(update: StateUpdate): Promise<void>;
  /** Posts an event of the script's. */
  post(thrown: RemoteThrow): Promise<void>;
  /** Ends it in all threads; the last that they have gathered. */
  remove(): Promise<readonly ThreadShare[]>;
}

/** A script that one side of a process runs. */
export class ScriptLink implements TargetScript {
  readonly #request: (action: ScriptAction, data?: object) => Promise<ScriptFrame>;
  readonly #news: Subject<ScriptNews> = new Subject();
  readonly #removed: () => void;

  /** @param request - makes one request about this script */
  constructor(
    request: (action: ScriptAction, data?: object) => Promise<ScriptFrame>,
    removed: () => void,
  ) {
    this.#request = request;
    this.#removed = removed;
  }

  get news$(): Observable<ScriptNews> {
    return this.#news;
  }

  /**
   * Compiles it in every thread.
   *
   * @throws ExtensionEventError why it cannot run there
   */
  async install(spec: ScriptSpec, patterns: readonly string[]): Promise<void> {
    await this.#request('install', { patterns, spec });
  }

  async collect(): Promise<readonly ThreadShare[]> {
    return sharesOf(await this.#request('collect'));
  }

  async apply(update: StateUpdate): Promise<void> {
    await this.#request('apply', update);
  }

  async post(thrown: RemoteThrow): Promise<void> {
    await this.#request('throw', thrown);
  }

  async remove(): Promise<readonly ThreadShare[]> {
    try {
      return sharesOf(await this.#request('remove'));
    } finally {
      this.finish();
    }
  }

  /** @internal Something that it says unasked. */
  hear({ exited, shares, stopped }: ScriptFrame): void {
    if (shares !== undefined) this.#news.next({ kind: 'shares', shares: shares as unknown as ThreadShare[] }); // prettier-ignore
    if (stopped !== undefined) this.#news.next({ kind: 'stopped', error: new ExtensionEventError(stopped.code, stopped.message, stopped.hint) }); // prettier-ignore
    if (exited === true) this.#news.next({ kind: 'exited' });
  }

  /** @internal The connection is over. */
  finish(): void {
    this.#removed();
    this.#news.complete();
  }
}

function sharesOf({ shares = [] }: ScriptFrame): readonly ThreadShare[] {
  return shares as unknown as readonly ThreadShare[];
}
