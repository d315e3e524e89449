import { binaryLevels } from './ast.ts';
import type { BaseNode, BinaryOperator, FieldNode, MatchNode, MatchOperator, Node } from './ast.ts';
import { ExpressionError } from './errors.ts';
import type { ExpressionErrorCode } from './errors.ts';
import type { Span } from './excerpt.ts';
import type { Token, WordToken } from './lexer.ts';
import { expressionLimits } from './limits.ts';

/** What a larger language adds to the tree. */
type Extra = Span & { readonly kind: string };

/**
 * The grammar of expressions: recursive descent for nesting, precedence climbing for operators. Where
 * the tokens come from is the subclass's affair, and scripts add values of their own through
 * {@link special}, {@link word} and {@link postfix}.
 */
export abstract class ExpressionGrammar<X extends Extra = never> {
  protected readonly text: string;
  // Depth of each node of the tree under construction.
  readonly #depths = new WeakMap<Node<X>, number>();
  #nesting = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The next token, which stays; the last is `end`. */
  protected abstract peek(): Token;
  /** Goes to the token after the next. */
  protected abstract advance(): void;
  /** Nodes below one that the subclass made. */
  protected abstract childrenOf(node: Node<X>): readonly Node<X>[];
  /** What to write where a value is missing. */
  protected abstract valueHint(): string;

  /** A value that starts with an operator which starts none here. */
  protected special(_token: Token): Node<X> | undefined {
    return undefined;
  }

  /** What a word that is no call stands for. */
  protected word({ name, start, end }: WordToken): Node<X> {
    const field: FieldNode = { kind: 'field', name, start, end };
    return this.admit(field);
  }

  /** An operator that only the larger language has, behind a value; it binds like a comparison. */
  protected postfix(_left: Node<X>): Node<X> | undefined {
    return undefined;
  }

  protected expression(): Node<X> {
    const condition = this.#binary(1);
    if (!this.accept('?')) return condition;
    return this.nested(condition, () => {
      const whenTrue = this.expression();
      this.expect(':', 'a conditional reads: condition ? value : other value.');
      const whenFalse = this.expression();
      const span = { start: condition.start, end: whenFalse.end };
      return this.admit({ kind: 'conditional', condition, whenTrue, whenFalse, ...span });
    });
  }

  #binary(minimumLevel: number): Node<X> {
    let left = this.#unary();
    for (;;) {
      const found = minimumLevel <= binaryLevels['<'] ? this.postfix(left) : undefined;
      if (found !== undefined) {
        left = found;
        continue;
      }
      const operator = this.#binaryOperator();
      if (operator === undefined || binaryLevels[operator] < minimumLevel) return left;
      this.advance();
      if (operator === '=~' || operator === '!~') {
        left = this.#match(operator, left);
        continue;
      }
      const above = binaryLevels[operator] + 1;
      const right = this.#binary(above);
      if (operator !== '&&' && operator !== '||') {
        left = this.admit(binary(operator, left, right));
        continue;
      }
      // One in parentheses is a value of its own: only what follows here joins the chain.
      const operands = [left, right];
      while (this.accept(operator)) operands.push(this.#binary(above));
      const { start } = left;
      const { end } = operands.at(-1) ?? right;
      left = this.admit({ kind: 'logical', operator, operands, start, end });
    }
  }

