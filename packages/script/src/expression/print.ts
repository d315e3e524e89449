import { binaryLevels } from './ast.ts';
import type { FieldNode, Node } from './ast.ts';

const conditionalLevel = 0;
const unaryLevel = 11;

/**
 * The canonical text of a tree: one blank around operators, as few parentheses as possible, double
 * quotes, decimal numbers, fields without `$`. Parsing it gives the same tree.
 */
export function printExpression(node: Node): string {
  return print(node, conditionalLevel);
}

/** Prints a node where operators of at least `level` may stand without parentheses. */
function print(node: Node, level: number): string {
  const text = printBare(node);
  return levelOf(node) < level ? `(${text})` : text;
}

function levelOf(node: Node): number {
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
      return unaryLevel + 1;
  }
}

function printBare(node: Node): string {
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
      return `${node.name}(${node.operands.map((n) => print(n, conditionalLevel)).join(', ')})`;
    case 'unary':
      return printUnary(node.operator, node.operand);
    case 'binary': {
      const level = binaryLevels[node.operator];
      return `${print(node.left, level)} ${node.operator} ${print(node.right, level + 1)}`;
    }
    case 'logical': {
      const level = binaryLevels[node.operator];
      return node.operands.map((n) => print(n, level + 1)).join(` ${node.operator} `);
    }
    case 'match': {
      const subject = print(node.subject, binaryLevels[node.operator]);
      // A pattern has only the escapes of the backslash and of quotes; the others belong to it.
      return `${subject} ${node.operator} "${node.pattern.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
    }
    case 'conditional':
    default: {
      const condition = print(node.condition, conditionalLevel + 1);
      const [yes, no] = [node.whenTrue, node.whenFalse].map((n) => print(n, conditionalLevel));
      return `${condition} ? ${yes} : ${no}`;
    }
  }
}

function printUnary(operator: string, operand: Node): string {
  const text = print(operand, unaryLevel);
  // `!~` would be read as one operator.
  return operator === '!' && text.startsWith('~') ? `!(${text})` : operator + text;
}

function printField({ name }: FieldNode): string {
  return name === 'true' || name === 'false' ? `$${name}` : name;
}

function printFloat(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function printString(value: string): string {
  const escaped = value.replaceAll(/["\\\p{Cc}\p{Cs}\u2028\u2029]/gu, (c) =>
    c === '"' || c === '\\' ? `\\${c}` : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}
