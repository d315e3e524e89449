/**
 * GDB/MI, version 3, as text: gdb writes one record to a line, we write one command to a line.
 *
 * gdb's lines are `TOKEN^class,results` (the answer to the command with that number), `*class,…`
 * (threads run or stop), `=class,…` (news), `+class,…` (progress), `~"…" @"…" &"…"` (text for a
 * console) and the prompt `(gdb)`. Whatever else comes is told as `unknown` and never throws: a
 * gdb that prints a warning in between must not end the debugger.
 *
 * @see _Debugging with GDB_, The GDB/MI Interface, GDB/MI Output Syntax
 */

/** A value: a string, a list, or a tuple of named ones. A name that comes twice holds a list. */
export type MiValue = string | readonly MiValue[] | MiTuple;
export interface MiTuple {
  readonly [name: string]: MiValue;
}

export type MiRecord =
  | {
      readonly kind: 'result';
      readonly token: number | undefined;
      readonly class: string;
      readonly results: MiTuple;
    }
  | {
      readonly kind: 'exec' | 'notify' | 'status';
      readonly class: string;
      readonly results: MiTuple;
    }
  | { readonly kind: 'console' | 'target' | 'log'; readonly text: string }
  | { readonly kind: 'prompt' }
  | { readonly kind: 'unknown'; readonly text: string };

/** Deeper nesting than this is no output of gdb's. */
const deepest = 64;

const asyncKinds = { '*': 'exec', '=': 'notify', '+': 'status' } as const;
const streamKinds = { '~': 'console', '@': 'target', '&': 'log' } as const;

/** Reads one line, without its line end. */
export function parseMiLine(line: string): MiRecord {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (text.trim() === '(gdb)') return { kind: 'prompt' };
  const unknown: MiRecord = { kind: 'unknown', text };
  const head = /^(\d{0,15})([\^*=+~@&])/.exec(text);
  if (head === null) return unknown;
  const [, digits = '', sign = ''] = head;
  const reader = new Reader(text, head[0].length);
  if (sign in streamKinds) {
    const said = reader.readString();
    if (said === undefined || !reader.isAtEnd) return unknown;
    return { kind: streamKinds[sign as keyof typeof streamKinds], text: said };
  }
  const name = reader.readWord();
  const results = reader.readResults();
  if (name === '' || results === undefined) return unknown;
  if (sign !== '^') {
    return { kind: asyncKinds[sign as keyof typeof asyncKinds], class: name, results };
  }
  const token = digits === '' ? undefined : Number(digits);
  return { kind: 'result', token, class: name, results };
}

/** Walks one line; every method answers `undefined` for what is not MI. */
class Reader {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  readWord(): string {
    const word = /^[A-Za-z_][\w-]*/.exec(this.#text.slice(this.#at, this.#at + 80))?.[0] ?? '';
    this.#at += word.length;
    return word;
  }

