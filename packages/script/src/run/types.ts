import type { CheckedProgram } from '../program/checked.ts';
import type { RemoteThrow, ScriptBudget, ScriptSpec, SourceFile, StateUpdate, ThreadShare } from '../program/wire.ts'; // prettier-ignore
import type { StopReason } from '../runtime/errors.ts';
import type { RunClock } from './clock.ts';

/** The threads that a script runs in: those of one process, or of several. */
export interface ScriptSide {
  /** @throws ExtensionEventError when some thread refuses it; nothing is left then */
  install(spec: ScriptSpec): Promise<void>;
  /** Every share once, those of threads that have ended too. */
  collect(): Promise<readonly ThreadShare[]>;
  apply(update: StateUpdate): Promise<void> | void;
  post(thrown: RemoteThrow): Promise<void> | void;
  /** Ends the instances; their last shares. */
  remove(): Promise<readonly ThreadShare[]>;
}

/** What a run takes. */
export interface ScriptRunOptions {
  /** Unique for each start of a script. */
  readonly run: string;
  /** What errors call it: `lucky13.ev`. */
  readonly name: string;
  readonly files: readonly SourceFile[];
  readonly program: CheckedProgram;
  readonly side: ScriptSide;
  /** Gets what begin, end and timer probes print. What event probes print is the event `script.output`. */
  readonly output: (text: string) => void;
  readonly clock?: RunClock;
  /** Of the instances in threads. */
  readonly budget?: ScriptBudget;
  /** Of begin, end and timer probes. */
  readonly coordinatorBudget?: ScriptBudget;
}

/** How a run ended. */
export interface RunEnd {
  /** `exit`: a probe called `exit()`. `asked`: {@link ScriptRun.stop}. `target`: there is no thread left. `error`: against its will. */
  readonly why: 'exit' | 'asked' | 'target' | 'error';
  readonly error?: StopReason;
  /** Ticks of timer probes that were left out since what came before took too long. */
  readonly skippedTicks: number;
  /** Threads that were ended from outside: what they gathered since they were last asked is missing. */
  readonly missingShares: number;
  readonly merges: number;
}
