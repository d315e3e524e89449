import type { Observable } from 'rxjs';
import type {
  DebugEngine,
  EngineBreakpoint,
  EngineFrame,
  MemoryRange,
  Place,
  Scope,
  SourceText,
  StepKind,
  Variable,
} from './engine.ts';
import type { GdbEngine } from './gdb-engine.ts';
import { isGdbBreakpoint } from './gdb-places.ts';
import type { Connection, StopFrame, ThreadInfo } from './internal-types.ts';
import type { Location } from './location.ts';

const nativeFile =
  /\.(?:[cC]|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|rs|go|s|S|asm|zig|d|f90|f|nim|swift|m|mm)$/;
const scriptFile = /\.(?:[cm]?[jt]sx?|vue|svelte|coffee)$/;

/**
 * V8's engine and gdb's as one: a thread goes to the engine that it stands by, else by what it
 * runs; a place to the engine that found it; a file by its ending; a function to V8 first.
 */
export class JointEngine implements DebugEngine {
  readonly id = 'joint';
  readonly #connection: Connection;
  readonly #scripts: DebugEngine;
  readonly #native: GdbEngine;

  constructor(connection: Connection, scripts: DebugEngine, native: GdbEngine) {
    this.#connection = connection;
    this.#scripts = scripts;
    this.#native = native;
  }

  get stops$(): Observable<StopFrame> {
    return this.#native.stops$;
  }

  handles(thread: ThreadInfo): boolean {
    return this.#scripts.handles(thread) || this.#native.handles(thread);
  }

  begin(): Promise<void> {
    return this.#native.begin();
  }

  pause(thread: number): Promise<void> {
    return this.#of(thread).pause(thread);
  }

