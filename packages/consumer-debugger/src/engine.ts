/**
 * What the command line needs of something that can hold and inspect threads. One engine serves
 * the JavaScript threads of a Node process through its agent; one for native threads can stand
 * beside it, behind an engine that asks {@link DebugEngine.handles} and passes each call on.
 *
 * Places are those of the original source; lines and columns count from 1.
 */
import type { Observable } from 'rxjs';
import type { StopFrame, ThreadInfo } from './internal-types.ts';
import type { Location } from './location.ts';

/** A place in a source file. */
export interface Place {
  /** Absolute path, or the URL when the source is no file. */
  readonly file: string;
  /** The same, short, for a person. */
  readonly shown: string;
  /** 0 when nothing is known but the address. */
  readonly line: number;
  /** 0 when the engine knows none. */
  readonly column: number;
  /** A source map led here from generated code. */
  readonly isMapped: boolean;
  /** Where the code stands in memory, `0x…`, when the engine knows. */
  readonly address?: string;
  /** Which engine the place comes from; left out by V8's. */
  readonly engine?: string;
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
  /** Which engine the frame comes from; left out by V8's. */
  readonly engine?: string;
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

/** Memory that an expression names. */
export interface MemoryRange {
  /** `0x…` */
  readonly address: string;
  readonly lengthBytes: number;
}

export type StepKind = 'over' | 'into';

export interface DebugEngine {
  /** Short name, such as `v8`. */
  readonly id: string;
  handles(thread: ThreadInfo): boolean;

  pause(thread: number): Promise<void>;
  /** Releases one's own hold; resolves with the names of those who still hold the thread. */
  resume(thread: number): Promise<readonly string[]>;
  step(thread: number, kind: StepKind): Promise<void>;
  /** Lets the thread run until the function of this frame returns. */
  finish(thread: number, frame: EngineFrame): Promise<void>;
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
  /** Stops following the process; what was set in it is taken back when this resolves. */
  close(): void | Promise<void>;

  // What not every engine has, or needs.

  /** With which code the process has ended, where the engine has seen that. */
  readonly exitCode?: number | undefined;
  /** Lets a program begin that was started for this debugger and has not begun. */
  begin?(): Promise<void>;
  /** Stops that the engine itself makes, beside those of the connection. */
  readonly stops$?: Observable<StopFrame>;
  /** A stop of the connection, with what the engine knows of its cause. */
  refineStop?(stop: StopFrame): StopFrame;
  /** Which engine a thread is debugged with now. */
  engineOf?(thread: number): string;
  /** A step of this engine ends at another line; otherwise it may end at another statement. */
  stepsByLine?(thread: number): boolean;
  /** Runs to a line below the current one; false when the engine cannot do it by itself. */
  leaveLoop?(thread: number): Promise<boolean>;
  /** The machine's own frames of a thread, also of one that another engine holds, which stays held. */
  nativeFrames?(thread: number): Promise<readonly EngineFrame[]>;
  /** Where the machine stands: `pc = …, sp = …`. */
  summarizeRegisters?(thread: number): Promise<string | undefined>;
  /** Instructions from a place on, the first one marked; `undefined` when there are none to show. */
  disassemble?(place: Place): Promise<readonly string[] | undefined>;
  /** @throws ExtensionEventError `EE_WATCH_MEMORY` when the expression names no memory */
  findMemory?(thread: number, frame: EngineFrame | undefined, expression: string, access: string): Promise<MemoryRange>; // prettier-ignore
  /** Before events of these threads are caught. @throws ExtensionEventError when they could not be stopped */
  beforeCatch?(): Promise<void>;
  /** After it; resolves with what the user should know of it. */
  afterCatch?(threads: readonly number[]): Promise<readonly string[]>;
  /** Functions whose names begin so. */
  functionNames?(prefix: string): Promise<readonly string[]>;
}
