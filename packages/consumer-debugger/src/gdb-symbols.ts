import { textOf } from './gdb-mi.ts';
import type { GdbProcess } from './gdb-process.ts';
import { tolerate } from './gdb-settings.ts';
import { listLibraries, programFile } from './proc-tracing.ts';

const mostLibraries = 300;

/**
 * Symbols are read before gdb attaches, and not while the process stands: this makes the stand
 * several times shorter. Those of the libraries go to a second, empty inferior, the shelf: gdb
 * keeps what it has read of a file for all inferiors alike.
 */
export class GdbSymbols {
  readonly #pid: number;
  #shelf = '';

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Of the program itself. */
  async read(gdb: GdbProcess): Promise<void> {
    await tolerate(gdb.readSymbols(`file ${quoteFile(programFile(this.#pid))}`));
  }

  /** Of the libraries, unless they are on the shelf; after a detach they are gone. */
  async fillShelf(gdb: GdbProcess): Promise<void> {
    const libraries = this.#shelf === '' ? listLibraries(this.#pid).slice(0, mostLibraries) : [];
    if (libraries.length === 0) return;
    const { inferior } = await gdb.command('add-inferior');
    this.#shelf = textOf(inferior);
    await gdb.console(`inferior ${this.#shelf.slice(1)}`);
    for (const library of libraries) {
      await tolerate(gdb.readSymbols(`add-symbol-file ${quoteFile(library)} -o 0`));
    }
    await gdb.console('inferior 1');
  }

  /** The process is attached: the libraries are its own by now. */
  async clearShelf(gdb: GdbProcess): Promise<void> {
    if (this.#shelf === '') return;
    const shelf = this.#shelf;
    this.#shelf = '';
    await tolerate(gdb.command('remove-inferior', shelf));
  }

  /** gdb has ended. */
  forget(): void {
    this.#shelf = '';
  }
}

/** A file's name as gdb's console reads it. */
function quoteFile(file: string): string {
  return `"${file.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
