import { childrenOf } from './ast.ts';
import type { Node } from './ast.ts';
import { ExpressionGrammar } from './grammar.ts';
import { tokenize } from './lexer.ts';
import type { Token } from './lexer.ts';
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

/** A text that is one expression. */
class Parser extends ExpressionGrammar {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    super(text);
    this.#tokens = tokenize(text);
  }

  parse(): Node {
    if (this.peek().kind === 'end') return this.refuse('The text is empty.', shellHint);
    const root = this.expression();
    const rest = this.peek();
    if (rest.kind !== 'end') return this.#refuseRest(rest);
    return root;
  }

  protected override peek(): Token {
    // The list ends in an `end` token, which is never taken.
    return (
      this.#tokens[this.#next] ?? { kind: 'end', start: this.text.length, end: this.text.length }
    );
  }

  protected override advance(): void {
    this.#next++;
  }

  protected override childrenOf(node: Node): readonly Node[] {
    return childrenOf(node);
  }

  protected override valueHint(): string {
    // A shell that knows no variable `len` turns `$len == 13` into ` == 13`.
    return this.#next === 0
      ? shellHint
      : 'a value is a field, a number, a "string", true, false or a call.';
  }

  #refuseRest(token: Token): never {
    const word =
      token.kind === 'name' && Object.hasOwn(words, token.name) ? words[token.name] : undefined;
    return this.refuse(
      `Expected an operator or the end of the text, found ${this.describe()}.`,
      word === undefined ? 'join conditions with && or ||.' : `write ${word} instead.`,
    );
  }
}