  /** `,name=value,name=value` up to the end of the line. */
  readResults(): MiTuple | undefined {
    const results = new Collected();
    while (!this.isAtEnd) {
      if (!this.#take(',') || !this.#readResult(results, 0)) return undefined;
    }
    return results.tuple;
  }

  readString(): string | undefined {
    if (!this.#take('"')) return undefined;
    const bytes: number[] = [];
    let out = '';
    // Bytes beyond ASCII come as octal escapes, one for each byte of their UTF-8.
    const flush = (): void => {
      if (bytes.length > 0) out += Buffer.from(bytes.splice(0)).toString('utf8');
    };
    while (!this.isAtEnd) {
      const character = this.#text[this.#at++] ?? '';
      if (character === '"') {
        flush();
        return out;
      }
      if (character !== '\\') {
        flush();
        out += character;
        continue;
      }
      const octal = /^[0-3]?[0-7]{1,2}/.exec(this.#text.slice(this.#at, this.#at + 3))?.[0];
      if (octal !== undefined) {
        this.#at += octal.length;
        bytes.push(Number.parseInt(octal, 8));
        continue;
      }
      flush();
      const escaped = this.#text[this.#at++] ?? '';
      out += Object.hasOwn(escapes, escaped) ? escapes[escaped] : escaped;
    }
    return undefined;
  }

  #readResult(into: Collected, depth: number): boolean {
    const name = this.#readName();
    if (name === '' || !this.#take('=')) return false;
    const value = this.#readValue(depth);
    if (value === undefined) return false;
    into.add(name, value);
    return true;
  }

  #readName(): string {
    const end = this.#text.indexOf('=', this.#at);
    const name = end === -1 ? '' : this.#text.slice(this.#at, end);
    if (!/^[\w.-]{1,80}$/.test(name)) return '';
    this.#at = end;
    return name;
  }

  #readValue(depth: number): MiValue | undefined {
    if (depth > deepest) return undefined;
    const character = this.#text[this.#at];
    if (character === '"') return this.readString();
    if (character === '{') return this.#readTuple(depth);
    return character === '[' ? this.#readList(depth) : undefined;
  }

  #readTuple(depth: number): MiTuple | undefined {
    this.#at++;
    const results = new Collected();
    if (this.#take('}')) return results.tuple;
    do {
      if (!this.#readResult(results, depth + 1)) return undefined;
    } while (this.#take(','));
    return this.#take('}') ? results.tuple : undefined;
  }

  /** A list holds values, or results whose names say the same thing again: those are left out. */
  #readList(depth: number): readonly MiValue[] | undefined {
    this.#at++;
    const values: MiValue[] = [];
    if (this.#take(']')) return values;
    do {
      if (!'"{['.includes(this.#text[this.#at] ?? '"')) {
        const name = this.#readName();
        if (name === '' || !this.#take('=')) return undefined;
      }
      const value = this.#readValue(depth + 1);
      if (value === undefined) return undefined;
      values.push(value);
    } while (this.#take(','));
    return this.#take(']') ? values : undefined;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\u001B',
};

/** Named values; what gdb names `__proto__` is a name like any other. */
class Collected {
  readonly tuple: Record<string, MiValue> = Object.create(null) as Record<string, MiValue>;
  readonly #repeated = new Set<string>();

  add(name: string, value: MiValue): void {
    const known = this.tuple[name];
    if (known === undefined) this.tuple[name] = value;
    else if (this.#repeated.has(name)) (known as MiValue[]).push(value);
    else {
      this.#repeated.add(name);
      this.tuple[name] = [known, value];
    }
  }
}

/** Joins a command's words; those that are not plain are quoted. */
export function formatMiCommand(operation: string, ...parameters: readonly string[]): string {
  return [`-${operation}`, ...parameters.map(quoteMi)].join(' ');
}

/**
 * A parameter as gdb reads it. A line feed would end the command, and NUL the string: both are
 * written as a blank.
 */
export function quoteMi(parameter: string): string {
  const text = parameter.replaceAll(/[\r\n\0]/g, ' ');
  if (/^[\w./:@%+*$&-]+$/.test(text)) return text;
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** A field that should be text; empty when it is missing or something else. */
export function textOf(value: MiValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** A field that should be a tuple; empty when it is missing or something else. */
export function tupleOf(value: MiValue | undefined): MiTuple {
  return isTuple(value) ? value : {};
}

/** The tuples of a field that should be a list of them. */
export function tuplesOf(value: MiValue | undefined): readonly MiTuple[] {
  if (isTuple(value)) return [value];
  return Array.isArray(value) ? (value as readonly MiValue[]).filter(isTuple) : [];
}

export function textsOf(value: MiValue | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  const list: readonly MiValue[] = Array.isArray(value) ? value : [];
  return list.filter((item): item is string => typeof item === 'string');
}

function isTuple(value: MiValue | undefined): value is MiTuple {
  return typeof value === 'object' && !Array.isArray(value);
}
