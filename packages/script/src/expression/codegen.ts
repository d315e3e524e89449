import type {
  CheckedChoice,
  CheckedConstant,
  CheckedContext,
  CheckedField,
  CheckedLogical,
  CheckedMatch,
  CheckedNode,
  CheckedNot,
  CheckedOperation,
  CheckedPresent,
  Typed,
} from './checked.ts';
import { helpers } from './helpers.ts';
import { operations } from './operations.ts';
import type { Predicate, ValueExpression } from './types.ts';

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
  const build = new Function('h', 'k', source) as (h: unknown, k: readonly unknown[]) => unknown;
  return build(helpers, constants);
}

/** JavaScript for one checked tree. */
export interface Generated {
  /** An expression over `p` (payload), `c` (context), `h` (helpers), `k` (constants) and the temporaries. */
  readonly code: string;
  /** Names of variables that it assigns before it reads them. */
  readonly temporaries: readonly string[];
  /** What `k0`, `k1` … stand for. */
  readonly constants: readonly unknown[];
}

/** The code alone. */
export function generate(root: CheckedNode): Generated {
  const emitter = new PredicateEmitter();
  return { code: emitter.visit(root), temporaries: emitter.temporaries, constants: emitter.constants }; // prettier-ignore
}

/** Turns trees into expressions; `X` are the nodes that a larger language has beside these. */
export abstract class Emitter<X extends Typed & { readonly kind: string }> {
  readonly temporaries: string[] = [];
  readonly constants: unknown[] = [];

  protected abstract field(name: string): string;
  protected abstract other(node: X): string;

  visit(node: CheckedNode<X>): string {
    switch (node.kind) {
      case 'constant':
        return literal((node as CheckedConstant).value);
      case 'field':
        return this.field((node as CheckedField).name);
      case 'present':
        return `(${this.field((node as CheckedPresent).name)} !== undefined)`;
      case 'context':
        return `c.${(node as CheckedContext).property}`;
      case 'not':
        return `(!${this.visit((node as CheckedNot<X>).operand)})`;
      case 'all':
        return this.#join(node as CheckedLogical<X>, ' && ');
      case 'any':
        return this.#join(node as CheckedLogical<X>, ' || ');
      case 'choice': {
        const { condition, whenTrue, whenFalse } = node as CheckedChoice<X>;
        return `(${this.visit(condition)} ? ${this.visit(whenTrue)} : ${this.visit(whenFalse)})`;
      }
      case 'match': {
        const { regex, isNegated, subject } = node as CheckedMatch<X>;
        const template = `${isNegated ? '!' : ''}${this.constant(regex)}.test(h.clip($0))`;
        return this.strict(template, [subject], 'false');
      }
      case 'operation':
        return this.operation(node as CheckedOperation<X>);
      default:
        return this.other(node as X);
    }
  }

  protected operation({ operation, operands, type }: CheckedOperation<X>): string {
    const { template } = operations[operation];
    return this.strict(template, operands, type === 'bool' ? 'false' : 'undefined');
  }

  /** The name of a value that the code cannot spell out. */
  protected constant(value: unknown): string {
    return `k${this.constants.push(value) - 1}`;
  }

  /** Fills a template; when an operand is absent the value is `otherwise`. */
  protected strict(
    template: string,
    operands: readonly CheckedNode<X>[],
    otherwise: string,
  ): string {
    const { names, absence } = this.operands(operands);
    const filled = template.replaceAll(/\$(\d)/g, (_, index: string) => names[Number(index)] ?? '');
    return absence === '' ? filled : `(${absence} ? ${otherwise} : ${filled})`;
  }

  /**
   * The operands' code, and a test (or nothing) that is true when one is absent. It evaluates those
   * that may be absent, and must stand before the names.
   */
  protected operands(operands: readonly CheckedNode<X>[]): {
    readonly names: readonly string[];
    readonly absence: string;
  } {
    const tests: string[] = [];
    const names = operands.map((operand) => {
      const code = this.visit(operand);
      if (!operand.isOptional) return code;
      const name = `t${this.temporaries.length}`;
      this.temporaries.push(name);
      tests.push(`(${name} = ${code}) === undefined`);
      return name;
    });
    return { names, absence: tests.join(' || ') };
  }

  #join({ operands }: CheckedLogical<X>, operator: string): string {
    return `(${operands.map((operand) => this.visit(operand)).join(operator)})`;
  }
}

class PredicateEmitter extends Emitter<never> {
  protected field(name: string): string {
    return readField(name);
  }

  protected other(node: never): string {
    return node;
  }
}

/** Reads a field; one whose name every object inherits is read only as the payload's own. */
export function readField(name: string): string {
  return name in Object.prototype ? `h.own(p, ${literal(name)})` : `p[${literal(name)}]`;
}

/** A JavaScript literal; the two separators are line breaks in JavaScript's older grammar. */
export function literal(value: number | bigint | string | boolean): string {
  if (typeof value === 'bigint') return `${value}n`;
  // JSON knows no infinities and no NaN; and a minus must not meet another one.
  if (typeof value === 'number' && !(value >= 0 && value < Infinity)) return `(${value})`;
  return JSON.stringify(value).replaceAll(
    /[\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16)}`,
  );
}
