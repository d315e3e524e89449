import { type Observable, Subject } from 'rxjs';
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
import { debuggerError, isCodedError } from './errors.ts';
import { formatDuration } from './format-quantity.ts';
import { type GdbFrame, GdbFrames } from './gdb-frames.ts';
import { textOf, tuplesOf } from './gdb-mi.ts';
import { checkHarmless, GdbPlaces } from './gdb-places.ts';
import { GdbSources } from './gdb-sources.ts';
import { describeGdbStop, revivePayload } from './gdb-stops.ts';
import { type GdbNews, type GdbStop, GdbTarget } from './gdb-target.ts';
import type { Connection, StopCause, StopFrame, ThreadInfo, Verdict } from './internal-types.ts';
import type { Location } from './location.ts';
import { makePrintable } from './paint.ts';
import { blocksUrgent, programFile } from './proc-tracing.ts';
import type { StandingProgram } from './standing-program.ts';

export interface GdbEngineOptions {
  /** Directory that shown paths are relative to. */
  readonly cwd: string;
  /** Expressions may change the program and call its functions. */
  readonly mayWrite?: boolean;
  /** Says what the user should know, in a line. */
  readonly tell?: (text: string) => void;
  /** gdb and its first arguments. Default: `gdb`, as the path finds it. */
  readonly program?: readonly string[];
  /** Environment of gdb. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Longest wait for an answer of gdb, in ms. */
  readonly answerTimeoutMs?: number;
  /** The program was started for this debugger, and has not begun. */
  readonly standing?: StandingProgram;
}

const stepCommands: Readonly<Record<StepKind, readonly [line: string, instruction: string]>> = {
  over: ['exec-next', 'exec-next-instruction'],
  into: ['exec-step', 'exec-step-instruction'],
};
const shownInstructions = 8;
/** A process may have hundreds of threads. */
const mostNamed = 8;
/** A thread that gdb met may take a moment to be known to the connection. */
const threadKnownMs = 500;

/**
 * Debugs native threads with gdb, which is attached when a thread of them is first to be stopped or
 * looked into.
 *
 * A caught event stops its thread by SIGURG, which means nothing to a program that nobody traces.
 * gdb sees the thread stand with it; the host is asked what it is about (`verdict`), and only what
 * was caught is shown. No breakpoint of gdb's is in the code for that.
 */
export class GdbEngine implements DebugEngine {
  readonly id = 'gdb';
  readonly target: GdbTarget;
  readonly #connection: Connection;
  readonly #options: GdbEngineOptions;
  readonly #frames: GdbFrames;
  readonly #places: GdbPlaces;
  readonly #sources: GdbSources;
  readonly #stops: Subject<StopFrame> = new Subject();
  /** Keys of the threads that stand by this engine. */
  exitCode: number | undefined;
  readonly #held = new Set<number>();
  /** Threads on their way to the end of a step, and how they go on with it. */
  readonly #stepping = new Map<number, () => Promise<void>>();
  /** Threads that stand at code without line information. */
  readonly #withoutLine = new Set<number>();
  /** Numbers of breakpoints for a run to a place. */
  readonly #own = new Set<string>();
  /** JavaScript threads that caught an event, on their way to where V8 holds them. */
  readonly #expected = new Map<number, StopCause>();
  /** JavaScript threads that V8 holds for such an event: their sources are off until they go on. */
  readonly #quiet = new Set<number>();
  #wasWarned = false;

