import { binaryLevels } from './ast.ts';
import type { BaseNode, FieldNode, Node } from './ast.ts';

const conditionalLevel = 0;
const unaryLevel = 11;
/** Values that never need parentheses. */
export const primaryLevel = 12;

/**
 * The canonical text of a tree: one blank around operators, as few parentheses as possible, double
 * quotes, decimal numbers, fields without `$`. Parsing it gives the same tree.
 */
export function printExpression(node: Node): string {
  return new Printer().print(node);
}

/** How a node that only a larger language has is printed. */
export interface Printed {
  readonly text: string;
  readonly level: number;
}

/** Prints trees; a larger language says how its own nodes are printed. */
export class Printer<X extends { readonly kind: string } = never> {
  readonly #printOther: ((node: Node<X>) => Printed | undefined) | undefined;

  constructor(printOther?: (node: Node<X>) => Printed | undefined) {
    this.#printOther = printOther;
  }

  /** The text of a node where operators of at least `level` may stand without parentheses. */
  print(node: Node<X>, level: number = conditionalLevel): string {
    const { text, level: own } = this.#printOther?.(node) ?? this.#printBase(node as BaseNode<X>);
    return own < level ? `(${text})` : text;
  }

  #printBase(node: BaseNode<X>): Printed {
    return { text: this.#printBare(node), level: levelOf(node) };
  }

  #printBare(node: BaseNode<X>): string {
    switch (node.kind) {
      case 'integer':
      case 'boolean':
        return String(node.value);
      case 'float':
        return printFloat(node.value);
      case 'string':
        return printString(node.value);
      case 'field':
        return printField(node);
      case 'call':
        return `${node.name}(${node.operands.map((n) => this.print(n, conditionalLevel)).join(', ')})`;
      case 'unary':
        return this.#printUnary(node.operator, node.operand);
      case 'binary': {
        const level = binaryLevels[node.operator];
        return `${this.print(node.left, level)} ${node.operator} ${this.print(node.right, level + 1)}`;
      }
      case 'logical': {
        const level = binaryLevels[node.operator];
        return node.operands.map((n) => this.print(n, level + 1)).join(` ${node.operator} `);
      }
      case 'match': {
        const subject = this.print(node.subject, binaryLevels[node.operator]);
        // A pattern has only the escapes of the backslash and of quotes; the others belong to it.
        return `${subject} ${node.operator} "${node.pattern.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
      }
      case 'conditional':
      default: {
        const condition = this.print(node.condition, conditionalLevel + 1);
        const [yes, no] = [node.whenTrue, node.whenFalse].map((n) =>
          this.print(n, conditionalLevel),
        );
        return `${condition} ? ${yes} : ${no}`;
      }
    }
  }

  #printUnary(operator: string, operand: Node<X>): string {
    const text = this.print(operand, unaryLevel);
    // `!~` would be read as one operator.
    return operator === '!' && text.startsWith('~') ? `!(${text})` : operator + text;
  }
}

function levelOf<X>(node: BaseNode<X>): number {
  switch (node.kind) {
    case 'conditional':
      return conditionalLevel;
    case 'binary':
    case 'logical':
    case 'match':
      return binaryLevels[node.operator];
    case 'unary':
      return unaryLevel;
    case 'integer':
    case 'float':
    case 'string':
    case 'boolean':
    case 'field':
    case 'call':
    default:
      return primaryLevel;
  }
}

function printField({ name }: FieldNode): string {
  return name === 'true' || name === 'false' ? `$${name}` : name;
}

function printFloat(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** A string literal in double quotes. */
export function printString(value: string): string {
  const escaped = value.replaceAll(/["\\\p{Cc}\p{Cs}\u2028\u2029]/gu, (c) =>
    c === '"' || c === '\\' ? `\\${c}` : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}
