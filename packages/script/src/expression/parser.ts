import { binaryLevels } from './ast.ts';
import type {
  BinaryOperator,
  FieldNode,
  LogicalNode,
  MatchNode,
  MatchOperator,
  Node,
} from './ast.ts';
import { childrenOf } from './ast.ts';
import { ExpressionError } from './errors.ts';
import type { ExpressionErrorCode } from './errors.ts';
import type { Span } from './excerpt.ts';
import { tokenize } from './lexer.ts';
import type { Token, WordToken } from './lexer.ts';
import { expressionLimits } from './limits.ts';
import type { Expression } from './types.ts';

const shellHint =
  'write a condition such as len == 13; in a shell put it in single quotes, or leave out the $.';
const words: Readonly<Record<string, string>> = { and: '&&', or: '||', not: '!' };

/**
 * Parses a text.
 *
 * @throws ExpressionError `EE_EXPR_SYNTAX`, `EE_EXPR_LIMIT`
 */
export function parseExpression(text: string): Expression {
  return { text, root: new Parser(text).parse() };
}

/** Recursive descent for nesting, precedence climbing for operators. */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #depths = new Map<Node, number>();
  #next = 0;
  #nesting = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  parse(): Node {
    if (this.#peek().kind === 'end') return this.#refuse('The text is empty.', shellHint);
    const root = this.#conditional();
    const rest = this.#peek();
    if (rest.kind !== 'end') return this.#refuseRest(rest);
    return root;
  }

  #conditional(): Node {
    const condition = this.#binary(1);
    if (!this.#accept('?')) return condition;
    return this.#nested(condition, () => {
      const whenTrue = this.#conditional();
      this.#expect(':', 'a conditional reads: condition ? value : other value.');
      const whenFalse = this.#conditional();
      const span = { start: condition.start, end: whenFalse.end };
      return this.#admit({ kind: 'conditional', condition, whenTrue, whenFalse, ...span });
    });
  }

  #binary(minimumLevel: number): Node {
    let left = this.#unary();
    // The chain of && or || that this loop is building; one in parentheses is a value of its own.
    let chain: LogicalNode | undefined;
    for (;;) {
      const operator = this.#binaryOperator();
      if (operator === undefined || binaryLevels[operator] < minimumLevel) return left;
      this.#next++;
      if (operator === '=~' || operator === '!~') {
        left = this.#match(operator, left);
        continue;
      }
      const right = this.#binary(binaryLevels[operator] + 1);
      if (operator === '&&' || operator === '||') {
        const operands =
          chain !== undefined && chain === left && chain.operator === operator
            ? [...chain.operands, right]
            : [left, right];
        chain = { kind: 'logical', operator, operands, start: left.start, end: right.end };
        left = this.#admit(chain);
      } else {
        left = this.#admit(binary(operator, left, right));
      }
    }
  }

  #match(operator: MatchOperator, subject: Node): MatchNode {
    const token = this.#peek();
    if (token.kind !== 'string') {
      return this.#refuse(
        `The right side of ${operator} must be a string literal.`,
        String.raw`write the regular expression in quotes: peer =~ "^10\.".`,
      );
    }
    this.#next++;
    const { pattern, start, end } = token;
    const patternSpan = { start, end };
    return this.#admit({
      kind: 'match',
      operator,
      subject,
      pattern,
      patternSpan,
      start: subject.start,
      end,
    });
  }

  #unary(): Node {
    const token = this.#peek();
    if (token.kind !== 'operator') return this.#primary();
    const { operator, start } = token;
    if (operator !== '!' && operator !== '-' && operator !== '~') return this.#primary();
    this.#next++;
    return this.#nested(token, () => {
      const operand = this.#unary();
      return this.#admit({ kind: 'unary', operator, operand, start, end: operand.end });
    });
  }

  #primary(): Node {
    const token = this.#peek();
    if (token.kind === 'operator' && token.operator === '(') return this.#parenthesized(token);
    if (token.kind === 'end' || token.kind === 'operator') return this.#refuseValue();
    this.#next++;
    const { start, end } = token;
    switch (token.kind) {
      case 'integer':
        return this.#admit({ kind: 'integer', value: token.value, start, end });
      case 'float':
        return this.#admit({ kind: 'float', value: Number(token.value), start, end });
      case 'string':
        if (token.unknownEscape !== undefined) return this.#refuseEscape(token.unknownEscape);
        return this.#admit({ kind: 'string', value: token.value, start, end });
      case 'field':
        return this.#admit({ kind: 'field', name: token.name, start, end });
      case 'name':
      default:
        return this.#word(token);
    }
  }

  #word({ name, start, end }: WordToken): Node {
    if (this.#accept('(')) return this.#call(name, start);
    if (name === 'true' || name === 'false') {
      return this.#admit({ kind: 'boolean', value: name === 'true', start, end });
    }
    const field: FieldNode = { kind: 'field', name, start, end };
    return this.#admit(field);
  }

  #call(name: string, start: number): Node {
    return this.#nested({ start, end: start + name.length }, () => {
      const operands: Node[] = [];
      if (!this.#isNext(')')) {
        do operands.push(this.#conditional());
        while (this.#accept(','));
      }
      const end = this.#expect(')', 'separate arguments by commas and close the list.');
      return this.#admit({ kind: 'call', name, operands, start, end });
    });
  }

  #parenthesized(open: Span): Node {
    this.#next++;
    return this.#nested(open, () => {
      const inner = this.#conditional();
      const end = this.#expect(')', 'every ( needs its ).');
      // The same node, only wider: errors underline the parentheses too.
      return this.#admit({ ...inner, start: open.start, end });
    });
  }

  /** Runs a recursive step; the nesting is bounded before the tree is, since ((((… builds no nodes. */
  #nested(span: Span, step: () => Node): Node {
    if (this.#nesting >= expressionLimits.maxDepth) this.#refuseDepth(span);
    this.#nesting++;
    const node = step();
    this.#nesting--;
    return node;
  }

  #admit<N extends Node>(node: N): N {
    let depth = 1;
    for (const child of childrenOf(node))
      depth = Math.max(depth, 1 + (this.#depths.get(child) ?? 0));
    if (depth > expressionLimits.maxDepth) this.#refuseDepth(node);
    this.#depths.set(node, depth);
    return node;
  }

  #peek(): Token {
    // The list ends in an `end` token, which is never taken.
    return (
      this.#tokens[this.#next] ?? { kind: 'end', start: this.#text.length, end: this.#text.length }
    );
  }

  #isNext(operator: string): boolean {
    const token = this.#peek();
    return token.kind === 'operator' && token.operator === operator;
  }

  #accept(operator: string): boolean {
    const isNext = this.#isNext(operator);
    if (isNext) this.#next++;
    return isNext;
  }

  #expect(operator: string, hint: string): number {
    const { end } = this.#peek();
    if (this.#accept(operator)) return end;
    return this.#refuse(`Expected ${operator}, found ${this.#describe()}.`, hint);
  }

  #binaryOperator(): keyof typeof binaryLevels | undefined {
    const token = this.#peek();
    if (token.kind !== 'operator' || !Object.hasOwn(binaryLevels, token.operator)) return undefined;
    return token.operator as keyof typeof binaryLevels;
  }

  #describe(): string {
    const { kind, start, end } = this.#peek();
    return kind === 'end' ? 'the end of the text' : clip(this.#text.slice(start, end));
  }

  #refuseValue(): never {
    return this.#refuse(
      `Expected a value, found ${this.#describe()}.`,
      // A shell that knows no variable `len` turns `$len == 13` into ` == 13`.
      this.#next === 0
        ? shellHint
        : 'a value is a field, a number, a "string", true, false or a call.',
    );
  }

  #refuseRest(token: Token): never {
    const word =
      token.kind === 'name' && Object.hasOwn(words, token.name) ? words[token.name] : undefined;
    return this.#refuse(
      `Expected an operator or the end of the text, found ${this.#describe()}.`,
      word === undefined ? 'join conditions with && or ||.' : `write ${word} instead.`,
    );
  }

  #refuseEscape(span: Span): never {
    const sequence = this.#text.slice(span.start, span.end);
    return this.#fail(
      'EE_EXPR_SYNTAX',
      `Strings have no escape ${sequence}.`,
      String.raw`write \\ for a backslash; the others are \n \r \t \0 \" \' \x41 \u0041 \u{1f600}.`,
      span,
    );
  }

  #refuseDepth(span: Span): never {
    return this.#fail(
      'EE_EXPR_LIMIT',
      `The text is nested more than ${expressionLimits.maxDepth} levels deep here.`,
      'leave out parentheses that are not needed, or split long sums.',
      span,
    );
  }

  #refuse(message: string, hint: string): never {
    const { start, end } = this.#peek();
    return this.#fail('EE_EXPR_SYNTAX', message, hint, { start, end });
  }

  #fail(code: ExpressionErrorCode, message: string, hint: string, { start, end }: Span): never {
    throw new ExpressionError(code, message, hint, this.#text, { start, end });
  }
}

function binary(operator: BinaryOperator, left: Node, right: Node): Node {
  return { kind: 'binary', operator, left, right, start: left.start, end: right.end };
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