  constructor(connection: Connection, options: GdbEngineOptions) {
    this.#connection = connection;
    this.#options = options;
    this.target = new GdbTarget(connection.pid, {
      ...options,
      onTracing: (isLeft) => this.#leaveToUs(isLeft),
    });
    const bases = { cwd: options.cwd, root: connection.hello.root };
    this.#frames = new GdbFrames(this.target, bases);
    this.#places = new GdbPlaces(this.target, this.#frames);
    this.#sources = new GdbSources(programFile(connection.pid));
    this.target.stops$.subscribe((stop) => void this.#onStop(stop));
    this.target.news$.subscribe((news) => this.#onNews(news));
  }

  get stops$(): Observable<StopFrame> {
    return this.#stops;
  }

  handles(thread: ThreadInfo): boolean {
    return thread.runs === 'native';
  }

  /** Does the thread stand by gdb? A JavaScript thread may, at a breakpoint in native code. */
  holds(thread: number): boolean {
    return this.#held.has(thread);
  }

  /** Threads of the connection that only gdb can stop. */
  get hasNativeThreads(): boolean {
    return this.#connection.threads.some((thread) => this.handles(thread));
  }

  get #hasScripts(): boolean {
    return this.#connection.threads.some(
      (thread) => !this.handles(thread) && thread.isAgent !== true,
    );
  }

  /** Lets a program begin that has not. */
  async begin(): Promise<void> {
    await this.target.begin();
  }

