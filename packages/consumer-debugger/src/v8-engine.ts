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
import type { Connection, ScriptPosition, StopFrame, ThreadInfo } from './internal-types.ts';
import type { Location } from './location.ts';
import { type ScriptPlace, ScriptStore } from './script-store.ts';
import { isProgramCode, toFile } from './source-files.ts';
import { V8Breakpoints } from './v8-breakpoints.ts';
import { type V8Frame, V8Frames } from './v8-frames.ts';
import { V8Locator } from './v8-locate.ts';
import { type BreakpointRequest, V8Requests } from './v8-requests.ts';
import { doubt, formatEvaluation, unwrapEvaluation } from './v8-values.ts';

export interface V8EngineOptions {
  /** Directory that shown paths are relative to. */
  readonly cwd: string;
  /** Where source maps come from; replaced in tests. */
  readonly sourceMaps?: SourceMaps;
  /** How long a thread may take to answer a question. Default 10 s. */
  readonly answerTimeoutMs?: number;
}

/** Debugs the JavaScript threads of a process through its agent. */
export class V8Engine implements DebugEngine {
  readonly id = 'v8';
  readonly #requests: V8Requests;
  readonly #store: ScriptStore;
  readonly #locator: V8Locator;
  readonly #breakpoints: V8Breakpoints;
  readonly #frames: V8Frames;

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
    this.#frames = new V8Frames(requests, this.#store);
    this.#locator = new V8Locator(this.#store, async (script, lineNumber, columnNumber) => {
      const start = { scriptId: script.scriptId, lineNumber, columnNumber };
      return (await requests.breakPositions(script, start))[0];
    });
  }

  handles(thread: ThreadInfo): boolean {
    return thread.isAgent !== true && thread.runs !== 'native';
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

  async finish(thread: number, frame: EngineFrame): Promise<void> {
    const { callFrameId } = (frame.handle as V8Frame).info;
    await this.#requests.ask('step', { type: 'out', callFrameId }, thread);
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
    return this.#frames.list(stop);
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
    const callFrameId = (frame?.handle as V8Frame | undefined)?.info.callFrameId;
    const answer = await this.#requests.ask(
      'evaluate',
      { expression, sideEffects: mayWrite, ...(callFrameId === undefined ? {} : { callFrameId }) },
      thread,
    );
    if (mayWrite) this.#frames.forget();
    const value = unwrapEvaluation(answer, expression);
    if (value.type === 'undefined' && frame !== undefined && (await this.#isDoubtful(frame, expression))) return [doubt]; // prettier-ignore
    return formatEvaluation(value, (objectId) => this.#requests.properties(thread, objectId));
  }

  /** Is it a variable that V8 may have optimized away? */
  async #isDoubtful(frame: EngineFrame, expression: string): Promise<boolean> {
    const scopes = await this.#frames.scopes(frame);
    return scopes.some(({ variables }) => variables.some(({ name, value }) => name === expression && value === doubt)); // prettier-ignore
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
}

function withCondition(request: BreakpointRequest, condition?: string): BreakpointRequest {
  return condition === undefined ? request : { ...request, condition };
}

function baseName(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
