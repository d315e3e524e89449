import {
  builtinTypes,
  knownSubstitutions,
  literalSuffixes,
  moreBuiltinTypes,
  operators,
  specialNames,
} from './demangle-tables.ts';

/**
 * Demangles names of the Itanium C++ ABI into the text that gdb and addr2line show.
 *
 * A name is parsed into nodes, which are printed afterwards: what `T_` stands for is known only
 * when the template's arguments are, which may come later in the name. A type is printed in two
 * halves, left and right of what it declares: `void (*` and `)(int)`.
 *
 * Back references make short names that print without end, so depth and length have limits.
 */

interface Shape {
  readonly left: string;
  readonly right: string;
  /** Pointers to these need parentheses. */
  readonly wraps?: 'function' | 'array';
}

/** What surrounds a node that is printed. */
interface Scope {
  readonly args: readonly Node[];
  /** Where the arguments themselves are printed. */
  readonly outer?: Scope;
  /** Which element of the packs is printed, while a pattern is expanded. */
  readonly packIndex?: number;
  readonly probe?: { length: number | undefined };
  readonly isLambda?: boolean;
}

interface Node {
  print(scope: Scope): Shape;
  /** Template arguments, when the node ends with some. */
  readonly args?: readonly Node[];
  /** An argument pack. */
  readonly pack?: readonly Node[];
  /** Constructors, destructors and conversions have no return type. */
  readonly hasNoReturn?: boolean;
  /** What constructors of it are called. */
  readonly baseName?: string;
  /** Printed without parentheses inside an expression. */
  readonly isSimple?: boolean;
  /** A function without its parameters. */
  readonly bare?: Node;
  /** `const` and `&` of a member function. */
  readonly suffix?: string;
}

class NotMangled extends Error {}

const maxDepth = 150;
const maxLength = 1 << 14;
const maxPrints = 20_000;
const emptyScope: Scope = { args: [] };

