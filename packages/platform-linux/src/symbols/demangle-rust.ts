/**
 * Demangles Rust symbols: the older mangling, which looks like C++ with a hash at the end, and the
 * newer one (v0), without hashes of crates and types of constants.
 *
 * @see https://doc.rust-lang.org/rustc/symbol-mangling/v0.html
 */

class NotMangled extends Error {}

const maxDepth = 150;
const maxLength = 1 << 14;

const escapes: Readonly<Record<string, string>> = {
  SP: '@',
  BP: '*',
  RF: '&',
  LT: '<',
  GT: '>',
  LP: '(',
  RP: ')',
  C: ',',
};

/** `_ZN…17h0123456789abcdefE`; `undefined` for what is C++. */
export function demangleLegacyRust(name: string): string | undefined {
  const match = /^_ZN([\w.$]+)17h[0-9a-f]{16}E(?:\.llvm\.[0-9A-F]+)?$/.exec(name);
  const path = match?.[1];
  if (path === undefined) return undefined;
  const parts: string[] = [];
  for (let at = 0; at < path.length;) {
    const digits = /^\d{1,5}/.exec(path.slice(at, at + 5))?.[0] ?? '';
    const start = at + digits.length;
    at = start + Number(digits);
    if (digits === '' || Number(digits) === 0 || at > path.length) return undefined;
    parts.push(unescape(path.slice(start, at)));
  }
  return parts.join('::');
}

function unescape(text: string): string {
  return text
    .replace(/^_\$/, '$')
    .replaceAll(
      /\$(?:u([0-9a-f]{1,6})|([A-Z]{1,2}))\$|\.\./g,
      (whole, hex?: string, word?: string) => {
        if (whole === '..') return '::';
        if (hex !== undefined) {
          const code = Number.parseInt(hex, 16);
          return code > 0x10ffff ? whole : String.fromCodePoint(code);
        }
        return escapes[word ?? ''] ?? whole;
      },
    );
}

const basicTypes: Readonly<Record<string, string>> = {
  a: 'i8',
  b: 'bool',
  c: 'char',
  d: 'f64',
  e: 'str',
  f: 'f32',
  h: 'u8',
  i: 'isize',
  j: 'usize',
  l: 'i32',
  m: 'u32',
  n: 'i128',
  o: 'u128',
  p: '_',
  s: 'i16',
  t: 'u16',
  u: '()',
  v: '...',
  x: 'i64',
  y: 'u64',
  z: '!',
};

