import type { EventTypeDescriptor } from '@extension-events/core';
import type { BaseNode, BinaryOperator, Node } from './ast.ts';
import { isBitOperator, isComparison } from './check-operators.ts';
import type { Typed, ValueType } from './checked.ts';
import { ExpressionError } from './errors.ts';
import type { ExpressionErrorCode } from './errors.ts';
import type { Span } from './excerpt.ts';
import { functionNames, functions, presentUsage } from './functions.ts';
import type { Parameter, Usage } from './functions.ts';
import { nearest } from './nearest.ts';
import type { RegexProblem } from './regex.ts';

/** Types as messages name them. */
export const typeWords: Readonly<Record<ValueType, string>> = {
  bool: 'a bool',
  string: 'a string',
  bytes: 'bytes',
  int: 'a number',
  float: 'a number',
  big: 'a number',
};
const parameterWords: Readonly<Record<Parameter, string>> = {
  string: 'a string',
  number: 'a number',
  whole: 'a whole number',
  sized: 'a string or bytes',
};
const maxListedFields = 20;

/** A name in the text. */
type Named = Span & { readonly name: string };
/** What is said of an operand depends on its type alone. */
type OfType = Pick<Typed, 'type'>;
type Call = Named & { readonly operands: readonly unknown[] };
type Operation = Span & {
  readonly operator: BinaryOperator;
  readonly left: Span;
  readonly right: Span;
};
type Match = Span & {
  readonly operator: string;
  readonly subject: Span;
  readonly patternSpan: Span;
};

/** The words of every refusal of the checker; each method throws. */
export class Complaints<X extends Span = never> {
  readonly #text: string;
  readonly #print: (node: Node<X>) => string;

  /** @param print - canonical text, for the hints */
  constructor(text: string, print: (node: Node<X>) => string) {
    this.#text = text;
    this.#print = print;
  }

