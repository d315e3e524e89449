import { findRuntimeMap, SourceMaps, toCdpPosition } from '@extension-events/platform-v8';
import type { OriginalPosition, Position } from '@extension-events/platform-v8';
import { isFileNamed, type Location, locationError } from '../location.ts';
import { findFunctionBodies } from './find-functions.ts';
import { isDependency, type Script } from './scripts.ts';
import type { ScriptPlace } from './spot.ts';
import type { ThreadBreakpoints } from './thread.ts';

/** What JavaScript has: lines of files, and functions. */
export type ScriptLocation = Exclude<Location, { readonly kind: 'native' }>;

// As far below a line without code as a debugger looks for one that has some.
const linesBelow = 20;

/** @throws ExtensionEventError `EE_BREAKPOINT_LOCATION` for what only native code has */
export function requireScriptLocation(location: Location, text: string): ScriptLocation {
  if (location.kind !== 'native') return location;
  throw locationError(
    text,
    'addresses and symbols are places of native code, and this thread runs JavaScript',
    'Write file.ts:12, file.ts:12:5 or a function name; native code is watched by the host beside the process.',
  );
}

/** Finds what a location means in the scripts that V8 runs, through source maps. */
export class Places {
  readonly #maps: SourceMaps = new SourceMaps();
  readonly #asked: Set<string> = new Set();

  /** The places of a location in one script, as they are to be asked for; empty when it is not there. */
  async find(
    thread: ThreadBreakpoints,
    script: Script,
    location: ScriptLocation,
  ): Promise<ScriptPlace[]> {
    if (location.kind === 'name') return this.#functions(thread, script, location.name);
    const { file } = location;
    const isItself = isFileNamed(script.path, file);
    if (isItself) await this.#loadRuntimeMap(thread, script);
    const mapped = this.#mapped(script, location);
    if (mapped !== undefined) return [toPlace(script, mapped)];
    const { column = 1, line } = location;
    return isItself ? [toPlace(script, { line, column })] : [];
  }

  #mapped(script: Script, location: ScriptLocation & { kind: 'line' }): Position | undefined {
    const { column = 1, file, line } = location;
    if (isDependency(script) && !file.includes('node_modules')) return undefined;
    if (!this.#hasMap(script)) return undefined;
    const source = this.#maps.sources(toReference(script)).find((path) => isFileNamed(path, file));
    if (source === undefined) return undefined;
    for (let below = 0; below <= linesBelow; below++) {
      const from = { line: line + below, column: below === 0 ? column : 1 };
      const [first] = this.#maps.toGenerated(toReference(script), source, from);
      if (first !== undefined) return first;
    }
    return undefined;
  }

  #hasMap(script: Script): boolean {
    // Without this, the file of each script would be read in search of a map that V8 knows nothing of.
    return script.sourceMapUrl !== '' || this.#asked.has(script.url);
  }

  // Loaders such as tsx may keep their maps in memory, while the file on disk is the original.
  async #loadRuntimeMap(thread: ThreadBreakpoints, { sourceMapUrl, url }: Script): Promise<void> {
    if (sourceMapUrl !== '' || this.#asked.has(url) || !/\.[cm]?tsx?$|\.jsx$/.test(url)) return;
    const map = await findRuntimeMap(thread.thread.session, url).catch(() => undefined);
    if (map === undefined) return;
    this.#asked.add(url);
    this.#maps.add(url, map);
  }

  async #functions(
    thread: ThreadBreakpoints,
    script: Script,
    name: string,
  ): Promise<ScriptPlace[]> {
    if (script.url.startsWith('node:') || isDependency(script)) return [];
    const { scriptId } = script;
    const query = name.split('.').at(-1) ?? '';
    const lines = await thread.session.post('Debugger.searchInContent', { scriptId, query, caseSensitive: true }); // prettier-ignore
    if (lines.result.length === 0) return [];
    const { scriptSource } = await thread.session.post('Debugger.getScriptSource', { scriptId });
    const places: ScriptPlace[] = [];
    for (const offset of findFunctionBodies(scriptSource, name)) {
      const before = scriptSource.slice(0, offset).split('\n');
      const start = { scriptId, lineNumber: before.length - 1, columnNumber: before.at(-1)?.length ?? 0 }; // prettier-ignore
      const { locations } = await thread.session.post('Debugger.getPossibleBreakpoints', { start, restrictToFunction: true }); // prettier-ignore
      const [first] = locations;
      if (first !== undefined) places.push({ scriptId, lineNumber: first.lineNumber, columnNumber: first.columnNumber ?? 0 }); // prettier-ignore
    }
    return places;
  }

  /** Where a place of a script was written. */
  toOriginal(script: Script, position: Position): OriginalPosition {
    if (this.#hasMap(script)) return this.#maps.toOriginal(toReference(script), position);
    return { path: script.path, ...position, isMapped: false };
  }
}

function toReference({ sourceMapUrl, url }: Script): { url: string; sourceMapUrl?: string } {
  return sourceMapUrl === '' ? { url } : { url, sourceMapUrl };
}

function toPlace({ scriptId }: Script, position: Position): ScriptPlace {
  const { line, column } = position;
  return { scriptId, ...toCdpPosition({ line, column }) };
}
