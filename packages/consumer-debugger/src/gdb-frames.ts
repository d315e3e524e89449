import { existsSync } from 'node:fs';
import type { EngineFrame, Place, Scope, Variable } from './engine.ts';
import { type MiTuple, textOf, textsOf, tupleOf, tuplesOf } from './gdb-mi.ts';
import type { GdbTarget } from './gdb-target.ts';
import { makePrintable, shorten } from './paint.ts';
import { type PathBases, showPath } from './source-files.ts';

/** What a frame of this engine carries. */
export interface GdbFrame {
  readonly tid: number;
  readonly level: number;
}

/** More frames than this are those of a recursion that went wrong. */
const mostFrames = 200;
const deepest = 10_000;
const longestValue = 400;

/** Stacks, variables and registers of threads that stand. */
export class GdbFrames {
  readonly #target: GdbTarget;
  readonly #bases: PathBases;
  readonly #exists = new Map<string, boolean>();
  #registers: readonly string[] | undefined;

  constructor(target: GdbTarget, bases: PathBases) {
    this.#target = target;
    this.#bases = bases;
  }

  async list(tid: number): Promise<readonly EngineFrame[]> {
    const { stack } = await this.#target.ask(
      tid,
      undefined,
      'stack-list-frames',
      '0',
      String(mostFrames - 1),
    );
    return tuplesOf(stack).map((frame, level) => this.#frame(tid, level, frame));
  }

  /** How many frames the thread has; of a recursion that went wrong, many. */
  async depth(tid: number): Promise<number> {
    const { depth } = await this.#target.ask(tid, undefined, 'stack-info-depth', String(deepest));
    return Number(textOf(depth));
  }

