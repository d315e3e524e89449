import { ExtensionEventError } from '@extension-events/core';
import { Addr2line } from './addr2line.ts';
import type { ElfModule } from './elf-module.ts';
import { readLineTable, type LineTable } from './line-table.ts';
import type { SourceLine } from './types.ts';

const maxChildren = 8;
const maxCached = 1 << 14;

/**
 * Source lines of the files of a process. An `addr2line` child per file knows calls that were
 * inlined; where it cannot be had, the line table is read here, which knows the innermost line.
 */
export class SourceLines {
  readonly #command: string;
  readonly #onProblem: (error: unknown, about: string) => void;
  /** The most recently asked is the last. */
  readonly #children = new Map<string, Addr2line>();
  readonly #tables = new Map<string, LineTable>();
  readonly #answers = new Map<string, Promise<readonly SourceLine[]>>();

  constructor(command: string, onProblem: (error: unknown, about: string) => void) {
    this.#command = command;
    this.#onProblem = onProblem;
  }

  /** @param address - As the file has it. */
  at(module: ElfModule, address: number): Promise<readonly SourceLine[]> {
    const file = module.lineFile;
    if (file === undefined) return Promise.resolve([]);
    const key = `${module.path} ${address}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.#ask(module, file.path, address);
    if (this.#answers.size >= maxCached) this.#answers.clear();
    this.#answers.set(key, answer);
    return answer;
  }

  /** The line table of a module, which is read once; empty when it has none or is damaged. */
  table(module: ElfModule): LineTable {
    const known = this.#tables.get(module.path);
    if (known !== undefined) return known;
    const elf = module.lineFile?.elf;
    let table = readLineTable({ line: new Uint8Array() });
    try {
      if (elf !== undefined) {
        table = readLineTable({
          line: elf.sectionBytes('.debug_line'),
          lineStrings: elf.sectionBytes('.debug_line_str'),
          strings: elf.sectionBytes('.debug_str'),
        });
      }
    } catch (error) {
      this.#onProblem(error, module.path);
    }
    this.#tables.set(module.path, table);
    return table;
  }

  close(): void {
    for (const child of this.#children.values()) child.close();
    this.#children.clear();
    this.#tables.clear();
    this.#answers.clear();
  }

  async #ask(module: ElfModule, path: string, address: number): Promise<readonly SourceLine[]> {
    const lines = await this.#childFor(path).ask(address);
    if (lines !== undefined) return lines;
    const line = this.table(module).lineAt(address);
    const symbol = module.symbolAt(address, true)?.name ?? '';
    return line === undefined ? [] : [{ function: symbol, file: line.file, line: line.line }];
  }

  #childFor(path: string): Addr2line {
    const child = this.#children.get(path) ?? this.#newChild(path);
    this.#children.delete(path);
    this.#children.set(path, child);
    return child;
  }

  #newChild(path: string): Addr2line {
    if (this.#children.size >= maxChildren) {
      const [oldest] = [...this.#children].filter(([, { isIdle }]) => isIdle);
      oldest?.[1].close();
      if (oldest !== undefined) this.#children.delete(oldest[0]);
    }
    return new Addr2line(this.#command, path, (why) => {
      const error = new ExtensionEventError(
        'EE_SYMBOLIZER',
        `${this.#command} does not tell source lines of ${path}: ${why}.`,
        'Install binutils to see inlined calls; lines are read without it where possible.',
      );
      this.#onProblem(error, this.#command);
    });
  }
}
