import type { InterruptFrame, ProfileNode, ProfileWindow } from '@extension-events/platform-v8';
import type { HotFunction } from './internal-types.ts';
import type { ScriptTexts } from './script-texts.ts';
import { functionKey, readMeaning, toFunction } from './places.ts';

/** A frame of an interrupt stack with its function; none for a built-in function. */
export interface KnownFrame {
  readonly frame: InterruptFrame;
  readonly function: HotFunction | undefined;
}

/**
 * What the profiler has seen lately: functions, and who called whom. Joins interrupt stacks to it,
 * which name a function's first token where the profiler names its parameter list.
 */
export class FunctionIndex {
  readonly #texts: Pick<ScriptTexts, 'tryGet'>;
  readonly #byLine = new Map<string, Map<string, HotFunction>>();
  readonly #scriptIds = new Map<string, string>();
  readonly #callees = new Map<string, Set<string>>();
  readonly #selfHits = new Map<string, number>();

  constructor(windows: Iterable<ProfileWindow>, texts: Pick<ScriptTexts, 'tryGet'>) {
    this.#texts = texts;
    for (const { nodes } of windows) for (const node of nodes) this.#add(node);
  }

  /** Did the profiler see the function at all? */
  knows(hot: HotFunction): boolean {
    return this.#byLine.get(`${hot.url}:${hot.line}`)?.has(hot.key) === true;
  }

  /** Samples that ended in the function itself. */
  selfHits(hot: HotFunction): number {
    return this.#selfHits.get(hot.key) ?? 0;
  }

  /** Did the profiler see this function called by that one? */
  isCallee(caller: HotFunction, callee: HotFunction): boolean {
    return this.#callees.get(caller.key)?.has(callee.key) === true;
  }

  /** The frames that are really on the stack (not those that await), with their functions. */
  resolve(frames: readonly InterruptFrame[]): KnownFrame[] {
    const known: KnownFrame[] = [];
    for (const frame of frames) {
      if (frame.isAsync) break;
      known.push({ frame, function: frame.url === '' ? undefined : this.#find(frame) });
    }
    return known;
  }

  #add(node: ProfileNode): void {
    if (node.url === '') {
      this.#addHits(node);
      return;
    }
    const hot = toFunction(node);
    const place = `${hot.url}:${hot.line}`;
    let sameLine = this.#byLine.get(place);
    if (sameLine === undefined) this.#byLine.set(place, (sameLine = new Map()));
    sameLine.set(hot.key, hot);
    this.#scriptIds.set(hot.url, hot.scriptId);
    this.#addHits(node);
    for (const child of node.children) {
      if (child.url === '') continue;
      let callees = this.#callees.get(hot.key);
      if (callees === undefined) this.#callees.set(hot.key, (callees = new Set()));
      callees.add(toFunction(child).key);
    }
  }

  #addHits(node: ProfileNode): void {
    if (node.hits === 0) return;
    const meaning = readMeaning(node);
    if (meaning.kind !== 'function') return;
    const { key } = meaning.function;
    this.#selfHits.set(key, (this.#selfHits.get(key) ?? 0) + node.hits);
  }

  #find(frame: InterruptFrame): HotFunction {
    const { url, functionName, functionLine: line, functionColumn: column } = frame;
    const sameLine = this.#byLine.get(`${url}:${line}`)?.values() ?? [];
    // `async function* name(`: the parameter list is at most this far from the first token.
    const reach = functionName.length + 24;
    let best: HotFunction | undefined;
    for (const hot of sameLine) {
      const distance = hot.column - column;
      if (distance < 0 || distance > reach) continue;
      if (hot.functionName !== functionName) continue;
      if (best === undefined || hot.column < best.column) best = hot;
    }
    if (best !== undefined) return best;
    const scriptId = this.#scriptIds.get(url) ?? '';
    // The text tells where the profiler would say that it starts, so that it is the same function when it does.
    const start = this.#texts.tryGet(url)?.parametersColumn(line, column) ?? column;
    return { key: functionKey(url, line, start), functionName, scriptId, url, line, column: start };
  }
}