  #frame(tid: number, level: number, fields: MiTuple): EngineFrame {
    const place = this.place(fields);
    const handle: GdbFrame = { tid, level };
    const module = textOf(fields['from']);
    const name = textOf(fields['func']);
    return {
      level,
      functionName: name || '??',
      place,
      // Code without a name is generated, or no frame at all.
      isUser: place.line > 0 ? this.#isHere(place.file) : module === '' && name !== '',
      engine: 'gdb',
      handle,
    };
  }

  /** The place of a frame, a breakpoint or a location, as gdb tells it. */
  place(fields: MiTuple, handle?: unknown): Place {
    const file = textOf(fields['fullname']) || textOf(fields['file']);
    const line = Number.parseInt(textOf(fields['line']), 10) || 0;
    const address = shortAddress(textOf(fields['addr']));
    const module = textOf(fields['from']);
    return {
      file: line > 0 ? file : '',
      shown: line > 0 ? this.#show(file, textOf(fields['file'])) : baseName(module),
      line,
      column: 0,
      isMapped: false,
      engine: 'gdb',
      ...(address === '' ? {} : { address }),
      handle,
    };
  }

  /** Sources of libraries are named as their builders had them: those stay short. */
  #show(fullName: string, name: string): string {
    return this.#isHere(fullName) || name === '' ? showPath(fullName, this.#bases) : name;
  }

  #isHere(file: string): boolean {
    const known = this.#exists.get(file);
    if (known !== undefined) return known;
    const exists = file.startsWith('/') && existsSync(file);
    this.#exists.set(file, exists);
    return exists;
  }

  async parameters(frame: EngineFrame): Promise<readonly Variable[] | undefined> {
    if (frame.place.line === 0) return undefined;
    const variables = await this.#variables(frame);
    return variables.filter(({ isParameter }) => isParameter).map(({ name, value }) => ({ name, value: shorten(value, 40) })); // prettier-ignore
  }

  /** Parameters and locals, those of the innermost block first. */
  async scopes(frame: EngineFrame): Promise<readonly Scope[]> {
    const variables = await this.#variables(frame);
    return [
      { kind: 'local', name: '', variables: variables.map(({ name, value }) => ({ name, value })) },
    ];
  }

  async #variables(
    frame: EngineFrame,
  ): Promise<readonly (Variable & { readonly isParameter: boolean })[]> {
    const { tid, level } = frame.handle as GdbFrame;
    const answer = await this.#target.ask(tid, level, 'stack-list-variables', '--all-values');
    const list = tuplesOf(answer['variables']).map((variable) => ({
      name: makePrintable(textOf(variable['name'])),
      value: shorten(makePrintable(withoutReference(textOf(variable['value']))), longestValue),
      isParameter: textOf(variable['arg']) === '1',
    }));
    // gdb sorts by name; what was declared in the innermost block comes first among equals.
    return [...list.filter((one) => one.isParameter), ...list.filter((one) => !one.isParameter)];
  }

  /** The general registers; those for vectors and floating point are `print $xmm0`'s. */
  async registers(tid: number): Promise<readonly Variable[]> {
    const names = await this.#registerNames(tid);
    const numbers = generalRegisters(names);
    const answer = await this.#target.ask(tid, 0, 'data-list-register-values', 'x', ...numbers.map(String)); // prettier-ignore
    return tuplesOf(answer['register-values']).map((register) => ({
      name: names[Number(textOf(register['number']))] ?? '?',
      value: textOf(register['value']),
    }));
  }

  /** `pc 0x… <inner+42>, sp 0x…`: where the thread stands, in a line. */
  async summary(tid: number): Promise<string> {
    const read = async (name: string): Promise<string> => {
      const answer = await this.#target.ask(tid, 0, 'data-evaluate-expression', `$${name}`);
      return withoutType(textOf(answer['value']));
    };
    return `pc = ${await read('pc')}, sp = ${await read('sp')}`;
  }

  /** Instructions from a place on, the first one marked. */
  async disassembly(address: string, count: number): Promise<readonly string[]> {
    const gdb = await this.#target.attach();
    // No instruction of the common machines is longer than 15 bytes.
    const answer = await gdb.command(
      'data-disassemble', '-s', address, '-e', `${address} + ${count * 15}`, '--', '0',
    ); // prettier-ignore
    return tuplesOf(answer['asm_insns']).slice(0, count).map((line, index) => {
      const name = textOf(line['func-name']);
      const at = name === '' ? '' : ` <${name}+${textOf(line['offset'])}>`;
      const mark = index === 0 ? '=>' : '  ';
      return makePrintable(`${mark} ${shortAddress(textOf(line['address']))}${at}:  ${textOf(line['inst'])}`);
    }); // prettier-ignore
  }

  async #registerNames(tid: number): Promise<readonly string[]> {
    if (this.#registers !== undefined) return this.#registers;
    const answer = await this.#target.ask(tid, 0, 'data-list-register-names');
    this.#registers = textsOf(answer['register-names']);
    return this.#registers;
  }

  /** A frame that a stop itself carries. */
  static of(fields: MiTuple): MiTuple {
    return tupleOf(fields['frame']);
  }
}

/** Numbers of those before the first register for vectors or floating point, and thread bases. */
export function generalRegisters(names: readonly string[]): number[] {
  const end = names.findIndex((name) => /^(?:st0|v0|xmm0|f0|ft0|d0|q0)$/.test(name));
  return names.flatMap((name, number) => {
    const isGeneral = end === -1 || number < end || name === 'fs_base' || name === 'gs_base';
    return name !== '' && isGeneral ? [number] : [];
  });
}

/** `(void (*)()) 0x55… <inner+42>` without its type. */
function withoutType(value: string): string {
  return /0x[\da-f]+.*$/i.exec(value)?.[0] ?? value;
}

/** `@0x7ffe…: {a = 1}`, a C++ reference, as what it refers to. */
function withoutReference(value: string): string {
  return value.replace(/^@0x[\da-f]+: /i, '');
}

/** Without the zeros in front. */
export function shortAddress(address: string): string {
  return address.replace(/^0x0+(?=[\da-f])/i, '0x');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
