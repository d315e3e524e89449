import type { Span } from '../expression/excerpt.ts';
import { ExpressionGrammar } from '../expression/grammar.ts';
import type { StringToken } from '../expression/literals.ts';
import type { Token, WordToken } from '../expression/lexer.ts';
import { nearest } from '../expression/nearest.ts';
import { childrenOf } from './ast.ts';
import type { AssignOperator, Lvalue, NameNode, Node, OtherNode, Statement, ThrowField } from './ast.ts'; // prettier-ignore
import { scriptLimits } from './limits.ts';
import type { ProblemList } from './problems.ts';
import { complaintOf, enough, Refusal, refuse } from './problems.ts';
import { Scanner } from './scanner.ts';
import type { Piece } from './scanner.ts';
import type { SourceFile } from './wire.ts';
import { isReserved, keywords } from './words.ts';

/** Thrown where an item starts inside a block: its `}` is missing, and has been complained about. */
export const itemStart: unique symbol = Symbol('an item starts');

const assignment = /<<<|[+\-*/%]?=(?![=~])|\+\+|--/y;
// Words that other languages have in these places.
const foreignWords: Readonly<Record<string, string>> = {
  return: 'write next; to leave the probe.',
  let: 'a variable comes to be by assigning to it: n = 1;',
  var: 'a variable comes to be by assigning to it: n = 1;',
  const: 'a variable comes to be by assigning to it: n = 1;',
  elif: 'write else if.',
  elsif: 'write else if.',
  exit: 'write exit();',
};

/** Statements, and expressions with maps in them. */
export abstract class StatementParser extends ExpressionGrammar<OtherNode> {
  protected readonly scanner: Scanner;
  readonly #file: SourceFile;
  readonly #list: ProblemList;

  constructor(file: SourceFile, list: ProblemList, pieces?: Piece[]) {
    super(file.text);
    this.#file = file;
    this.#list = list;
    this.scanner = new Scanner(file.text, pieces);
  }

  /** Takes the name of an event. */
  abstract eventName(): Span & { readonly text: string };

  protected override peek(): Token {
    return this.scanner.peek();
  }

  protected override advance(): void {
    this.scanner.advance();
  }

  protected override childrenOf(node: Node): readonly Node[] {
    return childrenOf(node);
  }

  protected override admit<N extends Node>(node: N): N {
    const text = node.kind === 'string' ? node.value : node.kind === 'match' ? node.pattern : '';
    const { maxStringLength } = scriptLimits;
    if (text.length > maxStringLength) {
      const message = `A string has at most ${maxStringLength} characters.`;
      refuse('EE_SCRIPT_LIMIT', message, 'shorten it.', node);
    }
    return super.admit(node);
  }

  protected override valueHint(): string {
    if (this.isNext('=')) return 'write == to compare.';
    return 'a value is a name, a number, a "string", true, false or a call.';
  }

  protected override expect(operator: string, hint: string): number {
    const isMistaken = operator === ')' && this.isNext('=');
    return super.expect(operator, isMistaken ? 'write == to compare.' : hint);
  }

  // ---- Values

  protected override word(token: WordToken): Node {
    if (isReserved(token.name)) {
      const hint = `a field of that name is written $${token.name}.`;
      refuse('EE_SCRIPT_SYNTAX', `${token.name} is a word of the language.`, hint, token);
    }
    const { start, end } = token;
    const name: NameNode = this.admit({ kind: 'name', name: token.name, start, end });
    return this.isNext('[') ? this.#entry(name) : name;
  }

