/**
 * What the command line needs of something that can hold and inspect threads. One engine serves
 * the JavaScript threads of a Node process through its agent; one for native threads can stand
 * beside it, behind an engine that asks {@link DebugEngine.handles} and passes each call on.
 *
 * Places are those of the original source; lines and columns count from 1.
 */
import type { StopFrame, ThreadInfo } from './internal-types.ts';
import type { Location } from './location.ts';

/** A place in a source file. */
export interface Place {
  /** Absolute path, or the URL when the source is no file. */
  readonly file: string;
  /** The same, short, for a person. */
  readonly shown: string;
  readonly line: number;
  readonly column: number;
  /** A source map led here from generated code. */
  readonly isMapped: boolean;
  /** What the engine itself needs to find the place again. */
  readonly handle: unknown;
}

/** One frame of a stopped thread. */
export interface EngineFrame {
  readonly level: number;
  readonly functionName: string;
  readonly place: Place;
  /** The program's own code: neither the runtime's, nor a dependency's, nor ours. */
  readonly isUser: boolean;
  readonly handle: unknown;
}

export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** Variables that are seen from a frame, innermost scope first. */
export interface Scope {
  readonly kind: 'local' | 'closure';
  /** The function that a closure belongs to. */
  readonly name: string;
  readonly variables: readonly Variable[];
}

export interface SourceText {
  readonly lines: readonly string[];
  /** Where the text came from, for `info source`. */
  readonly origin: string;
  /** Something the user should know: the file on disk has changed. */
  readonly remark?: string;
}

export interface EngineBreakpoint {
  readonly ids: readonly string[];
  /** Where it stands; empty while no loaded code has the place. */
  readonly places: readonly Place[];
}

export type StepKind = 'over' | 'into' | 'out';

export interface DebugEngine {
  /** Short name, such as `v8`. */
  readonly id: string;
  handles(thread: ThreadInfo): boolean;

  pause(thread: number): Promise<void>;
  /** Releases one's own hold; resolves with the names of those who still hold the thread. */
  resume(thread: number): Promise<readonly string[]>;
  step(thread: number, kind: StepKind): Promise<void>;
  /** Lets the thread run to a place of the frame's own file, once. */
  runTo(frame: EngineFrame, place: Place): Promise<void>;
  /** The first place after this line, in the frame's function, where code can stop. */
  placeAfter(frame: EngineFrame, line: number): Promise<Place | undefined>;

  frames(stop: StopFrame): Promise<readonly EngineFrame[]>;
  /** The frame's parameters; `undefined` when they cannot be told from the other locals. */
  parameters(frame: EngineFrame): Promise<readonly Variable[] | undefined>;
  scopes(frame: EngineFrame): Promise<readonly Scope[]>;
  /** Lines of text: the value of an expression in a frame, or in the thread when there is none. */
  evaluate(
    thread: number,
    frame: EngineFrame | undefined,
    expression: string,
    mayWrite: boolean,
  ): Promise<readonly string[]>;
  /** @throws ExtensionEventError `EE_REGISTERS_NONE` when threads of this kind have none */
  registers(thread: number): Promise<readonly Variable[]>;

  /** Places that the text may mean: several when a function has several, none when nothing has it. */
  locate(location: Location, around: Place | undefined): Promise<readonly Place[]>;
  source(place: Place): Promise<SourceText>;
  /** A place that a payload names, as the original source has it. */
  describePlace(url: string, line?: number, column?: number): Promise<string>;
  /** Short names of the program's own files. */
  fileNames(): Promise<readonly string[]>;

  setBreakpoint(place: Place, condition?: string): Promise<EngineBreakpoint>;
  /** For a file that is not loaded yet. */
  setPendingBreakpoint(file: string, line: number, condition?: string): Promise<EngineBreakpoint>;
  removeBreakpoint(id: string): Promise<void>;
  /** Files (wildcards) that are not the program's own code either. */
  setSkip(patterns: readonly string[]): Promise<void>;
  /** Stops following the process; what was set in it is taken back by then. */
  close(): void;
}
