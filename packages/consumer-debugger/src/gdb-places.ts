import type { EngineBreakpoint, Place } from './engine.ts';
import { debuggerError, isCodedError } from './errors.ts';
import type { GdbFrames } from './gdb-frames.ts';
import { type MiTuple, textOf, tupleOf, tuplesOf } from './gdb-mi.ts';
import type { GdbProcess } from './gdb-process.ts';
import type { GdbTarget } from './gdb-target.ts';
import type { Location } from './location.ts';

/** What a place of this engine carries: the words that gdb finds it by. */
export interface GdbPlace {
  readonly words: readonly string[];
  /** One of several places of one location: the breakpoint at the first stands here, too. */
  readonly isCovered: boolean;
}

const prefix = 'gdb:';

/** Finds places in native code, and sets breakpoints there. */
export class GdbPlaces {
  readonly #target: GdbTarget;
  readonly #frames: GdbFrames;
  readonly #inserted = new Set<string>();

  constructor(target: GdbTarget, frames: GdbFrames) {
    this.#target = target;
    this.#frames = frames;
  }

  get count(): number {
    return this.#inserted.size;
  }

  /** @param isAttached - addresses are wanted as they are in the process, not in its file */
  async locate(
    location: Location,
    around: Place | undefined,
    isAttached: boolean,
  ): Promise<readonly Place[]> {
    const words = wordsOf(location, around);
    if (words === undefined)
      return location.kind === 'here' && around !== undefined ? [around] : [];
    const gdb = isAttached ? await this.#target.attach() : await this.#target.load();
    return this.#probe(gdb, words);
  }

  async set(place: Place, condition: string | undefined): Promise<EngineBreakpoint> {
    const handle = place.handle as GdbPlace | undefined;
    if (handle?.isCovered === true) return { ids: [], places: [place] };
    const words = handle?.words ?? [`*${place.address ?? '0'}`];
    return this.#insert(words, condition, []);
  }

  setPending(file: string, line: number, condition: string | undefined): Promise<EngineBreakpoint> {
    return this.#insert(['--source', file, '--line', String(line)], condition, ['-f']);
  }

  async remove(id: string): Promise<void> {
    if (!this.#inserted.delete(id)) return;
    this.#target.breakpoints = this.#inserted.size;
    if (!this.#target.isAttached) return;
    const gdb = await this.#target.attach();
    await gdb.command('break-delete', id.slice(prefix.length));
  }

  /** For one use by one thread: gdb deletes it when it is reached. */
  async setTemporary(place: Place, tid: number): Promise<string> {
    const words = (place.handle as GdbPlace | undefined)?.words ?? [`*${place.address ?? '0'}`];
    const id = await this.#target.idOf(tid);
    const gdb = await this.#target.attach();
    const { bkpt } = await gdb.command('break-insert', '-t', '-p', id, ...words);
    return textOf(tupleOf(bkpt)['number']);
  }

  forget(): void {
    this.#inserted.clear();
    this.#target.breakpoints = 0;
  }

  async #insert(
    words: readonly string[],
    condition: string | undefined,
    options: readonly string[],
  ): Promise<EngineBreakpoint> {
    const gdb = await this.#target.attach();
    const when = condition === undefined ? [] : ['-c', condition];
    const { bkpt } = await gdb.command('break-insert', ...options, ...when, ...words);
    const number = textOf(tupleOf(bkpt)['number']);
    const id = prefix + number;
    this.#inserted.add(id);
    this.#target.breakpoints = this.#inserted.size;
    return { ids: [id], places: this.#places(tupleOf(bkpt), words) };
  }

  /** A disabled breakpoint is never put into the code: it only makes gdb look the place up. */
  async #probe(gdb: GdbProcess, words: readonly string[]): Promise<readonly Place[]> {
    try {
      const { bkpt } = await gdb.command('break-insert', '-d', ...words);
      const found = tupleOf(bkpt);
      await gdb.command('break-delete', textOf(found['number']));
      return this.#places(found, words);
    } catch (error) {
      if (isUnknownPlace(error)) return [];
      throw error;
    }
  }

  #places(found: MiTuple, words: readonly string[]): readonly Place[] {
    const locations = tuplesOf(found['locations']);
    const all = locations.length > 0 ? locations : [found];
    return all
      .filter((one) => textOf(one['addr']).startsWith('0x'))
      .map((one, index) => {
        const handle: GdbPlace = { words, isCovered: index > 0 };
        return this.#frames.place(one, handle);
      });
  }
}

/** The id by which a breakpoint of gdb's is known outside. */
export function breakpointId(number: string): string {
  return prefix + number;
}

export function isGdbBreakpoint(id: string): boolean {
  return id.startsWith(prefix);
}

function wordsOf(location: Location, around: Place | undefined): readonly string[] | undefined {
  switch (location.kind) {
    case 'here':
      return undefined;
    case 'line':
      return around === undefined || around.file === ''
        ? undefined
        : ['--source', around.file, '--line', String(location.line)];
    case 'file-line':
      return ['--source', location.file, '--line', String(location.line)];
    case 'function':
      return location.file === undefined
        ? ['--function', location.name]
        : ['--source', location.file, '--function', location.name];
    case 'address':
      return [`*${location.expression}`];
    default:
      return location satisfies never;
  }
}

function isUnknownPlace(error: unknown): boolean {
  return (
    isCodedError(error) &&
    error.code === 'EE_GDB_COMMAND' &&
    /not defined|No source file|No line|No symbol table|No symbol|not found|Can't find/i.test(
      error.message,
    )
  );
}

/** Assignments and calls would change the program; they need the user's word for it. */
export function checkHarmless(expression: string): void {
  const code = expression.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
  const changes = /\+\+|--|<<=|>>=|(?<![=!<>])=(?!=)/.test(code);
  if (!changes) return;
  throw debuggerError(
    'EE_SIDE_EFFECT',
    `${expression} would change the program.`,
    'Start the debugger with --write to allow it; == compares.',
  );
}