  async pause(thread: number): Promise<void> {
    await this.target.interrupt(this.#tid(thread));
  }

  async resume(thread: number): Promise<readonly string[]> {
    await this.#tellHost('continue', {}, thread);
    this.#held.delete(thread);
    await this.target.resume(this.#tid(thread));
    return [];
  }

  async step(thread: number, kind: StepKind): Promise<void> {
    const tid = this.#tid(thread);
    const [line, instruction] = stepCommands[kind];
    await this.#run(thread, this.#withoutLine.has(tid) ? instruction : line);
  }

  async finish(thread: number, frame: EngineFrame): Promise<void> {
    const tid = this.#tid(thread);
    const { level } = frame.handle as GdbFrame;
    // What cuts it short may stand deeper in the stack.
    const outer = (await this.#frames.depth(tid)) - level;
    if (outer <= 1) {
      throw debuggerError(
        'EE_FRAME_UNKNOWN',
        `${frame.functionName} is the outermost frame: nothing is left to return to.`,
        'continue lets the thread run on.',
      );
    }
    await this.#runBy(thread, async () => {
      const now = Math.max(0, (await this.#frames.depth(tid)) - outer);
      await this.target.run(tid, 'exec-finish', '--frame', String(now));
    });
  }

  stepsByLine(): boolean {
    return true;
  }

  async leaveLoop(thread: number): Promise<boolean> {
    await this.#run(thread, this.#withoutLine.has(this.#tid(thread)) ? 'exec-next-instruction' : 'exec-until'); // prettier-ignore
    return true;
  }

  async runTo(frame: EngineFrame, place: Place): Promise<void> {
    const { tid } = frame.handle as GdbFrame;
    this.#own.add(await this.#places.setTemporary(place, tid));
    await this.#run(this.#key(tid) ?? -1, 'exec-continue');
  }

  placeAfter(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  frames(stop: StopFrame): Promise<readonly EngineFrame[]> {
    return this.#frames.list(this.#tid(stop.thread));
  }

  /** Stops the thread for the moment of reading, when it does not stand. */
  async nativeFrames(thread: number): Promise<readonly EngineFrame[]> {
    const wasAttached = this.target.isAttached;
    const tid = this.#tid(thread);
    try {
      return await this.target.whileStopped(tid, () => this.#frames.list(tid));
    } finally {
      // A process whose scripts are debugged by V8 is traced no longer than need be.
      if (!wasAttached && this.#hasScripts && this.#held.size === 0) await this.target.detach();
    }
  }

  parameters(frame: EngineFrame): Promise<readonly Variable[] | undefined> {
    return this.#frames.parameters(frame);
  }

  scopes(frame: EngineFrame): Promise<readonly Scope[]> {
    return this.#frames.scopes(frame);
  }

  async evaluate(
    thread: number,
    frame: EngineFrame | undefined,
    expression: string,
    mayWrite: boolean,
  ): Promise<readonly string[]> {
    if (!mayWrite) checkHarmless(expression);
    const value = await this.#read(thread, frame, expression);
    return makeLines(value);
  }

  async registers(thread: number): Promise<readonly Variable[]> {
    const tid = this.#tid(thread);
    if (this.#held.has(thread)) return this.#frames.registers(tid);
    throw debuggerError(
      'EE_THREAD_RUNNING',
      'The registers of a thread that runs change all the time.',
      'interrupt stops it where it is.',
    );
  }

  async summarizeRegisters(thread: number): Promise<string | undefined> {
    return this.#held.has(thread) ? this.#frames.summary(this.#tid(thread)) : undefined;
  }

  async disassemble(place: Place): Promise<readonly string[] | undefined> {
    if (place.address === undefined) return undefined;
    return this.#frames.disassembly(place.address, shownInstructions);
  }

  /** Looks in the program's file; in the libraries of the process only once gdb is attached. */
  async locate(location: Location, around: Place | undefined): Promise<readonly Place[]> {
    const places = await this.#places.locate(location, around, this.target.isAttached);
    if (places.length > 0 || this.target.isAttached || this.#hasScripts) return places;
    return this.#places.locate(location, around, true);
  }

  async source(place: Place): Promise<SourceText> {
    return this.#sources.get(place);
  }

  describePlace(url: string, line?: number): Promise<string> {
    return Promise.resolve(line === undefined ? url : `${url}:${line}`);
  }

  /** Completion does not start a debugger: only a gdb that is there is asked. */
  async fileNames(): Promise<readonly string[]> {
    if (!this.target.isAttached) return [];
    const gdb = await this.target.attach();
    const { files } = await gdb.command('file-list-exec-source-files');
    const names = tuplesOf(files).map((file) => textOf(file['file']));
    return [...new Set(names.map((name) => name.slice(name.lastIndexOf('/') + 1)))].toSorted();
  }

  async functionNames(prefix: string): Promise<readonly string[]> {
    if (!/^\w+$/.test(prefix) || !this.target.isAttached) return [];
    const gdb = await this.target.attach();
    const answer = await gdb.command('symbol-info-functions', '--name', `^${prefix}`, '--max-results', '100'); // prettier-ignore
    const symbols = answer['symbols'];
    const debug = typeof symbols === 'object' && !Array.isArray(symbols) ? tuplesOf((symbols as Record<string, never>)['debug']) : []; // prettier-ignore
    const names = debug.flatMap((file) =>
      tuplesOf(file['symbols']).map((one) => textOf(one['name'])),
    );
    return [...new Set(names)].filter((name) => name.startsWith(prefix)).toSorted();
  }

  async setBreakpoint(place: Place, condition?: string): Promise<EngineBreakpoint> {
    await this.#prepareBreakpoint(condition);
    return this.#places.set(place, condition);
  }

  async setPendingBreakpoint(
    file: string,
    line: number,
    condition?: string,
  ): Promise<EngineBreakpoint> {
    await this.#prepareBreakpoint(condition);
    return this.#places.setPending(file, line, condition);
  }

  removeBreakpoint(id: string): Promise<void> {
    return this.#places.remove(id);
  }

  async setSkip(patterns: readonly string[]): Promise<void> {
    const gdb = await this.target.load();
    await gdb.console('skip delete').catch(() => undefined);
    for (const pattern of patterns)
      await gdb.console(`skip -gfi ${pattern.replaceAll(/\s/g, '?')}`);
  }

  async findMemory(
    thread: number,
    frame: EngineFrame | undefined,
    expression: string,
    access: string,
  ): Promise<MemoryRange> {
    checkHarmless(expression);
    await this.target.attach();
    const read = async (text: string): Promise<string> => {
      try {
        return await this.#read(thread, frame, text);
      } catch (error) {
        const reason = isCodedError(error) ? error.message : String(error);
        throw debuggerError(
          'EE_WATCH_MEMORY',
          `${expression} names no memory: ${reason}`,
          'Write a variable, an element or a field (counter, table[3], p->len), or *(int *)0x….',
        );
      }
    };
    const pointer = await read(
      access === 'execute' ? `(void *)(${expression})` : `&(${expression})`,
    );
    const address = /0x[\da-f]+/i.exec(pointer)?.[0];
    if (address === undefined) {
      throw debuggerError(
        'EE_WATCH_MEMORY',
        `${expression} has no address: ${pointer}.`,
        'A value in a register cannot be watched.',
      );
    }
    const lengthBytes = access === 'execute' ? 1 : Number(await read(`sizeof(${expression})`));
    return { address, lengthBytes };
  }

  async beforeCatch(): Promise<void> {
    // In a process with scripts, those are what a catch is about: V8 holds them without gdb.
    if (!this.#hasScripts) await this.target.attach();
  }

  async afterCatch(threads: readonly number[]): Promise<readonly string[]> {
    if (this.target.isAttached) {
      // A host that was started for this very catch does not know of gdb yet.
      await this.#leaveToUs(true);
      return this.#deafAmong(threads);
    }
    if (!this.#anyNative(threads)) return [];
    if (this.#hasScripts) {
      return [
        'Threads that run no JavaScript stop only while gdb is attached; interrupt or break on one of them attaches it.',
      ];
    }
    await this.target.attach();
    // What fired before gdb was there has stopped nobody, and is off since.
    await Promise.all(threads.map((key) => this.#tellHost('continue', {}, key)));
    return this.#deafAmong(threads);
  }

  /** Threads that a caught event cannot stop, for they block the signal that does it. */
  #deafAmong(threads: readonly number[]): readonly string[] {
    const { pid, threads: all } = this.#connection;
    const deaf = all.filter(
      (one) => threads.includes(one.key) && this.handles(one) && blocksUrgent(pid, one.tid),
    );
    if (deaf.length === 0) return [];
    const names = deaf.slice(0, mostNamed).map(({ name, tid }) => `${makePrintable(name)} (tid ${tid})`); // prettier-ignore
    const more = deaf.length > mostNamed ? ` and ${deaf.length - mostNamed} more` : '';
    return [
      `${names.join(', ')}${more} ${deaf.length === 1 ? 'is' : 'are'} not stopped by it: SIGURG is blocked there; break stops such threads.`,
    ];
  }

  /** A stop that V8 made because we asked for it at an event is shown as the event's. */
  refineStop(stop: StopFrame): StopFrame {
    const cause = this.#expected.get(stop.thread);
    if (cause === undefined || stop.cause === undefined) return stop;
    this.#expected.delete(stop.thread);
    if (stop.cause.type !== 'pause') return stop;
    this.#quiet.add(stop.thread);
    const note =
      'gdb held the thread at the event; it ran on to the next place where V8 can stop it';
    return { ...stop, cause, landed: 'function', notes: [...(stop.notes ?? []), note] };
  }

  /** Before V8 lets a thread go that {@link refineStop} has seen. */
  async beforeScriptRuns(thread: number): Promise<void> {
    if (this.#quiet.delete(thread)) await this.#tellHost('continue', {}, thread);
  }

  async close(): Promise<void> {
    await this.target.close();
    this.#stops.complete();
  }

  async #read(thread: number, frame: EngineFrame | undefined, expression: string): Promise<string> {
    try {
      const value = await this.#ask(thread, frame, expression);
      // Of a C++ reference gdb shows where it refers to, and not what is there.
      return /^@0x[\da-f]+$/i.test(value) ? await this.#ask(thread, frame, `*&(${expression})`) : value; // prettier-ignore
    } catch (error) {
      throw explainEvaluation(error, expression);
    }
  }

  async #ask(thread: number, frame: EngineFrame | undefined, expression: string): Promise<string> {
    const handle = frame?.engine === 'gdb' ? (frame.handle as GdbFrame) : undefined;
    const answer =
      handle === undefined
        ? await (await this.target.attach()).command('data-evaluate-expression', expression)
        : await this.target.ask(this.#tid(thread), handle.level, 'data-evaluate-expression', expression); // prettier-ignore
    return textOf(answer['value']);
  }

  async #run(thread: number, operation: string): Promise<void> {
    await this.#runBy(thread, () => this.target.run(this.#tid(thread), operation));
  }

  async #runBy(thread: number, go: () => Promise<void>): Promise<void> {
    const tid = this.#tid(thread);
    // A step is about the next lines: what has fired here stays off until the thread goes on.
    await this.#tellHost('continue', { keepsQuiet: true }, thread);
    this.#held.delete(thread);
    this.#stepping.set(tid, go);
    try {
      await go();
    } catch (error) {
      this.#stepping.delete(tid);
      this.#held.add(thread);
      throw error;
    }
  }

  async #prepareBreakpoint(condition: string | undefined): Promise<void> {
    if (condition !== undefined && this.#options.mayWrite !== true) checkHarmless(condition);
    await this.target.attach();
    if (this.#wasWarned) return;
    this.#wasWarned = true;
    this.#options.tell?.(
      'as long as gdb has a breakpoint in the code, killing gdb itself (kill -9) kills the process too; quit, detach and even the death of this debugger take it out first',
    );
  }

  async #onStop(stop: GdbStop): Promise<void> {
    if (this.target.isSilent(stop.tid)) return;
    if (textOf(GdbFrames.of(stop.fields)['line']) === '') this.#withoutLine.add(stop.tid);
    else this.#withoutLine.delete(stop.tid);
    try {
      if (stop.signal === 'SIGURG') await this.#onCatchSignal(stop);
      else this.#publish(stop);
    } catch (error) {
      // Whatever went wrong with the stop, nothing stays stopped for it.
      if (isCodedError(error) && error.code !== 'EE_GDB_ENDED') {
        this.#options.tell?.(`${error.code}: ${error.message}`);
      }
      await this.target.resume(stop.tid).catch(() => undefined);
    }
  }

  #publish(stop: GdbStop): void {
    const thread = this.#key(stop.tid);
    if (thread === undefined) {
      void this.target.resume(stop.tid).catch(() => undefined);
      return;
    }
    const { cause, notes } = describeGdbStop(stop, this.#own);
    this.#own.delete(textOf(stop.fields['bkptno']));
    this.#stand(thread, stop.tid, cause, notes);
  }

  #stand(thread: number, tid: number, cause: StopCause, notes: readonly string[]): void {
    this.#stepping.delete(tid);
    this.#held.add(thread);
    this.#stops.next({ kind: 'stop', thread, cause, notes, landed: 'exact', holders: [] });
  }

  /** SIGURG: caught, ours but nothing to show, or the program's own. */
  async #onCatchSignal({ tid }: GdbStop): Promise<void> {
    const thread = await this.#waitForKey(tid);
    const verdict = await this.#askVerdict(thread);
    if (verdict === undefined || (verdict.caught === null && !verdict.isOurs)) {
      await this.target.passSignal(tid, 'SIGURG');
      return;
    }
    if (verdict.caught === null || thread === undefined) {
      // A step that the signal cut short goes on.
      await (this.#stepping.get(tid)?.() ?? this.target.resume(tid));
      return;
    }
    const { event, listens, payload, timestampNs } = verdict.caught;
    const descriptor = this.#connection.eventTypes.find(
      (type) => type.descriptor.name === event,
    )?.descriptor;
    const cause: StopCause = {
      type: 'event',
      listens,
      event,
      payload: revivePayload(payload, descriptor),
      timestampNs,
    };
    const info = this.#connection.threads.find((one) => one.key === thread);
    if (info?.runs === 'native') this.#stand(thread, tid, cause, []);
    else await this.#handToScript(thread, tid, cause);
  }

  /** V8 is asked to pause the thread before it goes on: it does so at its next interrupt check. */
  async #handToScript(thread: number, tid: number, cause: StopCause): Promise<void> {
    this.#expected.set(thread, cause);
    try {
      await this.#connection.debug('pause', { isHeld: true }, thread, 'agent');
      await this.#tellHost('continue', { keepsQuiet: true }, thread);
    } catch (error) {
      this.#expected.delete(thread);
      throw error;
    }
    await this.target.resume(tid);
  }

  async #askVerdict(thread: number | undefined): Promise<Verdict | undefined> {
    if (thread === undefined) return undefined;
    try {
      return (await this.#connection.debug('verdict', {}, thread, 'host')) as Verdict;
    } catch {
      return undefined; // no host: the signal is none of ours
    }
  }

  async #waitForKey(tid: number): Promise<number | undefined> {
    const deadline = performance.now() + threadKnownMs;
    for (;;) {
      const key = this.#key(tid);
      if (key !== undefined || performance.now() > deadline) return key;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #onNews(news: GdbNews): void {
    const { pid } = this.#connection;
    const tell = this.#options.tell ?? (() => undefined);
    switch (news.type) {
      case 'attached':
        tell(`gdb ${news.version} is attached to process ${pid}, which ${news.stoodMs === undefined ? 'stands before its first instruction' : `stood for ${formatDuration(news.stoodMs * 1e6)}`}`); // prettier-ignore
        return;
      case 'exited':
        if (news.signal !== '') tell(`process ${pid} was ended by ${news.signal}`);
        this.exitCode = news.exitCode;
        this.#held.clear(); // nobody has resumed it
        break;
      case 'gdb-ended':
        tell('gdb has ended: native threads run, and its breakpoints are gone');
        break;
      default:
        news satisfies never;
    }
    this.#places.forget();
    this.#stepping.clear();
    this.#own.clear();
    for (const thread of this.#held) {
      this.#held.delete(thread);
      this.#stops.next({ kind: 'stop', thread, resumedBy: 'foreign' });
    }
  }

  /** The host does not trace the process while gdb does. */
  async #leaveToUs(isLeft: boolean): Promise<void> {
    if (this.#connection.sides?.host === true) {
      await this.#tellHost('leave-to-debugger', { isLeft });
    }
  }

  /** A host that is gone has nothing that it would have to be told. */
  async #tellHost(method: string, params: object, thread?: number): Promise<void> {
    await this.#connection.debug(method, params, thread, 'host').catch(() => undefined);
  }

  #anyNative(threads: readonly number[]): boolean {
    return this.#connection.threads.some(
      (thread) => this.handles(thread) && threads.includes(thread.key),
    );
  }

  #key(tid: number): number | undefined {
    return this.#connection.threads.find((thread) => thread.tid === tid)?.key;
  }

  #tid(key: number): number {
    const tid = this.#connection.threads.find((thread) => thread.key === key)?.tid;
    if (tid !== undefined) return tid;
    throw debuggerError(
      'EE_THREAD_NUMBER',
      'The thread has ended.',
      'info threads shows the threads of the process.',
    );
  }
}

function explainEvaluation(error: unknown, expression: string): unknown {
  if (!isCodedError(error) || error.code !== 'EE_GDB_COMMAND') return error;
  if (/may-call-functions/.test(error.message)) {
    return debuggerError(
      'EE_SIDE_EFFECT',
      `${expression} would call a function of the program.`,
      'Start the debugger with --write to allow it.',
    );
  }
  return debuggerError(
    'EE_EXPRESSION_FAILED',
    error.message,
    'Names are those that the selected frame sees: info locals lists them.',
  );
}

function makeLines(value: string): string[] {
  return value.split('\n').map(makePrintable);
}
