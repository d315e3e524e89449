import { SourceMaps } from '@extension-events/platform-v8';
import type {
  DebugEngine,
  EngineBreakpoint,
  EngineFrame,
  Place,
  Scope,
  SourceText,
  StepKind,
  Variable,
} from './engine.ts';
import { debuggerError } from './errors.ts';
import { findFunctionAround } from './find-function.ts';
import { formatValue, shortStyle } from './format-value.ts';
import type {
  Connection,
  ScriptPosition,
  StopFrame,
  StopFrameInfo,
  ThreadInfo,
} from './internal-types.ts';
import type { Location } from './location.ts';
import { type Script, type ScriptPlace, ScriptStore } from './script-store.ts';
import { isProgramCode, toFile } from './source-files.ts';
import { offsetOf, V8Locator } from './v8-locate.ts';
import { V8Breakpoints } from './v8-breakpoints.ts';
import { type BreakpointRequest, V8Requests } from './v8-requests.ts';
import type { RemoteProperty } from './v8-types.ts';
import { formatEvaluation, formatLocal, unwrapEvaluation } from './v8-values.ts';

export interface V8EngineOptions {
  /** Directory that shown paths are relative to. */
  readonly cwd: string;
  /** Where source maps come from; replaced in tests. */
  readonly sourceMaps?: SourceMaps;
  /** How long a thread may take to answer a question. Default 10 s. */
  readonly answerTimeoutMs?: number;
}

/** What a frame of this engine carries. */
interface V8Frame {
  readonly thread: number;
  readonly info: StopFrameInfo;
  readonly script: Script;
  /** Stopped without being stepped to: values may be missing, as V8 had optimized them away. */
  readonly mayBeOptimized: boolean;
}

const scopeKinds: Readonly<Record<string, Scope['kind']>> = {
  local: 'local',
  block: 'local',
  catch: 'local',
  with: 'local',
  closure: 'closure',
};

/** What Node's CommonJS wrapper adds to a file's own variables. */
const wrapperNames = new Set(['exports', 'require', 'module', '__filename', '__dirname']);

/** Debugs the JavaScript threads of a process through its agent. */
export class V8Engine implements DebugEngine {
  readonly id = 'v8';
  readonly #requests: V8Requests;
  readonly #store: ScriptStore;
  readonly #locator: V8Locator;
  readonly #breakpoints: V8Breakpoints;
  #variables = new WeakMap<V8Frame, Map<string, Promise<readonly RemoteProperty[]>>>();

