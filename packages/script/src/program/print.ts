import { binaryLevels } from '../expression/ast.ts';
import { Printer, primaryLevel } from '../expression/print.ts';
import type { Printed } from '../expression/print.ts';
import type { Node, OtherNode } from './ast.ts';

const printer = new Printer<OtherNode>(printOther);

/** The canonical text of an expression of a script. */
export function print(node: Node): string {
  return printer.print(node);
}

function printOther(node: Node): Printed | undefined {
  if (node.kind === 'name') return { text: node.name, level: primaryLevel };
  if (node.kind === 'entry') {
    return { text: `${node.map.name}[${list(node.keys)}]`, level: primaryLevel };
  }
  if (node.kind === 'has') {
    const [key, ...more] = node.keys;
    const level = binaryLevels['<'];
    const isOne = key !== undefined && more.length === 0;
    const keys = isOne ? printer.print(key, level) : `[${list(node.keys)}]`;
    return { text: `${keys} in ${node.map.name}`, level };
  }
  if (node.kind !== 'statistic') return undefined;
  const parts = [print(node.target), ...node.parameters.map(print)];
  return { text: `@${node.statistic}(${parts.join(', ')})`, level: primaryLevel };
}

function list(nodes: readonly Node[]): string {
  return nodes.map(print).join(', ');
}