  #match(operator: MatchOperator, subject: Node<X>): MatchNode<X> {
    const token = this.peek();
    if (token.kind !== 'string') {
      return this.refuse(
        `The right side of ${operator} must be a string literal.`,
        String.raw`write the regular expression in quotes: peer =~ "^10\.".`,
      );
    }
    this.advance();
    const { pattern, start, end } = token;
    const patternSpan = { start, end };
    return this.admit({
      kind: 'match',
      operator,
      subject,
      pattern,
      patternSpan,
      start: subject.start,
      end,
    });
  }

  #unary(): Node<X> {
    const token = this.peek();
    if (token.kind !== 'operator') return this.#primary();
    const { operator, start } = token;
    if (operator !== '!' && operator !== '-' && operator !== '~') return this.#primary();
    this.advance();
    return this.nested(token, () => {
      const operand = this.#unary();
      return this.admit({ kind: 'unary', operator, operand, start, end: operand.end });
    });
  }

  #primary(): Node<X> {
    const token = this.peek();
    if (token.kind === 'operator' && token.operator === '(') return this.#parenthesized(token);
    if (token.kind === 'end' || token.kind === 'operator') {
      return this.special(token) ?? this.#refuseValue();
    }
    this.advance();
    const { start, end } = token;
    switch (token.kind) {
      case 'integer':
        return this.admit({ kind: 'integer', value: token.value, start, end });
      case 'float':
        return this.admit({ kind: 'float', value: Number(token.value), start, end });
      case 'string':
        if (token.unknownEscape !== undefined) return this.#refuseEscape(token.unknownEscape);
        return this.admit({ kind: 'string', value: token.value, start, end });
      case 'field':
        return this.admit({ kind: 'field', name: token.name, start, end });
      case 'name':
      default:
        return this.#word(token);
    }
  }

  #word(token: WordToken): Node<X> {
    const { name, start, end } = token;
    if (this.accept('(')) return this.call(name, start);
    if (name === 'true' || name === 'false') {
      return this.admit({ kind: 'boolean', value: name === 'true', start, end });
    }
    return this.word(token);
  }

  /** Arguments of a call whose `(` has been taken. */
  protected call(name: string, start: number): Node<X> {
    return this.nested({ start, end: start + name.length }, () => {
      const operands: Node<X>[] = [];
      if (!this.isNext(')')) {
        do operands.push(this.expression());
        while (this.accept(','));
      }
      const end = this.expect(')', 'separate arguments by commas and close the list.');
      return this.admit({ kind: 'call', name, operands, start, end });
    });
  }

  #parenthesized(open: Span): Node<X> {
    this.advance();
    return this.nested(open, () => {
      const inner = this.expression();
      const end = this.expect(')', 'every ( needs its ).');
      // The same node, only wider: errors underline the parentheses too.
      return this.admit({ ...inner, start: open.start, end });
    });
  }

  /** Runs a recursive step; the nesting is bounded before the tree is, since ((((… builds no nodes. */
  protected nested<T>(span: Span, step: () => T): T {
    if (this.#nesting >= expressionLimits.maxDepth) this.refuseDepth(span);
    this.#nesting++;
    try {
      return step();
    } finally {
      // A parser that recovers goes on after a refusal deep inside.
      this.#nesting--;
    }
  }

  /** Takes a node into the tree unless it makes it too deep. */
  protected admit<N extends Node<X>>(node: N): N {
    let depth = 1;
    for (const child of this.childrenOf(node)) {
      depth = Math.max(depth, 1 + (this.#depths.get(child) ?? 0));
    }
    if (depth > expressionLimits.maxDepth) this.refuseDepth(node);
    this.#depths.set(node, depth);
    return node;
  }

  protected isNext(operator: string): boolean {
    const token = this.peek();
    return token.kind === 'operator' && token.operator === operator;
  }

  protected accept(operator: string): boolean {
    const isNext = this.isNext(operator);
    if (isNext) this.advance();
    return isNext;
  }

  /** Takes an operator that must come now; tells where it ends. */
  protected expect(operator: string, hint: string): number {
    const { end } = this.peek();
    if (this.accept(operator)) return end;
    return this.refuse(`Expected ${operator}, found ${this.describe()}.`, hint);
  }

  #binaryOperator(): keyof typeof binaryLevels | undefined {
    const token = this.peek();
    if (token.kind !== 'operator' || !Object.hasOwn(binaryLevels, token.operator)) return undefined;
    return token.operator as keyof typeof binaryLevels;
  }

  /** The next token as a message names it. */
  protected describe(): string {
    const { kind, start, end } = this.peek();
    return kind === 'end' ? 'the end of the text' : clip(this.text.slice(start, end));
  }

  #refuseValue(): never {
    return this.refuse(`Expected a value, found ${this.describe()}.`, this.valueHint());
  }

  #refuseEscape(span: Span): never {
    const sequence = this.text.slice(span.start, span.end);
    return this.fail(
      'EE_EXPR_SYNTAX',
      `Strings have no escape ${sequence}.`,
      String.raw`write \\ for a backslash; the others are \n \r \t \0 \" \' \x41 \u0041 \u{1f600}.`,
      span,
    );
  }

  protected refuseDepth(span: Span): never {
    return this.fail(
      'EE_EXPR_LIMIT',
      `The text is nested more than ${expressionLimits.maxDepth} levels deep here.`,
      'leave out parentheses that are not needed, or split long sums.',
      span,
    );
  }

  /** Refuses the next token. */
  protected refuse(message: string, hint: string): never {
    const { start, end } = this.peek();
    return this.fail('EE_EXPR_SYNTAX', message, hint, { start, end });
  }

  protected fail(
    code: ExpressionErrorCode,
    message: string,
    hint: string,
    { start, end }: Span,
  ): never {
    throw new ExpressionError(code, message, hint, this.text, { start, end });
  }
}

function binary<X>(
  operator: BinaryOperator,
  left: Node<X> & Span,
  right: Node<X> & Span,
): BaseNode<X> {
  // prettier-ignore
  return { kind: 'binary', operator, left, right, start: left.start, end: right.end };
}

/** A piece of text as a message shows it. */
export function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
