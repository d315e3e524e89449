import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  allGeneratedPositionsFor,
  AnyMap,
  GREATEST_LOWER_BOUND,
  LEAST_UPPER_BOUND,
  originalPositionFor,
} from '@jridgewell/trace-mapping';
import type { SourceMapInput, TraceMap } from '@jridgewell/trace-mapping';
import type { Position } from './positions.ts';

/** A script as far as source maps are concerned. */
export interface ScriptReference {
  /** Its file url, plain path, or any other name V8 knows it by. */
  readonly url: string;
  /** Its `//# sourceMappingURL=`, when somebody knows it; else it is looked for in the file. */
  readonly sourceMapUrl?: string;
}

/** A place in the text that a person wrote. */
export interface OriginalPosition extends Position {
  /** A plain path for files, else the source's url. */
  readonly path: string;
  /** The original name there, when the map tells one. */
  readonly name?: string;
  /** Did a source map say so? Otherwise it is the generated place itself. */
  readonly isMapped: boolean;
}

/** A place in a script that V8 runs. */
export interface GeneratedPosition extends Position {
  readonly url: string;
}

/** Where texts come from; replaced in tests. */
export type ReadText = (path: string) => string;

// Of a long script only the end is searched; bundlers may append a comment of their own after the line.
const tailCharacters = 4096;
const mappingUrl = /^[ \t]*\/[/*][#@]\s*sourceMappingURL=([^\s'"*]+)/gm;

/**
 * Translates between what V8 runs and what a person wrote, both ways. Lines and columns count from 1.
 *
 * Maps are read when first asked for and kept: from `data:` urls and from files beside the script.
 * A script without a map, a map that cannot be read, and a stripped TypeScript file translate to
 * themselves; errors never surface.
 */
export class SourceMaps {
  readonly #maps = new Map<string, TraceMap | undefined>();
  readonly #readText: ReadText;

  constructor(readText: ReadText = (path) => readFileSync(path, 'utf8')) {
    this.#readText = readText;
  }

  /** Uses this map (JSON text or object) for the script, whatever its file says; see {@link findRuntimeMap}. */
  add(url: string, map: SourceMapInput): void {
    this.#maps.set(url, parse(map, url));
  }

  /** Has this script a readable map? */
  has(script: ScriptReference): boolean {
    return this.#map(script) !== undefined;
  }

  /** The paths (or urls) of the texts that this script was made of; itself when it has no map. */
  sources(script: ScriptReference): string[] {
    const map = this.#map(script);
    if (map === undefined) return [toPath(script.url)];
    return map.resolvedSources.map((source) => toPath(source));
  }

  /** The text of a source that the map carries inside itself, if it does. */
  sourceText(script: ScriptReference, path: string): string | undefined {
    const map = this.#map(script);
    const index = map?.resolvedSources.findIndex((source) => toPath(source) === path) ?? -1;
    return (index === -1 ? undefined : map?.sourcesContent?.[index]) ?? undefined;
  }

  /** Where the generated place was written; the place itself when nothing is known. */
  toOriginal(script: ScriptReference, generated: Position): OriginalPosition {
    const map = this.#map(script);
    const found = map === undefined ? undefined : original(map, generated);
    if (found !== undefined) return found;
    const { line, column } = generated;
    return { path: toPath(script.url), line, column, isMapped: false };
  }

  /** Every place of this script that was made from the original one, best first; empty when there is none. */
  toGenerated(script: ScriptReference, path: string, position: Position): GeneratedPosition[] {
    const map = this.#map(script);
    const { line, column } = position;
    if (map === undefined) {
      return toPath(script.url) === toPath(path) ? [{ url: script.url, line, column }] : [];
    }
    const source = map.resolvedSources.find((each) => toPath(each) === toPath(path));
    if (source === undefined) return [];
    // Places right of the column first, as a debugger binds a breakpoint; else those left of it.
    for (const bias of [LEAST_UPPER_BOUND, GREATEST_LOWER_BOUND] as const) {
      const all = allGeneratedPositionsFor(map, { source, line, column: column - 1, bias });
      const known = all.filter((each) => each.line !== null);
      if (known.length > 0) {
        return known.map((each) => ({ url: script.url, line: each.line, column: each.column + 1 }));
      }
    }
    return [];
  }

  #map(script: ScriptReference): TraceMap | undefined {
    const { url } = script;
    if (this.#maps.has(url)) return this.#maps.get(url);
    const map = this.#read(script);
    this.#maps.set(url, map);
    return map;
  }

  #read({ url, sourceMapUrl }: ScriptReference): TraceMap | undefined {
    try {
      const reference = sourceMapUrl || this.#referenceIn(url);
      if (reference === undefined) return undefined;
      if (reference.startsWith('data:')) return parse(decodeDataUrl(reference), url);
      const mapUrl = new URL(reference, toUrl(url));
      if (mapUrl.protocol !== 'file:') return undefined;
      return parse(this.#readText(fileURLToPath(mapUrl)), mapUrl.href);
    } catch {
      return undefined; // no file, no map, not a path: the generated text is what we show
    }
  }

  #referenceIn(url: string): string | undefined {
    const path = toPath(url);
    if (!path.startsWith('/') && !/^[A-Za-z]:[\\/]/.test(path)) return undefined;
    const text = this.#readText(path);
    // Inline maps are longer than any tail: then the last occurrence counts, wherever it is.
    const from = text.lastIndexOf('sourceMappingURL=');
    if (from === -1) return undefined;
    const start = text.lastIndexOf('\n', from) + 1;
    if (text.length - start > tailCharacters && !text.startsWith('data:', from + 17))
      return undefined;
    return [...text.slice(start).matchAll(mappingUrl)].at(-1)?.[1];
  }
}

/** A plain path for a file url; everything else unchanged. */
export function toPath(url: string): string {
  if (!url.startsWith('file:')) return url;
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

function toUrl(url: string): string {
  return url.startsWith('/') ? `file://${url.split('/').map(encodeURIComponent).join('/')}` : url;
}

function decodeDataUrl(reference: string): string {
  const comma = reference.indexOf(',');
  const body = reference.slice(comma + 1);
  if (!reference.slice(0, comma).endsWith(';base64')) return decodeURIComponent(body);
  return Buffer.from(body, 'base64').toString('utf8');
}

function parse(map: SourceMapInput, baseUrl: string): TraceMap | undefined {
  try {
    // AnyMap also reads indexed maps (sections).
    return new AnyMap(
      typeof map === 'string' ? map.replace(/^\)\]\}[^\n]*\n/, '') : map,
      toUrl(baseUrl),
    );
  } catch {
    return undefined;
  }
}

function original(map: TraceMap, generated: Position): OriginalPosition | undefined {
  const { line } = generated;
  for (const bias of [GREATEST_LOWER_BOUND, LEAST_UPPER_BOUND] as const) {
    const found = originalPositionFor(map, { line, column: generated.column - 1, bias });
    if (found.source === null || found.line === null) continue;
    const place = { path: toPath(found.source), line: found.line, column: found.column + 1 };
    return { ...place, ...(found.name === null ? {} : { name: found.name }), isMapped: true };
  }
  return undefined;
}
