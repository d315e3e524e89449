import type { EventTypeDescriptor } from '@extension-events/core';
import type { BinaryNode, CallNode, FieldNode, MatchNode, Node, UnaryNode } from './ast.ts';
import { isBitOperator, isComparison } from './check-operators.ts';
import type { CheckedNode, ValueType } from './checked.ts';
import { ExpressionError } from './errors.ts';
import type { ExpressionErrorCode } from './errors.ts';
import type { Span } from './excerpt.ts';
import { functionNames, functions, presentUsage } from './functions.ts';
import type { FunctionSignature, Parameter } from './functions.ts';
import { nearest } from './nearest.ts';
import { printExpression } from './print.ts';
import type { RegexProblem } from './regex.ts';

const typeWords: Readonly<Record<ValueType, string>> = {
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

/** The words of every refusal of the checker; each method throws. */
export class Complaints {
  readonly #text: string;
  readonly #descriptor: EventTypeDescriptor;

  constructor(text: string, descriptor: EventTypeDescriptor) {
    this.#text = text;
    this.#descriptor = descriptor;
  }

  unknownField(node: FieldNode): never {
    const { name: eventName, fields } = this.#descriptor;
    const known = Object.keys(fields).toSorted();
    const near = nearest(node.name, known) ?? callOf(node.name);
    const listed = known.slice(0, maxListedFields).join(', ');
    const more =
      known.length > maxListedFields ? ` and ${known.length - maxListedFields} more` : '';
    const list = known.length === 0 ? `${eventName} has no fields.` : `Fields: ${listed}${more}.`;
    this.#fail(
      'EE_EXPR_FIELD',
      `${eventName} has no field '${clip(node.name)}'.`,
      near === undefined ? `${list} Text needs quotes.` : `did you mean ${near}? ${list}`,
      node,
    );
  }

  unknownFunction(node: CallNode): never {
    const near = nearest(node.name, functionNames);
    const guess = near === undefined ? '' : `did you mean ${near}()? `;
    this.#fail(
      'EE_EXPR_FUNCTION',
      `There is no function ${clip(node.name)}().`,
      `${guess}Functions: ${functionNames.join(', ')}.`,
      { start: node.start, end: node.start + node.name.length },
    );
  }

  argumentCount(node: CallNode, { usage, parameters, required }: FunctionSignature): never {
    const most = parameters.length;
    const wanted = required === undefined ? String(most) : `${required} or ${most}`;
    const noun = wanted === '1' ? 'argument' : 'arguments';
    const found = node.operands.length;
    const message = `${node.name}() takes ${wanted} ${noun}, and ${found} ${found === 1 ? 'is' : 'are'} given.`;
    this.#fail('EE_EXPR_TYPE', message, `write ${usage}.`, node);
  }

  argument(call: CallNode, operand: Node, parameter: Parameter, type: ValueType): never {
    if (parameter === 'whole' && type === 'float') this.needsWhole(operand, `${call.name}()`);
    const message = `${call.name}() takes ${parameterWords[parameter]} here, and this is ${typeWords[type]}.`;
    const usage = functions[call.name]?.usage ?? call.name;
    this.#fail('EE_EXPR_TYPE', message, `write ${usage}.`, operand);
  }

  presentTakesField(node: CallNode): never {
    const message = 'present() takes the name of one field.';
    this.#fail('EE_EXPR_TYPE', message, `write ${presentUsage}.`, node);
  }

  /** `who` is an operator, or the words `A predicate`. */
  needsBool(node: Node, type: ValueType, who: string): never {
    this.#fail(
      'EE_EXPR_TYPE',
      `${who} needs a bool, and this is ${typeWords[type]}.`,
      boolHint(node, type),
      node,
    );
  }

  needsWhole(node: Node, who: string): never {
    const message = `${who} takes whole numbers, and this may have a fraction.`;
    this.#fail('EE_EXPR_TYPE', message, 'round it down with floor().', node);
  }

  unary(node: UnaryNode, type: ValueType): never {
    const message = `${node.operator} takes a number, and this is ${typeWords[type]}.`;
    this.#fail('EE_EXPR_TYPE', message, `use ! for the opposite of a bool.`, node.operand);
  }

  binary(node: BinaryNode, left: CheckedNode, right: CheckedNode): never {
    const { operator } = node;
    if (isBitOperator(operator) && isNumeric(left) && isNumeric(right)) {
      this.needsWhole(left.type === 'float' ? node.left : node.right, operator);
    }
    const [a, b] = [typeWords[left.type], typeWords[right.type]];
    const message = `${operator} does not take ${a}${a === b ? ' twice' : ` and ${b}`}.`;
    this.#fail('EE_EXPR_TYPE', message, binaryHint(node, left, right), node);
  }

  branches(node: Node, whenTrue: ValueType, whenFalse: ValueType): never {
    const message = `The two values of a conditional are ${typeWords[whenTrue]} and ${typeWords[whenFalse]}.`;
    this.#fail('EE_EXPR_TYPE', message, 'give both the same type.', node);
  }

  matchNeedsString(node: MatchNode, type: ValueType): never {
    const message = `${node.operator} takes a string on its left, and this is ${typeWords[type]}.`;
    this.#fail('EE_EXPR_TYPE', message, 'compare numbers with == < and their like.', node.subject);
  }

  regex(node: MatchNode, problem: RegexProblem): never {
    const hint = problem.startsWith('is not valid')
      ? 'the syntax is that of JavaScript with the flag u.'
      : 'use a class such as [ab]*, drop the inner repetition, or use contains() and starts_with().';
    this.#fail('EE_EXPR_REGEX', `The regular expression ${problem}.`, hint, node.patternSpan);
  }

  #fail(code: ExpressionErrorCode, message: string, hint: string, { start, end }: Span): never {
    throw new ExpressionError(code, message, hint, this.#text, { start, end });
  }
}

function binaryHint(node: BinaryNode, left: CheckedNode, right: CheckedNode): string {
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

function boolHint(node: Node, type: ValueType): string {
  if (type === 'bytes') return 'write len(…) != 0.';
  const { start, end } = node;
  const nothing: Node =
    type === 'string'
      ? { kind: 'string', value: '', start, end }
      : { kind: 'integer', value: 0, start, end };
  const text = printExpression({
    kind: 'binary',
    operator: '!=',
    left: node,
    right: nothing,
    start,
    end,
  });
  return text.length > 60 ? 'compare it, as in len != 0.' : `did you mean ${text}?`;
}

function callOf(name: string): string | undefined {
  return functionNames.includes(name) ? `${name}()` : undefined;
}

function isNumeric(node: CheckedNode): boolean {
  return typeWords[node.type] === 'a number';
}

function clip(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}…` : name;
}
