import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { SourceMaps } from '@extension-events/platform-v8';
import type { Place, SourceText } from './engine.ts';
import { debuggerError } from './errors.ts';
import type { ScriptPosition } from './internal-types.ts';
import { maskSource } from './mask-source.ts';
import { isStrippedFrom, type PathBases, showPath, toFile } from './source-files.ts';

/** A script as one thread has it. */
export interface Script {
  readonly thread: number;
  readonly scriptId: string;
  readonly url: string;
  readonly sourceMapUrl?: string;
}

/** What a place of the V8 engine carries: where it is in the code that runs, counted from 0. */
export interface ScriptPlace {
  readonly script: Script;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/** What the store asks the agent for. */
export interface ScriptRequests {
  listScripts(): Promise<readonly Script[]>;
  getText(script: Script): Promise<string>;
}

/** Texts and source maps of the scripts of a process, each fetched once. */
export class ScriptStore {
  readonly #requests: ScriptRequests;
  readonly #maps: SourceMaps;
  readonly #bases: PathBases;
  readonly #known = new Map<string, Script>();
  readonly #texts = new Map<string, Promise<string>>();
  readonly #masked = new Map<string, string>();

  constructor(requests: ScriptRequests, maps: SourceMaps, bases: PathBases) {
    this.#requests = requests;
    this.#maps = maps;
    this.#bases = bases;
  }

  /** Every script that the threads have now. */
  async all(): Promise<readonly Script[]> {
    for (const script of await this.#requests.listScripts()) this.remember(script);
    return [...this.#known.values()];
  }

  remember(script: Script): void {
    if (script.url !== '') this.#known.set(keyOf(script), script);
  }

  /** A known script with this URL or path, of this thread when it has one. */
  find(url: string, thread?: number): Script | undefined {
    const file = toFile(url);
    const same = [...this.#known.values()].filter(
      (script) => script.url === url || toFile(script.url) === file,
    );
    return same.find((script) => script.thread === thread) ?? same[0];
  }

  text(script: Script): Promise<string> {
    return remembered(this.#texts, keyOf(script), () => this.#requests.getText(script));
  }

  /** The text without comments and strings, for searching. */
  async masked(script: Script): Promise<string> {
    const text = await this.text(script);
    const known = this.#masked.get(keyOf(script));
    if (known !== undefined) return known;
    const masked = maskSource(text);
    this.#masked.set(keyOf(script), masked);
    return masked;
  }

  /** The written files that a script was made of, as paths; itself without a source map. */
  sources(script: Script): readonly string[] {
    return isMapped(script) ? this.#maps.sources(script) : [toFile(script.url)];
  }

  /** Where a line of a written file is in the script that was made of it. */
  toGenerated(script: Script, file: string, line: number, column: number): ScriptPlace | undefined {
    const [found] = isMapped(script) ? this.#maps.toGenerated(script, file, { line, column }) : [];
    if (found === undefined) return undefined;
    return { script, lineNumber: found.line - 1, columnNumber: found.column - 1 };
  }

  /** The original place of a position in a script; the position itself when no map knows it. */
  place(script: Script, position: Pick<ScriptPosition, 'lineNumber' | 'columnNumber'>): Place {
    const { lineNumber, columnNumber } = position;
    const generated = { line: lineNumber + 1, column: columnNumber + 1 };
    const written = isMapped(script) ? this.#maps.toOriginal(script, generated) : undefined;
    const file = written?.path ?? toFile(script.url);
    const handle: ScriptPlace = { script, lineNumber, columnNumber };
    return {
      file,
      shown: file === '' ? `<script ${script.scriptId}>` : this.show(file),
      line: written?.line ?? generated.line,
      column: written?.column ?? generated.column,
      isMapped: written?.isMapped === true,
      handle,
    };
  }

  show(file: string): string {
    return showPath(file, this.#bases);
  }

  /** The lines that a person wrote: from the map, the disk, or V8. */
  async source(place: Place): Promise<SourceText> {
    const { script } = place.handle as ScriptPlace;
    if (!place.isMapped) return this.#runningSource(script, place.file);
    const content = this.#maps.sourceText(script, place.file);
    if (content !== undefined) {
      return { lines: splitLines(content), origin: 'the source map' };
    }
    const onDisk = await tryRead(place.file);
    if (onDisk !== undefined) return { lines: splitLines(onDisk), origin: 'the file' };
    throw debuggerError(
      'EE_SOURCE_UNKNOWN',
      `${place.shown} is not on this machine, and its source map holds no text.`,
      'Build with sourcesContent, or put the file where the map says.',
    );
  }

  async #runningSource(script: Script, file: string): Promise<SourceText> {
    const lines = splitLines(await this.text(script));
    if (!/\.[cm]?tsx?$/.test(file)) return { lines, origin: 'the running program' };
    // Types were blanked out in place: the file has them, as long as it is still the same file.
    const onDisk = await tryRead(file);
    const written = onDisk === undefined ? undefined : splitLines(onDisk);
    if (written !== undefined && isStrippedFrom(lines, written)) {
      return { lines: written, origin: 'the file' };
    }
    const remark = `${this.show(file)} on disk is not what the program runs; these are the running lines, without types.`;
    return { lines, origin: 'the running program', ...(written === undefined ? {} : { remark }) };
  }
}

/** Without the script's own word for it, no file is searched for a map: there are thousands of scripts. */
function isMapped(script: Script): boolean {
  return (script.sourceMapUrl ?? '') !== '';
}

function keyOf(script: Script): string {
  return `${script.thread}:${script.scriptId}`;
}

/** Runs `make` once for a key; a failure is forgotten, so that it may be tried again. */
function remembered<T>(
  memory: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  memory.set(key, made);
  made.catch(() => memory.delete(key));
  return made;
}

function splitLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

async function tryRead(file: string): Promise<string | undefined> {
  if (!isAbsolute(file)) return undefined;
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
