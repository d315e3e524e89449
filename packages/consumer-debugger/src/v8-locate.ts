import type { Place } from './engine.ts';
import { debuggerError } from './errors.ts';
import { findFunctions } from './find-function.ts';
import type { ScriptPosition } from './internal-types.ts';
import type { Location } from './location.ts';
import type { Script, ScriptPlace, ScriptStore } from './script-store.ts';
import { isFileNamed, isProgramCode, toFile } from './source-files.ts';

/** The first position at or after this one, in its function, where V8 can stop. */
export type FirstBreakPosition = (
  script: Script,
  lineNumber: number,
  columnNumber: number,
) => Promise<ScriptPosition | undefined>;

/** How far below a line without code the next line with code is looked for. */
const linesToLookBelow = 20;

/** Finds the places that a {@link Location} means in the scripts of the process. */
export class V8Locator {
  readonly #store: ScriptStore;
  readonly #firstBreak: FirstBreakPosition;

  constructor(store: ScriptStore, firstBreak: FirstBreakPosition) {
    this.#store = store;
    this.#firstBreak = firstBreak;
  }

  async locate(location: Location, around: Place | undefined): Promise<readonly Place[]> {
    switch (location.kind) {
      case 'here':
        return around === undefined ? [] : [around];
      case 'line':
        return around === undefined
          ? []
          : this.#inFile(around.file, location.line, location.column);
      case 'file-line':
        return this.#inFile(location.file, location.line, location.column);
      case 'function':
        return this.#ofFunction(location.name, location.file);
      case 'address':
        return [];
      default:
        return location satisfies never;
    }
  }

  async #inFile(wanted: string, line: number, column: number | undefined): Promise<Place[]> {
    const places: Place[] = [];
    for (const script of await this.#oneOfEach()) {
      for (const file of this.#store.sources(script)) {
        const place = isFileNamed(file, wanted)
          ? this.#written(script, file, line, column)
          : undefined;
        if (place !== undefined) places.push(place);
      }
      const isRead = places.some((place) => (place.handle as ScriptPlace).script === script);
      if (!isRead && isFileNamed(toFile(script.url), wanted)) {
        places.push(this.#running(script, line, column));
      }
    }
    // A file may be mapped and loaded itself: what the map says is what the user wrote.
    const mapped = places.filter((place) => place.isMapped);
    return checkOneFile(mapped.length > 0 ? mapped : places, wanted);
  }

  /** A line of a file that the script was made of, or the next below it that has code. */
  #written(
    script: Script,
    file: string,
    line: number,
    column: number | undefined,
  ): Place | undefined {
    for (let below = 0; below <= linesToLookBelow; below++) {
      const handle = this.#store.toGenerated(
        script,
        file,
        line + below,
        below === 0 ? (column ?? 1) : 1,
      );
      if (handle === undefined) continue;
      const shown = this.#store.show(file);
      return { file, shown, line: line + below, column: column ?? 1, isMapped: true, handle };
    }
    return undefined;
  }

  /** A line of the script itself; V8 moves it to the next place that has code. */
  #running(script: Script, line: number, column: number | undefined): Place {
    const file = toFile(script.url);
    const handle: ScriptPlace = { script, lineNumber: line - 1, columnNumber: (column ?? 1) - 1 };
    const shown = this.#store.show(file);
    return { file, shown, line, column: column ?? 1, isMapped: false, handle };
  }

  /** Searches the program's own files first, then its dependencies; never Node's. */
  async #ofFunction(name: string, file: string | undefined): Promise<Place[]> {
    const scripts = await this.#oneOfEach();
    const own = scripts.filter((script) => isProgramCode(script.url));
    const dependencies = scripts.filter((script) => script.url.includes('/node_modules/'));
    for (const group of [own, dependencies]) {
      const places: Place[] = [];
      for (const script of group) {
        if (file === undefined || this.#hasFile(script, file)) {
          places.push(...(await this.#functionsIn(script, name)));
        }
      }
      if (places.length > 0) return places;
    }
    return [];
  }

  async #functionsIn(script: Script, name: string): Promise<Place[]> {
    const masked = await this.#store.masked(script);
    const places: Place[] = [];
    for (const site of findFunctions(masked, name)) {
      const { lineNumber, columnNumber } = positionOf(masked, site.bodyStart);
      const position = await this.#firstBreak(script, lineNumber, columnNumber);
      if (position !== undefined) places.push(this.#store.place(script, position));
    }
    return places;
  }

  #hasFile(script: Script, wanted: string): boolean {
    const files = [toFile(script.url), ...this.#store.sources(script)];
    return files.some((file) => isFileNamed(file, wanted));
  }

  /** Threads that run the same file have a script each; breakpoints are set by URL, for all. */
  async #oneOfEach(): Promise<readonly Script[]> {
    const byUrl = new Map<string, Script>();
    for (const script of await this.#store.all()) {
      if (script.url.startsWith('node:') || byUrl.has(script.url)) continue;
      byUrl.set(script.url, script);
    }
    return [...byUrl.values()];
  }
}

function checkOneFile(places: readonly Place[], wanted: string): Place[] {
  const files = new Map(places.map((place) => [place.file, place.shown]));
  if (files.size <= 1) return [...places];
  throw debuggerError(
    'EE_LOCATION_UNKNOWN',
    `${wanted} could be ${[...files.values()].slice(0, 6).join(', ')}.`,
    'Write more of the path.',
  );
}

/** Line and column of an offset, from 0. */
export function positionOf(
  text: string,
  offset: number,
): { lineNumber: number; columnNumber: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { lineNumber: before.split('\n').length - 1, columnNumber: offset - lineStart };
}

/** Offset of a line and column, from 0. */
export function offsetOf(text: string, lineNumber: number, columnNumber: number): number {
  let start = 0;
  for (let line = 0; line < lineNumber; line++) {
    const end = text.indexOf('\n', start);
    if (end === -1) return text.length;
    start = end + 1;
  }
  return Math.min(start + columnNumber, text.length);
}