/** Without the `_Z`; throws for what is no such name. */
export function demangleItanium(text: string): string {
  return new Parser(text).demangle();
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #prints = 0;
  readonly #substitutions: Node[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  demangle(): string {
    const node = this.#encoding(true);
    if (this.#at < this.#text.length) throw new NotMangled();
    return this.#print(node, emptyScope);
  }

  // Printing

  #print(node: Node, scope: Scope): string {
    const { left, right } = this.#shape(node, scope);
    return left + right;
  }

  #shape(node: Node, scope: Scope): Shape {
    if (++this.#prints > maxPrints || ++this.#depth > maxDepth) throw new NotMangled();
    const shape = node.print(scope);
    this.#depth--;
    if (shape.left.length + shape.right.length > maxLength) throw new NotMangled();
    return shape;
  }

  #printList(nodes: readonly Node[], scope: Scope): string {
    // A pack without elements leaves no comma.
    return nodes
      .map((node) => this.#print(node, scope))
      .filter((text) => text !== '')
      .join(', ');
  }

  #printParameters(types: readonly Node[], scope: Scope): string {
    const text = this.#printList(types, scope);
    return `(${text === 'void' ? '' : text})`;
  }

  // Reading

  #peek(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at += text.length;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw new NotMangled();
  }

  #next(): string {
    const character = this.#text[this.#at];
    if (character === undefined) throw new NotMangled();
    this.#at++;
    return character;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    if (match !== undefined) this.#at += match.length;
    return match;
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > maxDepth) throw new NotMangled();
    const result = read();
    this.#depth--;
    return result;
  }

  #until(end: string, read: () => Node): Node[] {
    const nodes: Node[] = [];
    while (!this.#take(end)) nodes.push(read());
    return nodes;
  }

  #remember(node: Node): Node {
    this.#substitutions.push(node);
    return node;
  }

  /** `_` is 0, `0_` is 1, `A_` (base 36) is 11, … */
  #sequence(base: number): number {
    const digits = this.#match(base === 36 ? /[0-9A-Z]*/y : /[0-9]*/y) ?? '';
    this.#expect('_');
    return digits === '' ? 0 : Number.parseInt(digits, base) + 1;
  }

  // Encodings

  #encoding(isOutermost: boolean): Node {
    return this.#nested(() => {
      if (this.#peek('T') || this.#peek('G')) return this.#specialName();
      const name = this.#name();
      if (this.#at >= this.#text.length || this.#peek('E') || this.#peek('.')) return name;
      const hasReturn = name.args !== undefined && name.hasNoReturn !== true;
      const result = hasReturn ? this.#type() : undefined;
      const parameters = this.#parameters();
      return this.#function(name, isOutermost ? result : undefined, parameters);
    });
  }

  #function(name: Node, result: Node | undefined, parameters: readonly Node[]): Node {
    return {
      ...(name.args !== undefined && { args: name.args }),
      bare: name,
      print: (scope) => {
        const inner = name.args === undefined ? scope : { args: name.args, outer: scope };
        const own = this.#print(name, inner);
        const list = this.#printParameters(parameters, inner) + (name.suffix ?? '');
        if (result === undefined) return { left: own + list, right: '' };
        const { left, right } = this.#shape(result, inner);
        const space = /[(*&]$/.test(left) && right !== '' ? '' : ' ';
        return { left: left + space + own + list + right, right: '' };
      },
    };
  }

  #parameters(): Node[] {
    const types: Node[] = [];
    while (this.#at < this.#text.length && !this.#peek('E') && !this.#peek('.')) {
      types.push(this.#type());
    }
    if (types.length === 0) throw new NotMangled();
    return types;
  }

  #specialName(): Node {
    const kind = this.#next() + this.#next();
    const before = specialNames[kind];
    if (before !== undefined) return this.#prefixed(before, this.#type());
    switch (kind) {
      case 'Th':
      case 'Tv':
        this.#callOffset(kind);
        return this.#prefixed(
          kind === 'Th' ? 'non-virtual thunk to ' : 'virtual thunk to ',
          this.#encoding(false),
        );
      case 'Tc':
        this.#callOffset(`T${this.#next()}`);
        this.#callOffset(`T${this.#next()}`);
        return this.#prefixed('covariant return thunk to ', this.#encoding(false));
      case 'TC': {
        const derived = this.#type();
        this.#match(/[0-9]+/y);
        this.#expect('_');
        const base = this.#type();
        return this.#worded((scope) => {
          const both = [base, derived].map((node) => this.#print(node, scope));
          return `construction vtable for ${both.join('-in-')}`;
        });
      }
      case 'TH':
        return this.#prefixed('TLS init function for ', this.#name());
      case 'TW':
        return this.#prefixed('TLS wrapper function for ', this.#name());
      case 'TA':
        return this.#prefixed('template parameter object for ', this.#templateArg());
      case 'GV':
        return this.#prefixed('guard variable for ', this.#name());
      case 'GR': {
        const name = this.#name();
        const number = this.#sequence(36);
        return this.#prefixed(`reference temporary #${number} for `, name);
      }
      case 'GT': {
        const isUnsafe = this.#next() === 'n';
        return this.#prefixed(
          isUnsafe ? 'non-transaction clone for ' : 'transaction clone for ',
          this.#encoding(false),
        );
      }
      default:
        throw new NotMangled();
    }
  }

  #callOffset(kind: string): void {
    const pattern = kind === 'Th' ? /n?[0-9]+_/y : /n?[0-9]+_n?[0-9]+_/y;
    if (this.#match(pattern) === undefined) throw new NotMangled();
  }

  // Names

  #name(): Node {
    return this.#nested(() => {
      if (this.#peek('N')) return this.#nestedName();
      if (this.#peek('Z')) return this.#localName();
      let name: Node;
      if (this.#peek('S') && !this.#peek('St')) {
        name = this.#substitution();
        if (!this.#peek('I')) return name;
      } else {
        const isStd = this.#take('St');
        const own = this.#unqualifiedName(undefined);
        name = isStd ? this.#qualified(this.#plain('std'), own) : own;
        if (!this.#peek('I')) return name;
        this.#remember(name);
      }
      return this.#withArgs(name);
    });
  }

  #nestedName(): Node {
    this.#expect('N');
    const qualifiers = this.#match(/[rVK]*/y) ?? '';
    let suffix = qualifierText(qualifiers);
    if (this.#take('R')) suffix += ' &';
    else if (this.#take('O')) suffix += ' &&';
    let name: Node | undefined;
    while (!this.#take('E')) {
      name = this.#prefix(name);
      // The whole name is not one that others refer to.
      if (!this.#peek('E') && !isReference(name)) this.#remember(name);
    }
    if (name === undefined) throw new NotMangled();
    return { ...name, suffix };
  }

  #prefix(before: Node | undefined): Node {
    if (this.#peek('S') && before === undefined) {
      if (this.#take('St')) return { ...this.#plain('std'), suffix: referenceMark };
      const known = this.#substitution();
      return { ...known, suffix: referenceMark };
    }
    if (this.#peek('T') && before === undefined) return this.#templateParam();
    if (this.#peek('D') && /^D[tT]/.test(this.#text.slice(this.#at, this.#at + 2))) {
      return this.#decltype();
    }
    if (this.#peek('I') && before !== undefined) return this.#withArgs(before);
    if (this.#take('M') && before !== undefined) return { ...before, suffix: referenceMark };
    const own = this.#unqualifiedName(before);
    return before === undefined ? own : this.#qualified(before, own);
  }

  #qualified(before: Node, own: Node): Node {
    return {
      ...own,
      print: (scope) => ({
        left: `${this.#print(before, scope)}::${this.#print(own, scope)}`,
        right: '',
      }),
    };
  }

  #withArgs(name: Node): Node {
    this.#expect('I');
    const args = this.#until('E', () => this.#templateArg());
    return {
      args,
      ...(name.hasNoReturn !== undefined && { hasNoReturn: name.hasNoReturn }),
      ...(name.baseName !== undefined && { baseName: name.baseName }),
      print: (scope) => {
        const own = this.#print(name, scope);
        // Arguments are written where the template is used, not inside it.
        const where = scope.args === args ? (scope.outer ?? emptyScope) : scope;
        const list = this.#printList(args, where);
        const space = own.endsWith('<') ? ' ' : '';
        return { left: `${own}${space}<${list}${list.endsWith('>') ? ' ' : ''}>`, right: '' };
      },
    };
  }

  #localName(): Node {
    this.#expect('Z');
    const outer = this.#encoding(false);
    this.#expect('E');
    const join = (own: Node): Node => ({
      ...own,
      print: (scope) => {
        // What is local to a template's function is written with its arguments.
        const inner =
          own.args !== undefined || outer.args === undefined
            ? scope
            : { args: outer.args, outer: scope };
        return {
          left: `${this.#print(outer, scope)}::${this.#print(own, inner)}`,
          right: '',
        };
      },
    });
    if (this.#take('s')) {
      this.#discriminator();
      return join(this.#plain('string literal'));
    }
    if (this.#take('d')) {
      const number = this.#sequence(10) + 1;
      const own = this.#name();
      return join(this.#qualified(this.#plain(`{default arg#${number}}`), own));
    }
    const own = this.#name();
    this.#discriminator();
    return join(own);
  }

  #discriminator(): void {
    this.#match(/__[0-9]+_|_[0-9]/y);
  }

  #unqualifiedName(before: Node | undefined): Node {
    return this.#nested(() => {
      this.#take('L');
      let name: Node;
      const digit = /[0-9]/.test(this.#text[this.#at] ?? '');
      if (digit) name = this.#sourceName();
      else if (this.#peek('U')) name = this.#unnamedType();
      else if (this.#match(/C[I]?[1-5]/y) !== undefined) name = this.#structor(before, '');
      else if (this.#match(/D[0-5]/y) !== undefined) name = this.#structor(before, '~');
      else if (this.#take('DC')) name = this.#binding();
      else name = this.#operatorName();
      while (this.#take('B')) {
        const bare = name;
        const tag = this.#sourceText();
        const print = (scope: Scope) => ({
          left: `${this.#print(bare, scope)}[abi:${tag}]`,
          right: '',
        });
        name = { ...bare, print };
      }
      return name;
    });
  }

  #structor(before: Node | undefined, mark: string): Node {
    const inherited = this.#text[this.#at - 2] === 'I' ? this.#type() : undefined;
    const name = before?.baseName;
    if (name === undefined || inherited !== undefined) throw new NotMangled();
    return { ...this.#plain(mark + name), hasNoReturn: true };
  }

  #binding(): Node {
    const names = this.#until('E', () => this.#sourceName());
    return this.#worded((scope) => `[${this.#printList(names, scope)}]`);
  }

  #sourceText(): string {
    const length = Number(this.#match(/[0-9]{1,5}/y) ?? 0);
    const text = this.#text.slice(this.#at, this.#at + length);
    if (length === 0 || text.length < length) throw new NotMangled();
    this.#at += length;
    return text;
  }

  #sourceName(): Node {
    const text = this.#sourceText();
    const name = /^_GLOBAL_[._$]N/.test(text) ? '(anonymous namespace)' : text;
    return { ...this.#plain(name), baseName: name, isSimple: true };
  }

  #unnamedType(): Node {
    this.#expect('U');
    if (this.#take('t')) {
      const number = this.#sequence(10) + 1;
      const name = `{unnamed type#${number}}`;
      // GCC lets names refer to it, unlike to other names without template arguments.
      return this.#remember({ ...this.#plain(name), baseName: name });
    }
    this.#expect('l');
    const types = this.#parametersUntilE();
    const number = this.#sequence(10) + 1;
    return this.#worded((scope) => {
      const list = this.#printParameters(types, { ...scope, isLambda: true });
      return `{lambda${list}#${number}}`;
    });
  }

  #parametersUntilE(): Node[] {
    const types = this.#parameters();
    this.#expect('E');
    return types;
  }

  #operatorName(): Node {
    const code = this.#next() + this.#next();
    if (code === 'cv') {
      const type = this.#type();
      return {
        hasNoReturn: true,
        print: (scope) => ({ left: `operator ${this.#print(type, scope)}`, right: '' }),
      };
    }
    if (code === 'li') return this.#plain(`operator"" ${this.#sourceText()}`);
    const operator = operators[code];
    if (operator === undefined) throw new NotMangled();
    const text = operator[0].trimEnd();
    return this.#plain(`operator${/^[a-z]/.test(text) ? ' ' : ''}${text}`);
  }

  // Substitutions and template parameters

  #substitution(): Node {
    this.#expect('S');
    const known = knownSubstitutions[this.#text[this.#at] ?? ''];
    if (known !== undefined && /[a-z]/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
      // Constructors and destructors are written with the template that the short name means.
      const isWhole = /^[CD][0-9]/.test(this.#text.slice(this.#at, this.#at + 2));
      return { ...this.#plain((isWhole ? known[2] : undefined) ?? known[0]), baseName: known[1] };
    }
    const node = this.#substitutions[this.#sequence(36)];
    if (node === undefined) throw new NotMangled();
    return node;
  }

  #templateParam(): Node {
    this.#expect('T');
    const index = this.#sequence(10);
    return {
      print: (scope) => {
        if (scope.isLambda === true) return { left: `auto:${index + 1}`, right: '' };
        const arg = scope.args[index];
        if (arg === undefined) throw new NotMangled();
        const outer = scope.outer ?? emptyScope;
        if (arg.pack === undefined) return this.#shape(arg, outer);
        if (scope.probe !== undefined) scope.probe.length = arg.pack.length;
        if (scope.packIndex === undefined)
          return { left: this.#printList(arg.pack, outer), right: '' };
        const element = arg.pack[scope.packIndex];
        return element === undefined ? { left: '', right: '' } : this.#shape(element, outer);
      },
    };
  }

  #templateArg(): Node {
    return this.#nested(() => {
      if (this.#take('X')) {
        const expression = this.#expression();
        this.#expect('E');
        return expression;
      }
      if (this.#peek('L')) return this.#literal();
      if (this.#take('J') || this.#take('I')) {
        const pack = this.#until('E', () => this.#templateArg());
        return { ...this.#worded((scope) => this.#printList(pack, scope)), pack };
      }
      return this.#type();
    });
  }

  // Types

  #type(): Node {
    return this.#nested(() => this.#readType());
  }

  #readType(): Node {
    const builtin = builtinTypes[this.#text[this.#at] ?? ''];
    if (builtin !== undefined) {
      this.#at++;
      return this.#plain(builtin);
    }
    if (this.#match(/[rVK]/y) !== undefined) {
      this.#at--;
      return this.#qualifiedType();
    }
    const character = this.#text[this.#at] ?? '';
    switch (character) {
      case 'P':
      case 'R':
      case 'O':
        this.#at++;
        return this.#remember(
          this.#pointer(this.#type(), character === 'P' ? '*' : character === 'R' ? '&' : '&&'),
        );
      case 'C':
      case 'G':
        this.#at++;
        return this.#remember(
          this.#suffixed(this.#type(), character === 'C' ? ' _Complex' : ' _Imaginary'),
        );
      case 'F':
        return this.#remember(this.#functionType());
      case 'A':
        return this.#remember(this.#arrayType());
      case 'M':
        return this.#remember(this.#memberPointer());
      case 'T':
        return this.#templateParamType();
      case 'S':
        return this.#substitutedType();
      case 'D':
        return this.#typeOfD();
      case 'U': {
        this.#at++;
        const name = this.#sourceName();
        const withArgs = this.#peek('I') ? this.#withArgs(name) : name;
        const type = this.#type();
        return this.#remember(
          this.#worded((scope) => `${this.#print(type, scope)} ${this.#print(withArgs, scope)}`),
        );
      }
      case 'u':
        this.#at++;
        return this.#remember(this.#sourceName());
      default:
        return this.#remember(this.#name());
    }
  }

  #qualifiedType(): Node {
    const qualifiers = this.#match(/[rVK]+/y) ?? '';
    const isFunction = this.#peek('F') || this.#peek('Do') || this.#peek('Dx');
    // A qualified function type counts once for those that refer to it.
    const bare = this.#peek('F') ? this.#functionType() : this.#type();
    const text = qualifierText(qualifiers);
    return this.#remember(
      isFunction ? this.#functionSuffixed(bare, text) : this.#suffixed(bare, text),
    );
  }

  #templateParamType(): Node {
    let node = this.#remember(this.#templateParam());
    if (this.#peek('I')) node = this.#remember(this.#withArgs(node));
    return node;
  }

  #substitutedType(): Node {
    if (this.#peek('St')) return this.#remember(this.#name());
    const node = this.#substitution();
    return this.#peek('I') ? this.#remember(this.#withArgs(node)) : node;
  }

  #typeOfD(): Node {
    const second = this.#text[this.#at + 1] ?? '';
    const builtin = moreBuiltinTypes[second];
    if (builtin !== undefined) {
      this.#at += 2;
      return this.#plain(builtin);
    }
    switch (second) {
      case 't':
      case 'T': {
        const node = this.#remember(this.#decltype());
        return node;
      }
      case 'p':
        this.#at += 2;
        return this.#remember(this.#expansion(this.#type()));
      case 'v': {
        this.#at += 2;
        const size = this.#match(/[0-9]+/y);
        this.#expect('_');
        const element = this.#type();
        return this.#remember(this.#suffixed(element, ` __vector(${size ?? ''})`));
      }
      case 'F': {
        this.#at += 2;
        const bits = this.#match(/[0-9]+/y) ?? '';
        const isExtended = this.#take('x');
        if (!isExtended) this.#expect('_');
        return this.#plain(`_Float${bits}${isExtended ? 'x' : ''}`);
      }
      case 'o': {
        this.#at += 2;
        return this.#remember(this.#functionSuffixed(this.#functionType(), ' noexcept'));
      }
      default:
        throw new NotMangled();
    }
  }

  #decltype(): Node {
    this.#at += 2;
    const expression = this.#expression();
    this.#expect('E');
    return this.#worded((scope) => `decltype (${this.#print(expression, scope)})`);
  }

  #functionType(): Node {
    this.#expect('F');
    this.#take('Y');
    const result = this.#type();
    const types: Node[] = [];
    let reference = '';
    while (!this.#take('E')) {
      if (this.#match(/R(?=E)/y) !== undefined) reference = ' &';
      else if (this.#match(/O(?=E)/y) !== undefined) reference = ' &&';
      else types.push(this.#type());
    }
    return {
      print: (scope) => {
        const { left, right } = this.#shape(result, scope);
        const list = this.#printParameters(types, scope);
        const space = left.endsWith('(*') ? '' : ' ';
        return { left: left + space, right: `${list}${reference}${right}`, wraps: 'function' };
      },
    };
  }

  #arrayType(): Node {
    this.#expect('A');
    const size = this.#match(/[0-9]+/y);
    const expression = size === undefined && !this.#peek('_') ? this.#expression() : undefined;
    this.#expect('_');
    const element = this.#type();
    return {
      print: (scope) => {
        const { left, right } = this.#shape(element, scope);
        const text = expression === undefined ? (size ?? '') : this.#print(expression, scope);
        return { left, right: ` [${text}]${right.trimStart()}`, wraps: 'array' };
      },
    };
  }

  #memberPointer(): Node {
    this.#expect('M');
    const owner = this.#type();
    const member = this.#type();
    return {
      print: (scope) => {
        const { left, right, wraps } = this.#shape(member, scope);
        const name = this.#print(owner, scope);
        return wraps === undefined
          ? { left: `${left} ${name}::*`, right }
          : { left: `${openParenthesis(left)}${name}::*`, right: `)${right}` };
      },
    };
  }

  #pointer(target: Node, mark: string): Node {
    return {
      print: (scope) => {
        const { left, right, wraps } = this.#shape(target, scope);
        if (wraps !== undefined) {
          return { left: `${openParenthesis(left)}${mark}`, right: `)${right}` };
        }
        // A reference to what turned out to be a reference is one of the two.
        if (mark !== '*' && left.endsWith('&')) {
          const isRvalue = mark === '&&' && left.endsWith('&&');
          return { left: isRvalue ? left : left.replace(/&+$/, '&'), right };
        }
        return { left: left + mark, right };
      },
    };
  }

  #suffixed(type: Node, suffix: string): Node {
    return {
      print: (scope) => {
        const { left, right, ...rest } = this.#shape(type, scope);
        // What a template parameter stands for may be const already.
        return { left: left.endsWith(suffix) ? left : left + suffix, right, ...rest };
      },
    };
  }

  #functionSuffixed(type: Node, suffix: string): Node {
    return {
      print: (scope) => {
        const shape = this.#shape(type, scope);
        return { ...shape, right: shape.right + suffix };
      },
    };
  }

  /** `pattern...`, once for each element of the packs in it. */
  #expansion(pattern: Node): Node {
    return this.#worded((scope) => {
      const probe: { length: number | undefined } = { length: undefined };
      const first = this.#print(pattern, { ...scope, packIndex: 0, probe });
      const { length } = probe;
      if (length === undefined) return `(${first})...`;
      return Array.from({ length }, (_, packIndex) =>
        packIndex === 0 ? first : this.#print(pattern, { ...scope, packIndex }),
      ).join(', ');
    });
  }

  // Expressions

  #expression(): Node {
    return this.#nested(() => this.#readExpression());
  }

  #readExpression(): Node {
    if (this.#peek('L')) return this.#literal();
    if (this.#peek('T')) return this.#templateParam();
    if (this.#match(/f[pL]/y) !== undefined) return this.#functionParam();
    if (/[0-9]/.test(this.#text[this.#at] ?? '')) {
      const name = this.#sourceName();
      return this.#peek('I') ? this.#withArgs(name) : name;
    }
    if (this.#take('on')) {
      const name = this.#operatorName();
      return this.#peek('I') ? this.#withArgs(name) : name;
    }
    const code = this.#next() + this.#next();
    switch (code) {
      case 'sr':
        return this.#scopeResolution();
      case 'sp':
        return this.#expansion(this.#expression());
      case 'cl': {
        const [callee, ...args] = this.#until('E', () => this.#expression());
        if (callee === undefined) throw new NotMangled();
        return this.#worded((scope) => {
          const list = this.#printList(args, scope);
          return `${this.#operand(callee, scope)}(${list})`;
        });
      }
      case 'cv':
        return this.#conversion();
      case 'tl': {
        const type = this.#type();
        const list = this.#until('E', () => this.#expression());
        return this.#worded(
          (scope) => `${this.#print(type, scope)}{${this.#printList(list, scope)}}`,
        );
      }
      case 'il': {
        const list = this.#until('E', () => this.#expression());
        return this.#worded((scope) => `{${this.#printList(list, scope)}}`);
      }
      case 'st':
      case 'at':
      case 'ti': {
        const word = { st: 'sizeof ', at: 'alignof ', ti: 'typeid ' }[code];
        const type = this.#type();
        return this.#worded((scope) => `${word}(${this.#print(type, scope)})`);
      }
      case 'sz':
      case 'az':
      case 'nx':
      case 'te':
      case 'tw': {
        const word = { sz: 'sizeof ', az: 'alignof ', nx: 'noexcept', te: 'typeid ', tw: 'throw ' }[
          code
        ];
        const operand = this.#expression();
        return this.#worded((scope) => `${word}${this.#operand(operand, scope)}`);
      }
      case 'sZ': {
        const pack = this.#expression();
        return this.#worded((scope) => {
          const probe: { length: number | undefined } = { length: undefined };
          const text = this.#print(pack, { ...scope, packIndex: 0, probe });
          return probe.length === undefined ? `sizeof...(${text})` : `${probe.length}`;
        });
      }
      case 'dt':
      case 'pt': {
        const object = this.#expression();
        const member = this.#expression();
        const sign = code === 'dt' ? '.' : '->';
        return this.#worded(
          (scope) => `${this.#operand(object, scope)}${sign}${this.#print(member, scope)}`,
        );
      }
      case 'sc':
      case 'dc':
      case 'rc':
      case 'cc': {
        const word = { sc: 'static', dc: 'dynamic', rc: 'reinterpret', cc: 'const' }[code];
        const type = this.#type();
        const value = this.#expression();
        return this.#worded((scope) => {
          const [to, what] = [this.#print(type, scope), this.#print(value, scope)];
          return `${word}_cast<${to}>(${what})`;
        });
      }
      default:
        return this.#operation(code);
    }
  }

  #operation(code: string): Node {
    const operator = operators[code];
    if (operator === undefined) throw new NotMangled();
    const [text, count] = operator;
    const isPrefix = (code === 'pp' || code === 'mm') && this.#take('_');
    const [first, second, third] = Array.from({ length: count }, () => this.#expression());
    if (first === undefined) throw new NotMangled();
    if (second === undefined) {
      const { bare } = first;
      if (code === 'ad' && bare !== undefined) {
        return this.#worded((scope) => {
          const where = bare.args === undefined ? scope : { args: bare.args, outer: scope };
          const target = this.#print(bare, where) + (bare.suffix ?? '');
          return (bare.suffix ?? '') === '' ? `&${target}` : `&(${target})`;
        });
      }
      const isBehind = (code === 'pp' || code === 'mm') && !isPrefix;
      return this.#worded((scope) => {
        const operand = this.#operand(first, scope);
        return isBehind ? operand + text : text + operand;
      });
    }
    return this.#worded((scope) => {
      const [a, b] = [this.#operand(first, scope), this.#operand(second, scope)];
      if (code === 'ix') return `${a}[${this.#print(second, scope)}]`;
      if (third !== undefined) return `${a}${text}${b} : ${this.#operand(third, scope)}`;
      // A bare > would end the template's arguments.
      return code === 'gt' ? `(${a}${text}${b})` : `${a}${text}${b}`;
    });
  }

  #conversion(): Node {
    const type = this.#type();
    if (this.#take('_')) {
      const list = this.#until('E', () => this.#expression());
      return this.#worded(
        (scope) => `(${this.#print(type, scope)})(${this.#printList(list, scope)})`,
      );
    }
    const value = this.#expression();
    return this.#worded((scope) => `(${this.#print(type, scope)})${this.#operand(value, scope)}`);
  }

  #scopeResolution(): Node {
    this.#take('N');
    let name = this.#type();
    this.#take('on');
    const own = /[0-9]/.test(this.#text[this.#at] ?? '')
      ? this.#sourceName()
      : this.#unqualifiedName(undefined);
    name = this.#qualified(name, own);
    if (this.#peek('I')) name = this.#withArgs(name);
    return { ...name, isSimple: false };
  }

  #functionParam(): Node {
    // Levels outside, qualifiers, then the number: fp_, fp0_, fL0p_.
    this.#match(/[0-9]+p/y);
    this.#match(/[rVK]*/y);
    if (this.#take('T')) return { ...this.#plain('this'), isSimple: true };
    const number = this.#sequence(10) + 1;
    return { ...this.#plain(`{parm#${number}}`), isSimple: true };
  }

  #operand(node: Node, scope: Scope): string {
    const text = this.#print(node, scope);
    return node.isSimple === true ? text : `(${text})`;
  }

  #literal(): Node {
    this.#expect('L');
    if (this.#take('_Z') || this.#take('Z')) {
      const encoding = this.#encoding(true);
      this.#expect('E');
      return { ...encoding, isSimple: true };
    }
    const type = this.#type();
    const digits = this.#match(/n?[0-9a-z]*/y) ?? '';
    this.#expect('E');
    return this.#worded((scope) => literalText(this.#print(type, scope), digits));
  }

  // Small nodes

  #plain(text: string): Node {
    return { print: () => ({ left: text, right: '' }) };
  }

  #worded(print: (scope: Scope) => string): Node {
    return { print: (scope) => ({ left: print(scope), right: '' }) };
  }

  #prefixed(before: string, node: Node): Node {
    return this.#worded((scope) => before + this.#print(node, scope));
  }
}

/** Marks the first part of a nested name that is known already and not counted again. */
const referenceMark = '\0';

function isReference(node: Node): boolean {
  return node.suffix === referenceMark;
}

function openParenthesis(left: string): string {
  return left.endsWith('(*') ? `${left}(` : `${left.trimEnd()} (`;
}

/** The outermost qualifier is the first in the name and the last in the text. */
function qualifierText(qualifiers: string): string {
  const words: Readonly<Record<string, string>> = { K: ' const', V: ' volatile', r: ' __restrict' };
  let text = '';
  for (const qualifier of qualifiers) text = (words[qualifier] ?? '') + text;
  return text;
}

function literalText(type: string, digits: string): string {
  const number = digits.replace(/^n/, '-');
  if (type === 'bool' && number === '0') return 'false';
  if (type === 'bool' && number === '1') return 'true';
  const suffix = literalSuffixes[type];
  if (suffix !== undefined) return number + suffix;
  const isFloat = type === 'float' || type === 'double' || type === 'long double';
  return isFloat ? `(${type})[${number}]` : `(${type})${number}`;
}
