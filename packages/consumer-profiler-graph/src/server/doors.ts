import type { Observable } from 'rxjs';
import type { SourceSpec } from '../graph-types.ts';
import type { HeldThread, ScriptDiagnostic, ScriptState } from './messages.ts';

/** Runs scripts for pages. The language is no business of this package: whoever starts the server gives it. */
export interface ScriptDoor {
  /** Everything that is wrong with a text; it is not run. */
  check(text: string): Promise<{ readonly diagnostics: readonly ScriptDiagnostic[] }>;
  /** @param options.pids - in these processes only; else in all that are connected */
  run(text: string, options: { readonly name: string; readonly pids?: readonly number[] }): RunningScript; // prettier-ignore
}

/** A script that was started. */
export interface RunningScript {
  /** What it prints, with its own line ends. */
  readonly output$: Observable<string>;
  /** Now and at each change; completes when it has ended everywhere. */
  readonly state$: Observable<ScriptState>;
  /** Resolves when it has ended everywhere. */
  stop(): Promise<void>;
}

/** Stops threads for pages: whoever starts the server with it grants that to everybody who has its address. */
export interface ControlDoor {
  /**
   * Stops the thread that posts the next matching event, once.
   *
   * @returns the processes where that is in force
   */
  stopNext(source: SourceSpec): Promise<{ readonly pids: readonly number[] }>;
  /** Lets a thread go that was stopped by {@link stopNext}. */
  continue(pid: number, tid: number): Promise<void>;
  /** Threads that stand for that reason. */
  readonly held$: Observable<readonly HeldThread[]>;
}