  #entry(map: NameNode): Node & { readonly kind: 'entry' } {
    return this.nested(map, () => {
      const keys = this.#keys();
      return this.admit({ kind: 'entry', map, keys, start: map.start, end: this.scanner.lastEnd });
    });
  }

  /** `[a, b]` */
  #keys(): readonly Node[] {
    const { start } = this.peek();
    this.advance();
    const keys: Node[] = [];
    do keys.push(this.expression());
    while (this.accept(','));
    const end = this.expect(']', 'keys read: [a, b].');
    const { maxKeys } = scriptLimits;
    if (keys.length > maxKeys) {
      const hint = 'join some of them to one string.';
      refuse('EE_SCRIPT_LIMIT', `A map has at most ${maxKeys} keys.`, hint, { start, end });
    }
    return keys;
  }

  protected override postfix(left: Node): Node | undefined {
    return this.acceptWord('in') ? this.#has([left], left.start) : undefined;
  }

  #has(keys: readonly Node[], start: number): Node {
    const map = this.#mapName();
    return this.admit({ kind: 'has', map, keys, start, end: this.scanner.lastEnd });
  }

  protected override special(token: Token): Node | undefined {
    if (this.isNext('@')) return this.#statistic(token.start);
    if (!this.isNext('[')) return undefined;
    return this.nested(token, () => {
      const keys = this.#keys();
      if (this.acceptWord('in')) return this.#has(keys, token.start);
      return this.refuse(
        `Expected in, found ${this.describe()}.`,
        'whether a map has an entry is asked so: [host, port] in sizes.',
      );
    });
  }

  #statistic(start: number): Node {
    this.advance();
    const hint = 'statistics are read so: @count(sizes[port]).';
    const { name: statistic } = this.takeName('a statistic', hint);
    this.expect('(', hint);
    return this.nested({ start, end: this.scanner.lastEnd }, () => {
      const target = this.#lvalue();
      const parameters: Node[] = [];
      while (this.accept(',')) parameters.push(this.expression());
      const end = this.expect(')', hint);
      return this.admit({ kind: 'statistic', statistic, target, parameters, start, end });
    });
  }

  #lvalue(): Lvalue {
    const token = this.peek();
    const { start, end } = token;
    if (token.kind === 'field') {
      this.advance();
      return this.admit({ kind: 'field', name: token.name, start, end });
    }
    const name = this.#mapName();
    return this.isNext('[') ? this.#entry(name) : name;
  }

  #mapName(): NameNode {
    const { name, start, end } = this.takeName('a global', 'write the name of a global.');
    if (isReserved(name)) {
      const hint = 'write the name of a global.';
      refuse('EE_SCRIPT_SYNTAX', `${name} is a word of the language.`, hint, { start, end });
    }
    return this.admit({ kind: 'name', name, start, end });
  }

  // ---- Statements

  /** `{ … }`; statements with errors are left out. */
  protected block(hint: string): readonly Statement[] {
    const open = this.peek();
    this.expect('{', hint);
    const body: Statement[] = [];
    for (;;) {
      const token = this.tryPeek();
      if (token === undefined) continue;
      if (this.accept('}')) return body;
      if (token.kind === 'end' || this.isItemStart()) this.#abandon(open);
      if (this.accept(';')) continue;
      const before = this.scanner.lastEnd;
      try {
        body.push(this.statement());
      } catch (error) {
        if (error === enough || error === itemStart) throw error;
        this.report(error);
        this.#skipStatement(before);
      }
    }
  }

  /** A block without its `}`: everything up to the next item is over. */
  #abandon(open: Span): never {
    const { line } = lineOf(this.text, open.start);
    try {
      this.refuse(`Expected }, found ${this.describe()}.`, `the { of line ${line} has no }.`);
    } catch (error) {
      this.report(error);
    }
    throw itemStart;
  }

  statement(): Statement {
    const token = this.peek();
    if (token.kind === 'operator' && token.operator === '{') {
      return this.nested(token, () => {
        const body = this.block('');
        return { kind: 'block', body, start: token.start, end: this.scanner.lastEnd };
      });
    }
    if (token.kind === 'name') {
      switch (token.name) {
        case 'if':
        case 'while':
        case 'for':
        case 'foreach':
          return this.nested(token, () => this.#compound(token));
        case 'break':
        case 'continue':
        case 'next':
          this.advance();
          return this.#finish({ kind: token.name, start: token.start, end: token.end });
        case 'throw':
          return this.#finish(this.#throw(token.start));
        case 'delete':
          this.advance();
          return this.#finish({
            kind: 'delete',
            target: this.#lvalue(),
            start: token.start,
            end: this.scanner.lastEnd,
          });
        default:
      }
    }
    return this.#finish(this.#simple());
  }

  #compound(token: WordToken): Statement {
    this.advance();
    const { name, start } = token;
    const until = (): { start: number; end: number } => ({ start, end: this.scanner.lastEnd });
    switch (name) {
      case 'if': {
        const condition = this.inParentheses(() => this.expression());
        const whenTrue = this.#body();
        const whenFalse = this.acceptWord('else') ? this.#body() : undefined;
        return { kind: 'if', condition, whenTrue, whenFalse, ...until() };
      }
      case 'while': {
        const condition = this.inParentheses(() => this.expression());
        return { kind: 'while', condition, body: this.#body(), ...until() };
      }
      case 'for': {
        const parts = this.inParentheses(() => this.#forParts());
        return { kind: 'for', ...parts, body: this.#body(), ...until() };
      }
      default: {
        const parts = this.inParentheses(() => this.#foreachParts());
        return { kind: 'foreach', ...parts, body: this.#body(), ...until() };
      }
    }
  }

  /** The statement below an `if` or a loop. */
  #body(): Statement {
    const { start, end } = this.peek();
    if (this.accept(';')) return { kind: 'block', body: [], start, end };
    return this.statement();
  }

  #forParts(): {
    readonly first: Statement | undefined;
    readonly condition: Node | undefined;
    readonly step: Statement | undefined;
  } {
    const hint = 'write for (i = 0; i < 10; i++) { … }.';
    const first = this.isNext(';') ? undefined : this.#simple();
    this.expect(';', hint);
    const condition = this.isNext(';') ? undefined : this.expression();
    this.expect(';', hint);
    const step = this.isNext(')') ? undefined : this.#simple();
    return { first, condition, step };
  }

  #foreachParts(): {
    readonly names: readonly NameNode[];
    readonly map: NameNode;
    readonly order: 'none' | 'ascending' | 'descending';
    readonly limit: Node | undefined;
  } {
    const hint = 'write foreach (port in sizes- limit 5) { … }.';
    const names: NameNode[] = [];
    if (this.accept('[')) {
      do names.push(this.#mapName());
      while (this.accept(','));
      this.expect(']', 'write foreach ([host, port] in sizes) { … }.');
    } else names.push(this.#mapName());
    if (!this.acceptWord('in')) this.refuse(`Expected in, found ${this.describe()}.`, hint);
    const map = this.#mapName();
    const order = this.accept('-') ? 'descending' : this.accept('+') ? 'ascending' : 'none';
    const limit = this.acceptWord('limit') ? this.expression() : undefined;
    return { names, map, order, limit };
  }

  #throw(start: number): Statement {
    this.advance();
    if (!this.acceptWord('event')) {
      this.refuse(`Expected event, found ${this.describe()}.`, 'write throw event NAME;');
    }
    const { text: event, ...eventSpan } = this.eventName();
    const fields: ThrowField[] = [];
    if (this.accept('{')) {
      while (!this.isNext('}')) {
        fields.push(this.#throwField());
        if (!this.accept(',')) break;
      }
      this.expect('}', 'a payload reads: { len = $len, peer = remoteAddress }.');
    }
    return { kind: 'throw', event, eventSpan, fields, start, end: this.scanner.lastEnd };
  }

  #throwField(): ThrowField {
    const { name, ...nameSpan } = this.takeName('a field', 'write { len = $len }.');
    this.expect('=', `write ${name} = VALUE.`);
    const value = this.expression();
    const { start, end } = nameSpan;
    return { name, nameSpan: { start, end }, value, start, end: this.scanner.lastEnd };
  }

  /** An assignment or a call, without what ends it. */
  #simple(): Statement {
    const token = this.peek();
    if (token.kind !== 'name' && token.kind !== 'field') return this.#refuseStatement(token);
    if (token.kind === 'name') {
      if (token.name === 'else') this.refuse('There is no if for this else.', 'write if (…) … else …'); // prettier-ignore
      if (isReserved(token.name)) return this.#refuseStatement(token);
      this.advance();
      if (this.accept('(')) {
        const call = this.call(token.name, token.start);
        if (call.kind === 'call') return { kind: 'call', call, start: call.start, end: call.end };
      }
    }
    const target = this.#target(token);
    const found = this.scanner.takeRaw(assignment);
    if (found === undefined) return this.#refuseAfter(token);
    const { start } = token;
    if (found.text === '++' || found.text === '--') {
      return { kind: 'step', target, by: found.text === '++' ? 1 : -1, start, end: found.end };
    }
    const value = this.expression();
    const operator = found.text as AssignOperator;
    return { kind: 'assign', target, operator, value, start, end: this.scanner.lastEnd };
  }

  /** The left side that a word starts; a bare word has been taken. */
  #target(token: WordToken): Lvalue {
    if (token.kind === 'field') return this.#lvalue();
    const { name, start, end } = token;
    const word: NameNode = this.admit({ kind: 'name', name, start, end });
    return this.isNext('[') ? this.#entry(word) : word;
  }

  #refuseStatement(token: Token): never {
    const hint =
      token.kind === 'name' && ['global', 'event', 'probe'].includes(token.name)
        ? `${token.name} stands outside of probes.`
        : this.isNext('+') || this.isNext('-')
          ? 'write n++ or n--, with the name first.'
          : 'a statement is an assignment, a call, if, while, for, foreach, throw event, delete, next, break or continue.';
    return this.refuse(`Expected a statement, found ${this.describe()}.`, hint);
  }

  #refuseAfter({ name }: WordToken): never {
    const foreign = Object.hasOwn(foreignWords, name) ? foreignWords[name] : undefined;
    const near = nearest(name, keywords);
    return this.refuse(
      `Expected = or another assignment after ${name}, found ${this.describe()}.`,
      foreign ??
        (this.isNext('=~') || this.isNext('==')
          ? 'a comparison is no statement: write = to assign, or if (…) to test.'
          : near === undefined || near === name
            ? 'a statement reads: n = 1, n++, sizes[port] <<< len or printf(…).'
            : `did you mean ${near}?`),
    );
  }

  /** A simple statement ends at `;` or before `}`. */
  #finish(statement: Statement): Statement {
    if (this.accept(';') || this.isNext('}')) return statement;
    // What is missing there is the } of the block.
    if (this.peek().kind === 'end' || this.isItemStart()) return statement;
    const message = `Expected ; or }, found ${this.describe()}.`;
    if (!this.scanner.isFirstOnLine())
      return this.refuse(message, this.isNext('=') ? 'write == to compare.' : `end the statement with ;${this.#isElseNext() ? ', also before else' : ''}`); // prettier-ignore
    // On a line of its own another statement has begun: only the ; is missing, where this one ends.
    const { lastEnd } = this.scanner;
    const span = { start: lastEnd, end: lastEnd };
    this.report(
      new Refusal({ code: 'EE_SCRIPT_SYNTAX', message, hint: 'end the statement with ;', span }),
    );
    return statement;
  }

  #isElseNext(): boolean {
    const token = this.peek();
    return token.kind === 'name' && token.name === 'else';
  }

  // ---- Recovery

  /** `( … )`; when what is inside has an error, the parser goes on behind the `)`. */
  protected inParentheses<T>(parse: () => T): T {
    this.expect('(', 'it stands in parentheses: ( … ).');
    try {
      const parsed = parse();
      this.expect(')', 'every ( needs its ).');
      return parsed;
    } catch (error) {
      if (error === enough || error === itemStart || !this.#skipToParenthesis()) throw error;
      this.report(error);
      // Nobody sees what stands here: a probe with errors is no part of the program.
      return undefined as T;
    }
  }

  /** Goes behind the `)` of what was opened; false when it is not there. */
  #skipToParenthesis(): boolean {
    let depth = 0;
    for (;;) {
      const token = this.tryPeek();
      if (token === undefined) continue;
      if (token.kind === 'end' || this.isNext('{') || this.isNext('}')) return false;
      if (this.isNext('(')) depth++;
      if (this.accept(')')) {
        if (depth === 0) return true;
        depth--;
        continue;
      }
      this.advance();
    }
  }

  /** Goes behind the `;` or the block of a statement with an error, or before the `}` around it. */
  #skipStatement(before: number): void {
    let depth = 0;
    const isStuck = this.scanner.lastEnd === before && !this.#endsStatement();
    // A block is passed by as a whole.
    if (isStuck && this.tryPeek() !== undefined && !this.isNext('{')) this.advance();
    for (;;) {
      const token = this.tryPeek();
      if (token === undefined) continue;
      if (token.kind === 'end' || this.isItemStart()) return;
      if (depth === 0 && this.isNext('}')) return;
      if (depth === 0 && this.accept(';')) return;
      if (depth === 0 && this.scanner.isFirstOnLine() && startsStatement(token)) return;
      if (this.isNext('{')) depth++;
      if (this.accept('}')) {
        depth--;
        if (depth === 0 && !this.#isElse()) return;
        continue;
      }
      this.advance();
    }
  }

  #endsStatement(): boolean {
    const token = this.tryPeek();
    return token?.kind === 'end' || (token !== undefined && (this.isNext('}') || this.isNext(';')));
  }

  #isElse(): boolean {
    const token = this.tryPeek();
    return token?.kind === 'name' && token.name === 'else';
  }

  /** Does an item start here, at the start of a line, where a statement was expected? */
  protected isItemStart(): boolean {
    const token = this.peek();
    if (token.kind !== 'name' || !this.scanner.isFirstOnLine()) return false;
    return token.name === 'probe' || token.name === 'global';
  }

  /** The next token; undefined when it is none, which is complained about. */
  protected tryPeek(): Token | undefined {
    try {
      return this.peek();
    } catch (error) {
      this.report(error);
      return undefined;
    }
  }

  protected skipToken(): void {
    if (this.tryPeek() !== undefined) this.advance();
  }

  protected get problemCount(): number {
    return this.#list.count;
  }

  protected report(error: unknown): void {
    this.#list.add(this.#file, complaintOf(error));
  }

  // ---- Tokens

  protected acceptWord(word: string): boolean {
    const token = this.peek();
    const isNext = token.kind === 'name' && token.name === word;
    if (isNext) this.advance();
    return isNext;
  }

  protected takeName(what: string, hint: string): WordToken {
    const token = this.peek();
    if (token.kind !== 'name') return this.refuse(`Expected ${what}, found ${this.describe()}.`, hint); // prettier-ignore
    this.advance();
    return token;
  }

  /** Literals outside of expressions. */
  protected checkString({ unknownEscape }: StringToken): void {
    if (unknownEscape === undefined) return;
    const sequence = this.text.slice(unknownEscape.start, unknownEscape.end);
    const hint = String.raw`write \\ for a backslash.`;
    refuse('EE_SCRIPT_SYNTAX', `Strings have no escape ${sequence}.`, hint, unknownEscape);
  }
}

function startsStatement(token: Token): boolean {
  return token.kind === 'name' && token.name !== 'else' && token.name !== 'in';
}

function lineOf(text: string, offset: number): { readonly line: number } {
  return { line: text.slice(0, offset).split(/\r\n|[\n\r]/).length };
}
