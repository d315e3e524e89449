import type { EngineFrame, Scope, Variable } from './engine.ts';
import { findFunctionAround } from './find-function.ts';
import { formatValue, shortStyle } from './format-value.ts';
import type { StopFrame, StopFrameInfo } from './internal-types.ts';
import type { Script, ScriptStore } from './script-store.ts';
import { offsetOf } from './v8-locate.ts';
import type { V8Requests } from './v8-requests.ts';
import type { RemoteProperty } from './v8-types.ts';
import { formatLocal } from './v8-values.ts';

/** What a frame of this engine carries. */
export interface V8Frame {
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

/** Frames of stopped threads and the variables in them. */
export class V8Frames {
  readonly #requests: V8Requests;
  readonly #store: ScriptStore;
  #variables = new WeakMap<V8Frame, Map<string, Promise<readonly RemoteProperty[]>>>();

  constructor(requests: V8Requests, store: ScriptStore) {
    this.#requests = requests;
    this.#store = store;
  }

  /** The frames of a stop, at their places in the original source. */
  list(stop: StopFrame): readonly EngineFrame[] {
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

  /** Variables may have changed: they are asked for again. */
  forget(): void {
    this.#variables = new WeakMap();
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