  async resume(thread: number): Promise<readonly string[]> {
    const engine = this.#of(thread);
    if (engine === this.#scripts) await this.#native.beforeScriptRuns(thread);
    return engine.resume(thread);
  }

  step(thread: number, kind: StepKind): Promise<void> {
    return this.#of(thread).step(thread, kind);
  }

  finish(thread: number, frame: EngineFrame): Promise<void> {
    return this.#of(thread).finish(thread, frame);
  }

  stepsByLine(thread: number): boolean {
    return this.#of(thread).stepsByLine?.(thread) === true;
  }

  async leaveLoop(thread: number): Promise<boolean> {
    return (await this.#of(thread).leaveLoop?.(thread)) === true;
  }

  runTo(frame: EngineFrame, place: Place): Promise<void> {
    return this.#from(frame).runTo(frame, place);
  }

  placeAfter(frame: EngineFrame, line: number): Promise<Place | undefined> {
    return this.#from(frame).placeAfter(frame, line);
  }

  frames(stop: StopFrame): Promise<readonly EngineFrame[]> {
    return this.#of(stop.thread).frames(stop);
  }

  nativeFrames(thread: number): Promise<readonly EngineFrame[]> {
    return this.#native.nativeFrames(thread);
  }

  get exitCode(): number | undefined {
    return this.#native.exitCode;
  }

  refineStop(stop: StopFrame): StopFrame {
    return this.#native.refineStop(stop);
  }

  engineOf(thread: number): string {
    return this.#of(thread).id;
  }

  parameters(frame: EngineFrame): Promise<readonly Variable[] | undefined> {
    return this.#from(frame).parameters(frame);
  }

  scopes(frame: EngineFrame): Promise<readonly Scope[]> {
    return this.#from(frame).scopes(frame);
  }

  evaluate(
    thread: number,
    frame: EngineFrame | undefined,
    expression: string,
    mayWrite: boolean,
  ): Promise<readonly string[]> {
    const engine = frame === undefined ? this.#of(thread) : this.#from(frame);
    return engine.evaluate(thread, frame, expression, mayWrite);
  }

  registers(thread: number): Promise<readonly Variable[]> {
    return this.#of(thread).registers(thread);
  }

  async summarizeRegisters(thread: number): Promise<string | undefined> {
    return this.#of(thread).summarizeRegisters?.(thread);
  }

  async disassemble(place: Place): Promise<readonly string[] | undefined> {
    return this.#from(place).disassemble?.(place);
  }

  async locate(location: Location, around: Place | undefined): Promise<readonly Place[]> {
    const { kind } = location;
    if (kind === 'here' || kind === 'line') {
      return around === undefined ? [] : this.#from(around).locate(location, around);
    }
    if (kind === 'address') return this.#nativeOnly(location, around);
    const engines = this.#ordered(location.file);
    for (const engine of engines) {
      const places = await engine.locate(location, around);
      if (places.length > 0) return places;
    }
    return [];
  }

  source(place: Place): Promise<SourceText> {
    return this.#from(place).source(place);
  }

  describePlace(url: string, line?: number, column?: number): Promise<string> {
    return this.#scripts.describePlace(url, line, column);
  }

  async fileNames(): Promise<readonly string[]> {
    const lists = await Promise.all([this.#scripts.fileNames(), this.#native.fileNames()]);
    return lists.flat();
  }

  functionNames(prefix: string): Promise<readonly string[]> {
    return this.#native.functionNames(prefix);
  }

  setBreakpoint(place: Place, condition?: string): Promise<EngineBreakpoint> {
    return this.#from(place).setBreakpoint(place, condition);
  }

  setPendingBreakpoint(file: string, line: number, condition?: string): Promise<EngineBreakpoint> {
    const [engine = this.#scripts] = this.#ordered(file);
    return engine.setPendingBreakpoint(file, line, condition);
  }

  removeBreakpoint(id: string): Promise<void> {
    return (isGdbBreakpoint(id) ? this.#native : this.#scripts).removeBreakpoint(id);
  }

  async setSkip(patterns: readonly string[]): Promise<void> {
    if (this.#hasScripts) await this.#scripts.setSkip(patterns);
    if (!this.#hasScripts || this.#native.target.isAttached) await this.#native.setSkip(patterns);
  }

  findMemory(
    thread: number,
    frame: EngineFrame | undefined,
    expression: string,
    access: string,
  ): Promise<MemoryRange> {
    return this.#native.findMemory(thread, frame, expression, access);
  }

  async beforeCatch(): Promise<void> {
    if (this.#native.hasNativeThreads) await this.#native.beforeCatch();
  }

  async afterCatch(threads: readonly number[]): Promise<readonly string[]> {
    return this.#native.hasNativeThreads ? this.#native.afterCatch(threads) : [];
  }

  async close(): Promise<void> {
    await this.#scripts.close();
    await this.#native.close();
  }

  get #hasScripts(): boolean {
    return this.#connection.threads.some(
      (thread) => thread.isAgent !== true && thread.runs !== 'native',
    );
  }

  /** The engine that a thread stands by, or would. */
  #of(thread: number): DebugEngine {
    const info = this.#connection.threads.find((one) => one.key === thread);
    const isNative = info?.runs === 'native' || this.#native.holds(thread);
    return isNative ? this.#native : this.#scripts;
  }

  #from(origin: { readonly engine?: string }): DebugEngine {
    return origin.engine === this.#native.id ? this.#native : this.#scripts;
  }

  /** Who is asked about a file, or about a function of any; first come, first served. */
  #ordered(file: string | undefined): readonly DebugEngine[] {
    if (!this.#native.hasNativeThreads) return [this.#scripts];
    if (!this.#hasScripts || (file !== undefined && nativeFile.test(file))) return [this.#native];
    if (file !== undefined && scriptFile.test(file)) return [this.#scripts];
    return [this.#scripts, this.#native];
  }

  async #nativeOnly(location: Location, around: Place | undefined): Promise<readonly Place[]> {
    return this.#native.hasNativeThreads ? this.#native.locate(location, around) : [];
  }
}