/** Without the `_R`; throws for what is no such name. */
export function demangleRust(text: string): string {
  return new Parser(text).demangle();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #steps = 0;
  #boundLifetimes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  demangle(): string {
    if (/[0-9]/.test(this.#peek())) throw new NotMangled();
    const path = this.#path(true);
    // The crate that asked for the instance of a generic function.
    if (/[A-Z]/.test(this.#peek())) this.#path(false);
    if (this.#at < this.#text.length && !/^[.$]/.test(this.#peek())) throw new NotMangled();
    return path;
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }

  #next(): string {
    const character = this.#peek();
    if (character === '') throw new NotMangled();
    this.#at++;
    return character;
  }

  #nested(read: () => string): string {
    // Back references could make a short name run for ever.
    if (++this.#depth > maxDepth || ++this.#steps > maxLength) throw new NotMangled();
    const text = read();
    this.#depth--;
    if (text.length > maxLength) throw new NotMangled();
    return text;
  }

  #base62(): number {
    let value = 0;
    if (this.#take('_')) return 0;
    for (let character = this.#next(); character !== '_'; character = this.#next()) {
      const digit = /[0-9]/.test(character)
        ? Number(character)
        : /[a-z]/.test(character)
          ? character.charCodeAt(0) - 87
          : character.charCodeAt(0) - 29;
      // Inexact for the hashes of crates, which are not shown.
      value = value * 62 + digit;
    }
    return value + 1;
  }

  #optionalNumber(mark: string): number {
    return this.#take(mark) ? this.#base62() + 1 : 0;
  }

  #identifier(): { readonly name: string; readonly disambiguator: number } {
    const disambiguator = this.#optionalNumber('s');
    const isPunycode = this.#take('u');
    const digits = /^(?:0|[1-9]\d{0,4})/.exec(this.#text.slice(this.#at, this.#at + 5))?.[0];
    if (digits === undefined) throw new NotMangled();
    this.#at += digits.length;
    this.#take('_');
    const name = this.#text.slice(this.#at, this.#at + Number(digits));
    if (name.length < Number(digits)) throw new NotMangled();
    this.#at += name.length;
    return {
      name: isPunycode ? `punycode{${name.replace(/_(?=[^_]*$)/, '-')}}` : name,
      disambiguator,
    };
  }

  #backReference(read: () => string): string {
    const start = this.#at - 1;
    const target = this.#base62();
    if (target >= start) throw new NotMangled();
    const after = this.#at;
    this.#at = target;
    const text = this.#nested(read);
    this.#at = after;
    return text;
  }

  #path(isValue: boolean): string {
    return this.#nested(() => this.#readPath(isValue));
  }

  #readPath(isValue: boolean): string {
    const kind = this.#next();
    switch (kind) {
      case 'C':
        return this.#identifier().name;
      case 'M':
      case 'X': {
        this.#optionalNumber('s');
        this.#path(false);
        const type = this.#type();
        return kind === 'M' ? `<${type}>` : `<${type} as ${this.#path(false)}>`;
      }
      case 'Y':
        return `<${this.#type()} as ${this.#path(false)}>`;
      case 'N': {
        const space = this.#next();
        const before = this.#path(isValue);
        return before + this.#inNamespace(space);
      }
      case 'I': {
        const before = this.#path(isValue);
        const args = this.#list(() => this.#genericArg());
        return `${before}${isValue ? '::' : ''}<${args.join(', ')}>`;
      }
      case 'B':
        return this.#backReference(() => this.#path(isValue));
      default:
        throw new NotMangled();
    }
  }

  #inNamespace(space: string): string {
    const { name, disambiguator } = this.#identifier();
    if (/[a-z]/.test(space)) return name === '' ? '' : `::${name}`;
    if (!/[A-Z]/.test(space)) throw new NotMangled();
    const kind = { C: 'closure', S: 'shim' }[space] ?? space;
    return `::{${kind}${name === '' ? '' : `:${name}`}#${disambiguator}}`;
  }

  #list(read: () => string): string[] {
    const texts: string[] = [];
    while (!this.#take('E')) texts.push(read());
    return texts;
  }

  #genericArg(): string {
    if (this.#take('L')) return this.#lifetime();
    return this.#take('K') ? this.#constant() : this.#type();
  }

  #lifetime(): string {
    const index = this.#base62();
    if (index === 0) return "'_";
    const depth = this.#boundLifetimes - index;
    if (depth < 0) throw new NotMangled();
    return depth < 26 ? `'${String.fromCodePoint(97 + depth)}` : `'_${depth}`;
  }

  /** `for<'a> …`, with the lifetimes known inside. */
  #binder(read: () => string): string {
    const count = this.#optionalNumber('G');
    if (count > 100) throw new NotMangled();
    const names: string[] = [];
    for (let index = 0; index < count; index++) {
      const depth = this.#boundLifetimes++;
      names.push(depth < 26 ? `'${String.fromCodePoint(97 + depth)}` : `'_${depth}`);
    }
    const text = read();
    this.#boundLifetimes -= count;
    return count === 0 ? text : `for<${names.join(', ')}> ${text}`;
  }

  #type(): string {
    return this.#nested(() => this.#readType());
  }

  #readType(): string {
    const kind = this.#next();
    const basic = basicTypes[kind];
    if (basic !== undefined) return basic;
    switch (kind) {
      case 'A': {
        const element = this.#type();
        return `[${element}; ${this.#constant()}]`;
      }
      case 'S':
        return `[${this.#type()}]`;
      case 'T': {
        const types = this.#list(() => this.#type());
        return types.length === 1 ? `(${types[0]},)` : `(${types.join(', ')})`;
      }
      case 'R':
      case 'Q': {
        const lifetime = this.#take('L') ? this.#lifetime() : "'_";
        const mark = lifetime === "'_" ? '' : `${lifetime} `;
        return `&${mark}${kind === 'Q' ? 'mut ' : ''}${this.#type()}`;
      }
      case 'P':
        return `*const ${this.#type()}`;
      case 'O':
        return `*mut ${this.#type()}`;
      case 'F':
        return this.#binder(() => this.#functionType());
      case 'D': {
        const bounds = this.#binder(() => this.#list(() => this.#dynTrait()).join(' + '));
        if (!this.#take('L')) throw new NotMangled();
        const lifetime = this.#lifetime();
        return `dyn ${bounds}${lifetime === "'_" ? '' : ` + ${lifetime}`}`;
      }
      case 'B':
        return this.#backReference(() => this.#type());
      default:
        this.#at--;
        return this.#path(false);
    }
  }

  #functionType(): string {
    const unsafe = this.#take('U') ? 'unsafe ' : '';
    let abi = '';
    if (this.#take('K')) {
      const name = this.#take('C') ? 'C' : this.#identifier().name.replaceAll('_', '-');
      abi = `extern "${name}" `;
    }
    const parameters = this.#list(() => this.#type()).join(', ');
    const result = this.#type();
    return `${unsafe}${abi}fn(${parameters})${result === '()' ? '' : ` -> ${result}`}`;
  }

  #dynTrait(): string {
    const path = this.#path(false);
    const bindings: string[] = [];
    while (this.#take('p')) {
      const { name } = this.#identifier();
      bindings.push(`${name} = ${this.#type()}`);
    }
    if (bindings.length === 0) return path;
    const list = bindings.join(', ');
    return path.endsWith('>') ? `${path.slice(0, -1)}, ${list}>` : `${path}<${list}>`;
  }

  #constant(): string {
    return this.#nested(() => {
      if (this.#take('B')) return this.#backReference(() => this.#constant());
      const kind = this.#next();
      if (kind === 'p') return '_';
      const isNegative = this.#take('n');
      const digits = /^[0-9a-f]*_/.exec(this.#text.slice(this.#at, this.#at + 40))?.[0];
      if (digits === undefined || !/[a-z]/.test(kind)) throw new NotMangled();
      this.#at += digits.length;
      const value = BigInt(`0x${digits.slice(0, -1) || '0'}`);
      if (kind === 'b') return value === 0n ? 'false' : 'true';
      if (kind === 'c') {
        if (value > 0x10ffffn) throw new NotMangled();
        return `'${String.fromCodePoint(Number(value))}'`;
      }
      return `${isNegative ? '-' : ''}${value}`;
    });
  }
}
