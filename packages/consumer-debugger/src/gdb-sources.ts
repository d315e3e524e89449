import { readFileSync, statSync } from 'node:fs';
import type { Place, SourceText } from './engine.ts';
import { debuggerError } from './errors.ts';

/** Source files of native code, read from where the compiler found them. */
export class GdbSources {
  readonly #program: string;
  readonly #texts = new Map<string, SourceText>();

  /** @param program - the file that runs, whose age tells whether a source is newer */
  constructor(program: string) {
    this.#program = program;
  }

  get(place: Place): SourceText {
    if (place.line === 0) {
      throw debuggerError(
        'EE_SOURCE_UNKNOWN',
        `There is no line information${place.shown === '' ? '' : ` for ${place.shown}`}.`,
        'Compile with -g, or install its debug symbols; the instructions are shown instead.',
      );
    }
    const known = this.#texts.get(place.file);
    if (known !== undefined) return known;
    const text = this.#read(place);
    this.#texts.set(place.file, text);
    return text;
  }

  #read(place: Place): SourceText {
    try {
      const lines = readFileSync(place.file, 'utf8').split(/\r\n|\n|\r/);
      const remark = this.#isNewer(place.file)
        ? { remark: `${place.shown} was changed after the program was built: lines may be off.` }
        : {};
      return { lines, origin: 'the file', ...remark };
    } catch {
      throw debuggerError(
        'EE_SOURCE_UNKNOWN',
        `${place.shown} is not on this machine.`,
        'Put the source where the compiler found it; the instructions are shown instead.',
      );
    }
  }

  #isNewer(file: string): boolean {
    try {
      return statSync(file).mtimeMs > statSync(this.#program).mtimeMs;
    } catch {
      return false;
    }
  }
}