  constructor(connection: Connection, options: V8EngineOptions) {
    const requests = new V8Requests(connection, options.answerTimeoutMs ?? 10_000);
    this.#requests = requests;
    this.#breakpoints = new V8Breakpoints(connection, requests, (thread) => this.handles(thread));
    this.#store = new ScriptStore(
      {
        listScripts: () =>
          requests.scripts(
            connection.threads
              .filter((thread) => this.handles(thread) && thread.state !== 'ended')
              .map((thread) => thread.key),
          ),
        getText: (script) => requests.text(script),
      },
      options.sourceMaps ?? new SourceMaps(),
      { cwd: options.cwd, root: connection.hello.root },
    );
    this.#locator = new V8Locator(this.#store, async (script, lineNumber, columnNumber) => {
      const start = { scriptId: script.scriptId, lineNumber, columnNumber };
      return (await requests.breakPositions(script, start))[0];
    });
  }

  handles(thread: ThreadInfo): boolean {
    return thread.isAgent !== true;
  }

  async pause(thread: number): Promise<void> {
    await this.#requests.ask('pause', {}, thread);
  }

  resume(thread: number): Promise<readonly string[]> {
    return this.#requests.resume(thread);
  }

  async step(thread: number, kind: StepKind): Promise<void> {
    await this.#requests.ask('step', { type: kind }, thread);
  }

  async runTo(frame: EngineFrame, place: Place): Promise<void> {
    const { thread, script } = frame.handle as V8Frame;
    const target = place.handle as ScriptPlace;
    const own =
      target.script.url === script.url ? script : this.#store.find(target.script.url, thread);
    if (own === undefined || own.thread !== thread) {
      throw debuggerError(
        'EE_LOCATION_UNKNOWN',
        `This thread has not loaded ${place.shown}.`,
        'Set a breakpoint there instead: it waits for the file to be loaded.',
      );
    }
    const { lineNumber, columnNumber } = target;
    const position: ScriptPosition = { scriptId: own.scriptId, lineNumber, columnNumber };
    await this.#requests.ask('run-to', { position }, thread);
  }

  async placeAfter(frame: EngineFrame, line: number): Promise<Place | undefined> {
    const { info, script } = frame.handle as V8Frame;
    for (const position of await this.#requests.breakPositions(script, info.position)) {
      const place = this.#store.place(script, position);
      if (place.line > line && place.file === frame.place.file) return place;
    }
    return undefined;
  }

  async frames(stop: StopFrame): Promise<readonly EngineFrame[]> {
    const wasSteppedTo = stop.cause?.type === 'step' || stop.cause?.type === 'breakpoint';
    const frames = stop.frames ?? [];
    return frames.map((info, level): EngineFrame => {
      const script: Script = {
        thread: stop.thread,
        scriptId: info.position.scriptId,
        url: info.url,
        ...(info.sourceMapUrl === undefined ? {} : { sourceMapUrl: info.sourceMapUrl }),
      };
      this.#store.remember(script);
      const mayBeOptimized = !wasSteppedTo || level > 0;
      const handle: V8Frame = { thread: stop.thread, info, script, mayBeOptimized };
      return {
        level,
        functionName: info.functionName,
        place: this.#store.place(script, info.position),
        isUser: info.isUser,
        handle,
      };
    });
  }

  async parameters(frame: EngineFrame): Promise<readonly Variable[] | undefined> {
    const { info, script } = frame.handle as V8Frame;
    if (info.functionName === '' || script.url.startsWith('node:')) return undefined;
    const masked = await this.#store.masked(script);
    const offset = offsetOf(masked, info.position.lineNumber, info.position.columnNumber);
    const site = findFunctionAround(masked, info.functionName, offset);
    if (site === undefined) return undefined;
    const locals = (await this.#properties(frame, ['local'])).flatMap((scope) => scope.properties);
    return site.parameters.flatMap((name) => {
      const value = locals.find((property) => property.name === name)?.value;
      return value === undefined ? [] : [{ name, value: formatValue(value, shortStyle) }];
    });
  }

  async scopes(frame: EngineFrame): Promise<readonly Scope[]> {
    const { info, mayBeOptimized } = frame.handle as V8Frame;
    const isTopLevel = !info.scopes.some((scope) => scopeKinds[scope.type] === 'local');
    const wanted = isTopLevel ? ['module'] : Object.keys(scopeKinds);
    const scopes = await this.#properties(frame, wanted);
    return scopes.map(({ type, name, properties }) => ({
      kind: scopeKinds[type] ?? 'local',
      name,
      variables: properties
        .filter((property) => !wrapperNames.has(property.name))
        .map((property) => formatLocal(property, mayBeOptimized)),
    }));
  }

  async evaluate(
    thread: number,
    frame: EngineFrame | undefined,
    expression: string,
    mayWrite: boolean,
  ): Promise<readonly string[]> {
    const callFrameId = (frame?.handle as V8Frame | undefined)?.info.callFrameId;
    const answer = await this.#requests.ask(
      'evaluate',
      { expression, sideEffects: mayWrite, ...(callFrameId === undefined ? {} : { callFrameId }) },
      thread,
    );
    if (mayWrite) this.#variables = new WeakMap();
    const value = unwrapEvaluation(answer, expression);
    return formatEvaluation(value, (objectId) => this.#requests.properties(thread, objectId));
  }

  registers(): Promise<readonly Variable[]> {
    return Promise.reject(
      debuggerError(
        'EE_REGISTERS_NONE',
        'A JavaScript thread runs on V8, which shows no registers at a stop.',
        'info locals shows the variables, bt the frames, print the value of an expression.',
      ),
    );
  }

  locate(location: Location, around: Place | undefined): Promise<readonly Place[]> {
    return this.#locator.locate(location, around);
  }

  source(place: Place): Promise<SourceText> {
    return this.#store.source(place);
  }

  async describePlace(url: string, line?: number, column?: number): Promise<string> {
    const script = this.#store.find(url);
    const numbers = [line, column].filter((number) => number !== undefined);
    if (script?.sourceMapUrl === undefined || line === undefined) {
      return [this.#store.show(toFile(url)), ...numbers].join(':');
    }
    const place = this.#store.place(script, {
      lineNumber: line - 1,
      columnNumber: (column ?? 1) - 1,
    });
    const at = column === undefined ? [place.line] : [place.line, place.column];
    return [place.shown, ...at].join(':');
  }

  async fileNames(): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const script of await this.#store.all()) {
      if (!isProgramCode(script.url)) continue;
      for (const file of this.#store.sources(script)) names.add(baseName(file));
    }
    return [...names].toSorted();
  }

  async setBreakpoint(place: Place, condition?: string): Promise<EngineBreakpoint> {
    const { script, lineNumber, columnNumber } = place.handle as ScriptPlace;
    // A line without column lets V8 choose the line's first break position itself.
    const column = columnNumber === 0 && !place.isMapped ? {} : { columnNumber };
    const request = { url: script.url, lineNumber, ...column };
    const answer = await this.#breakpoints.add(withCondition(request, condition));
    const places = new Map<string, Place>();
    for (const position of answer.locations ?? []) {
      const found = this.#store.place(script, position);
      places.set(`${found.line}:${found.column}`, found);
    }
    return { ids: [answer.breakpoint], places: [...places.values()] };
  }

  async setPendingBreakpoint(
    file: string,
    line: number,
    condition?: string,
  ): Promise<EngineBreakpoint> {
    const name = file.replace(/^\.\//, '').replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
    const request = { urlRegex: `(^|/)${name}$`, lineNumber: line - 1 };
    const answer = await this.#breakpoints.add(withCondition(request, condition));
    return { ids: [answer.breakpoint], places: [] };
  }

  removeBreakpoint(id: string): Promise<void> {
    return this.#breakpoints.remove(id);
  }

  close(): void {
    this.#breakpoints.close();
  }

  async setSkip(patterns: readonly string[]): Promise<void> {
    await this.#requests.ask('set-skip', { patterns });
  }

  /** The variables of a frame's scopes of these types, each scope asked for once. */
  async #properties(
    frame: EngineFrame,
    types: readonly string[],
  ): Promise<{ type: string; name: string; properties: readonly RemoteProperty[] }[]> {
    const handle = frame.handle as V8Frame;
    const known =
      this.#variables.get(handle) ?? new Map<string, Promise<readonly RemoteProperty[]>>();
    this.#variables.set(handle, known);
    const scopes = handle.info.scopes.filter((scope) => types.includes(scope.type));
    return Promise.all(
      scopes.map(async ({ type, name, objectId }) => {
        const properties =
          known.get(objectId) ?? this.#requests.properties(handle.thread, objectId);
        known.set(objectId, properties);
        return { type, name: name ?? '', properties: await properties };
      }),
    );
  }
}

function withCondition(request: BreakpointRequest, condition?: string): BreakpointRequest {
  return condition === undefined ? request : { ...request, condition };
}

function baseName(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