  unknownField(node: Named, { name: eventName, fields }: EventTypeDescriptor): never {
    const known = Object.keys(fields).toSorted();
    // What takes no values may well be meant.
    const isBare =
      Object.hasOwn(functions, node.name) && functions[node.name]?.parameters.length === 0;
    const near = nearest(node.name, known) ?? (isBare ? `${node.name}()` : undefined);
    const call = functionNames.includes(node.name) ? ` ${node.name}() is a function.` : '';
    const listed = known.slice(0, maxListedFields).join(', ');
    const more =
      known.length > maxListedFields ? ` and ${known.length - maxListedFields} more` : '';
    const list = known.length === 0 ? `${eventName} has no fields.` : `Fields: ${listed}${more}.`;
    this.#fail(
      'EE_EXPR_FIELD',
      `${eventName} has no field '${clip(node.name)}'.`,
      near === undefined
        ? `${list}${call === '' ? ' Text needs quotes.' : call}`
        : `did you mean ${near}? ${list}`,
      node,
    );
  }

  unknownFunction(node: Named, known: readonly string[] = functionNames): never {
    const near = nearest(node.name, known);
    const guess = near === undefined ? '' : `did you mean ${near}()? `;
    this.#fail(
      'EE_EXPR_FUNCTION',
      `There is no function ${clip(node.name)}().`,
      `${guess}Functions: ${known.join(', ')}.`,
      { start: node.start, end: node.start + node.name.length },
    );
  }

  argumentCount(node: Call, { usage, parameters, required }: Usage): never {
    const most = parameters.length;
    const wanted = required === undefined ? String(most) : `${required} or ${most}`;
    const noun = wanted === '1' ? 'argument' : 'arguments';
    const found = node.operands.length;
    const message = `${node.name}() takes ${wanted} ${noun}, and ${found} ${found === 1 ? 'is' : 'are'} given.`;
    this.#fail('EE_EXPR_TYPE', message, `write ${usage}.`, node);
  }

  argument(
    { name, usage }: Usage & { readonly name: string },
    operand: Span,
    parameter: Parameter,
    type: ValueType,
  ): never {
    if (parameter === 'whole' && type === 'float') this.needsWhole(operand, `${name}()`);
    const message = `${name}() takes ${parameterWords[parameter]} here, and this is ${typeWords[type]}.`;
    this.#fail('EE_EXPR_TYPE', message, `write ${usage}.`, operand);
  }

  presentTakesField(node: Span): never {
    const message = 'present() takes the name of one field.';
    this.#fail('EE_EXPR_TYPE', message, `write ${presentUsage}.`, node);
  }

  /** `who` is an operator, or the words `A predicate`. */
  needsBool(node: Node<X>, type: ValueType, who: string): never {
    this.#fail(
      'EE_EXPR_TYPE',
      `${who} needs a bool, and this is ${typeWords[type]}.`,
      this.#boolHint(node, type),
      node,
    );
  }

  needsWhole(node: Span, who: string): never {
    const message = `${who} takes whole numbers, and this may have a fraction.`;
    this.#fail('EE_EXPR_TYPE', message, 'round it down with floor().', node);
  }

  unary(
    node: Span & { readonly operator: string; readonly operand: Span },
    type: ValueType,
  ): never {
    const message = `${node.operator} takes a number, and this is ${typeWords[type]}.`;
    this.#fail('EE_EXPR_TYPE', message, `use ! for the opposite of a bool.`, node.operand);
  }

  binary(node: Operation, left: OfType, right: OfType): never {
    const { operator } = node;
    if (isBitOperator(operator) && isNumeric(left) && isNumeric(right)) {
      this.needsWhole(left.type === 'float' ? node.left : node.right, operator);
    }
    const [a, b] = [typeWords[left.type], typeWords[right.type]];
    const message = `${operator} does not take ${a}${a === b ? ' twice' : ` and ${b}`}.`;
    this.#fail('EE_EXPR_TYPE', message, binaryHint(node, left, right), node);
  }

  branches(node: Span, whenTrue: ValueType, whenFalse: ValueType): never {
    const message = `The two values of a conditional are ${typeWords[whenTrue]} and ${typeWords[whenFalse]}.`;
    this.#fail('EE_EXPR_TYPE', message, 'give both the same type.', node);
  }

  matchNeedsString(node: Match, type: ValueType): never {
    const message = `${node.operator} takes a string on its left, and this is ${typeWords[type]}.`;
    this.#fail('EE_EXPR_TYPE', message, 'compare numbers with == < and their like.', node.subject);
  }

  regex({ patternSpan }: Pick<Match, 'patternSpan'>, problem: RegexProblem): never {
    const hint = problem.startsWith('is not valid')
      ? 'the syntax is that of JavaScript with the flag u.'
      : 'use a class such as [ab]*, drop a repetition, begin with ^, or use contains() and starts_with().';
    this.#fail('EE_EXPR_REGEX', `The regular expression ${problem}.`, hint, patternSpan);
  }

  #boolHint(node: Node<X>, type: ValueType): string {
    if (type === 'bytes') return 'write len(…) != 0.';
    const { start, end } = node;
    const right: BaseNode<X> =
      type === 'string'
        ? { kind: 'string', value: '', start, end }
        : { kind: 'integer', value: 0, start, end };
    const text = this.#print({ kind: 'binary', operator: '!=', left: node, right, start, end });
    return text.length > 60 ? 'compare it, as in len != 0.' : `did you mean ${text}?`;
  }

  #fail(code: ExpressionErrorCode, message: string, hint: string, { start, end }: Span): never {
    throw new ExpressionError(code, message, hint, this.#text, { start, end });
  }
}

function binaryHint(node: Operation, left: OfType, right: OfType): string {
  const types = [left.type, right.type];
  if (types.includes('bytes')) return 'of bytes only the length can be read: len(…).';
  if (types.includes('bool')) {
    return isComparison(node.operator)
      ? 'join comparisons with &&.'
      : 'put parentheses around what belongs together.';
  }
  if (!types.includes('string')) return 'check the operands.';
  if (isNumeric(left) === isNumeric(right)) return 'strings can be joined with + and compared.';
  return 'a number is never turned into a string: quote both sides or neither.';
}

function isNumeric(node: OfType): boolean {
  return typeWords[node.type] === 'a number';
}

function clip(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}…` : name;
}
