import type { CheckedNode, CheckedOperation } from './checked.ts';
import { helpers } from './helpers.ts';
import { operations } from './operations.ts';
import type { Predicate, ValueExpression } from './types.ts';

/** JavaScript for one checked tree. */
export interface Generated {
  /** An expression over `p` (payload), `c` (context), `h` (helpers), `k` (constants) and the temporaries. */
  readonly code: string;
  /** Names of variables that it assigns before it reads them. */
  readonly temporaries: readonly string[];
  /** What `k0`, `k1` … stand for. */
  readonly constants: readonly RegExp[];
}

let nextId = 1;

/**
 * Makes a function of a checked tree. Its source consists of the fixed templates of operations.ts
 * and of this file, of slot numbers, and of literals printed by {@link literal}; no part of the
 * user's text is copied into it.
 */
export function generatePredicate(root: CheckedNode): Predicate {
  // Nothing throws for a payload that satisfies its descriptor; others simply do not match.
  return make(root, 'predicate', 'false') as Predicate;
}

/** The same for a value: `undefined` when something that it needs is absent. */
export function generateValue(root: CheckedNode): ValueExpression {
  return make(root, 'value', 'undefined') as ValueExpression;
}

function make(root: CheckedNode, name: 'predicate' | 'value', otherwise: string): unknown {
  const { code, temporaries, constants } = generate(root);
  const source = [
    '"use strict";',
    ...constants.map((_, slot) => `const k${slot} = k[${slot}];`),
    `return function ${name}(p, c) {`,
    temporaries.length > 0 ? `let ${temporaries.join(', ')};` : '',
    `try { return ${code}; } catch { return ${otherwise}; }`,
    '};',
    // With a name the frames are known as ours; without, their url would be empty.
    `//# sourceURL=extension-events:expression/${nextId++}`,
  ].join('\n');
  // oxlint-disable-next-line typescript/no-implied-eval -- see above: templates, slots and literals
  const build = new Function('h', 'k', source) as (h: unknown, k: readonly RegExp[]) => unknown;
  return build(helpers, constants);
}

/** The code alone. */
export function generate(root: CheckedNode): Generated {
  const temporaries: string[] = [];
  const constants: RegExp[] = [];
  return { code: visit(root), temporaries, constants };

  function visit(node: CheckedNode): string {
    switch (node.kind) {
      case 'constant':
        return literal(node.value);
      case 'field':
        return read(node.name);
      case 'present':
        return `(${read(node.name)} !== undefined)`;
      case 'context':
        return `c.${node.property}`;
      case 'not':
        return `(!${visit(node.operand)})`;
      case 'all':
        return `(${node.operands.map(visit).join(' && ')})`;
      case 'any':
        return `(${node.operands.map(visit).join(' || ')})`;
      case 'choice':
        return `(${visit(node.condition)} ? ${visit(node.whenTrue)} : ${visit(node.whenFalse)})`;
      case 'match': {
        const slot = constants.push(node.regex) - 1;
        const template = `${node.isNegated ? '!' : ''}k${slot}.test(h.clip($0))`;
        return strict(template, [node.subject], 'false');
      }
      case 'operation':
      default:
        return operation(node);
    }
  }

  function operation(node: CheckedOperation): string {
    const { template } = operations[node.operation];
    return strict(template, node.operands, node.type === 'bool' ? 'false' : 'undefined');
  }

  /** Fills a template; when an operand is absent the value is `otherwise`. */
  function strict(template: string, operands: readonly CheckedNode[], otherwise: string): string {
    const tests: string[] = [];
    const names = operands.map((operand) => {
      const code = visit(operand);
      if (!operand.isOptional) return code;
      const name = `t${temporaries.length}`;
      temporaries.push(name);
      tests.push(`(${name} = ${code}) === undefined`);
      return name;
    });
    const filled = template.replaceAll(/\$(\d)/g, (_, index: string) => names[Number(index)] ?? '');
    return tests.length === 0 ? filled : `(${tests.join(' || ')} ? ${otherwise} : ${filled})`;
  }
}

/** Reads a field; one whose name every object inherits is read only as the payload's own. */
function read(name: string): string {
  return name in Object.prototype ? `h.own(p, ${literal(name)})` : `p[${literal(name)}]`;
}

/** A JavaScript literal; the two separators are line breaks in JavaScript's older grammar. */
function literal(value: number | bigint | string | boolean): string {
  if (typeof value === 'bigint') return `${value}n`;
  return JSON.stringify(value).replaceAll(
    /[\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16)}`,
  );
}
