/**
 * The code of a body. As in `expression/codegen.ts`, the source consists of fixed templates, slot
 * numbers and literals printed by `literal`; no part of the user's text is copied into it. The code
 * sees `p` (payload), `c` (context), `h` (helpers of expressions), `b` (tests of payloads), `r` (the
 * {@link Machine}), `l` (the label), and by number: `k` (constants), `g` (stores), `e` (events), `x` (functions).
 */
import type { FieldType } from '@extension-events/core';
import type { CheckedOperation } from '../expression/checked.ts';
import { Emitter, literal } from '../expression/codegen.ts';
import type { CheckedBody, CheckedEvent, CheckedStatement, ScriptNode, ScriptOnlyNode } from '../program/checked.ts'; // prettier-ignore
import { stepCosts } from './budget.ts';
import type { ProbeLabel } from './errors.ts';
import { fitter } from './fit.ts';
import { runtimeFunctions } from './functions.ts';
import { emitRead, type FieldToRead } from './payload.ts';
import { fieldsOf, weigh } from './weigh.ts';

/** What is known of a body beside its tree. */
export interface BodyPlace {
  readonly fields: readonly FieldToRead[];
  readonly label: ProbeLabel;
  readonly events: readonly CheckedEvent[];
  readonly statements: number;
}

export interface EmittedBody {
  /** Statements of a function of `p` and `c`. */
  readonly code: string;
  readonly constants: readonly unknown[];
}

/** Makes the code of one body. */
export function emitBody(body: CheckedBody, place: BodyPlace): EmittedBody {
  const emitter = new BodyEmitter(place);
  const code = emitter.body(body);
  return { code, constants: emitter.constants };
}

const zeros = { number: '0', string: '""', bool: 'false' } as const;

class BodyEmitter extends Emitter<ScriptOnlyNode> {
  readonly #place: BodyPlace;
  #loops = 0;
  #loop = 0;

  constructor(place: BodyPlace) {
    super();
    this.#place = place;
  }

  body({ condition, locals, statements }: CheckedBody): string {
    const { fields } = this.#place;
    const early = condition === undefined ? new Set<string>() : fieldsOf(condition);
    const reads = (isEarly: boolean): string[] =>
      fields.flatMap((field, index) =>
        early.has(field.name) === isEarly ? [emitRead(field, `f${index}`)] : [],
      );
    const test = condition === undefined ? [] : [`if (!${this.#truth(condition)}) return false;`];
    const code = [
      ...reads(true),
      ...test,
      ...reads(false),
      this.#block(statements),
      'return true;',
    ];
    const variables = [
      ...fields.map((_, index) => `f${index}`),
      ...locals.map((type, index) => `l${index} = ${zeros[type]}`),
      `q = ${this.#place.statements}`,
      ...this.temporaries,
    ];
    return `let ${variables.join(', ')};\n${code.join('\n')}`;
  }

  protected field(name: string): string {
    return `f${this.#place.fields.findIndex((field) => field.name === name)}`;
  }

  protected override operation(node: CheckedOperation<ScriptOnlyNode>): string {
    const { operation, operands, type } = node;
    if (operation === 'length' && operands[0]?.type === 'bytes') {
      return this.strict('r.byteLength($0)', operands, 'undefined');
    }
    const code = super.operation(node);
    const builds = type === 'string' && operation !== 'substring' && operation !== 'substringFrom';
    return builds ? this.#text(code, node.isOptional) : code;
  }

  protected other(node: ScriptOnlyNode): string {
    switch (node.kind) {
      case 'local':
        return `l${node.local}`;
      case 'global':
        return this.#entry(`g${node.global}.get($0)`, node.keys, 'undefined');
      case 'has':
        return this.#entry(`g${node.global}.has($0)`, node.keys, 'false');
      case 'entries':
        return `g${node.global}.size`;
      case 'statistic': {
        const template = `g${node.global}.statistic(${literal(node.statistic)}, $0)`;
        const code = this.#entry(template, node.keys, 'undefined');
        return node.type === 'string' ? this.#text(code, node.isOptional) : code;
      }
      case 'stack':
        return `((q -= ${stepCosts.stack}) < 0 ? r.failFuel() : r.stack(c, ${literal(node.depth)}${node.brought === undefined ? '' : `, ${this.visit(node.brought)}`}))`;
      case 'probe-name':
        return literal(this.#place.label.name);
      case 'format': {
        const operands = node.operands.map((operand) => this.visit(operand));
        return `r.format(${this.constant(node.parts)}, [${operands.join(', ')}])`;
      }
      case 'function':
        return this.#call(node.name, node.operands, node.type === 'string');
      case 'group': {
        const template = `r.group(${this.constant(node.regex)}, ${literal(node.group)}, h.clip($0))`;
        return this.strict(template, [node.subject], 'undefined');
      }
      default:
        return node satisfies never;
    }
  }

  #call(name: string, operands: readonly ScriptNode[], isText: boolean): string {
    if (!Object.hasOwn(runtimeFunctions, name)) throw new TypeError(`no function ${name}`);
    const slots = operands.map((_, index) => `, $${index}`).join('');
    const call = `x.${name}(r, c${slots})`;
    return this.strict(isText ? `r.text(${call})` : call, operands, 'undefined');
  }

  #text(code: string, isOptional: boolean): string {
    if (!isOptional) return `r.text(${code})`;
    const name = `t${this.temporaries.length}`;
    this.temporaries.push(name);
    return `((${name} = ${code}) === undefined ? undefined : r.text(${name}))`;
  }

  #truth(node: ScriptNode): string {
    return node.isOptional ? `(${this.visit(node)} === true)` : this.visit(node);
  }

  /** A template with the key of an entry for `$0`. */
  #entry(template: string, keys: readonly ScriptNode[], otherwise: string): string {
    const { names, absence } = this.operands(keys);
    const filled = template.replace('$0', () => key(keys, names));
    return absence === '' ? filled : `(${absence} ? ${otherwise} : ${filled})`;
  }

  /** A statement that does nothing when an operand is absent. */
  #guarded(operands: readonly ScriptNode[], make: (names: readonly string[]) => string): string {
    const { names, absence } = this.operands(operands);
    const code = make(names);
    return absence === '' ? code : `if (!(${absence})) { ${code} }`;
  }

  #block(statements: readonly CheckedStatement[]): string {
    return statements.map((statement) => this.#statement(statement)).join('\n');
  }

  #statement(statement: CheckedStatement): string {
    switch (statement.kind) {
      case 'if': {
        const { condition, otherwise, then } = statement;
        const rest = otherwise.length === 0 ? '' : ` else { ${this.#block(otherwise)} }`;
        return `if (${this.#truth(condition)}) { ${this.#block(then)} }${rest}`;
      }
      case 'loop':
        return this.#emitLoop(statement);
      case 'foreach':
        return this.#emitForeach(statement);
      case 'break':
        return `break o${this.#loop};`;
      case 'continue':
        return `break i${this.#loop};`;
      case 'next':
        return 'return true;';
      case 'exit':
        return 'r.exit();';
      case 'set-local':
        return this.#guarded(
          [statement.value],
          ([code = '']) => `l${statement.local} = ${stored(statement.value, code)};`,
        );
      case 'set-global':
        return this.#write('set', statement);
      case 'add':
        return this.#write('add', statement);
      case 'aggregate':
        return this.#write('aggregate', statement);
      case 'delete': {
        const { global, keys } = statement;
        if (keys === undefined) return `g${global}.clear();`;
        return this.#guarded(keys, (names) => `g${global}.remove(${key(keys, names)});`);
      }
      case 'throw':
        return this.#emitThrow(statement);
      case 'print': {
        const { text } = statement;
        const code = this.#guarded([text], ([name = '']) => `r.print(c, ${name});`);
        return `${this.#spend(stepCosts.print)} ${code}`;
      }
      default:
        return statement satisfies never;
    }
  }

  #write(
    method: 'add' | 'aggregate' | 'set',
    { global, keys, value }: { readonly global: number; readonly keys: readonly ScriptNode[]; readonly value: ScriptNode }, // prettier-ignore
  ): string {
    return this.#guarded(
      [...keys, value],
      (names) =>
        `g${global}.${method}(${key(keys, names)}, ${stored(value, names[keys.length] ?? '')});`,
    );
  }

  #spend(statements: number | string): string {
    return `if ((q -= ${statements}) < 0) r.failFuel();`;
  }

  #emitLoop(statement: CheckedStatement & { readonly kind: 'loop' }): string {
    const { body, condition, step } = statement;
    const test = `if (!${this.#truth(condition)}) break;`;
    const number = ++this.#loops;
    const inner = `i${number}: { ${this.#inLoop(number, body)} }`;
    return `o${number}: for (;;) { ${test} ${this.#spend(weigh(body) + weigh(step) + 1)} ${inner} ${this.#inLoop(number, step)} }`; // prettier-ignore
  }

  #emitForeach(statement: CheckedStatement & { readonly kind: 'foreach' }): string {
    const { body, global, limit, locals, order } = statement;
    const number = ++this.#loops;
    const [list, at, parts] = [`a${number}`, `n${number}`, `s${number}`];
    const bind =
      locals.length === 1
        ? `l${locals[0]} = ${list}[${at}];`
        : `const ${parts} = r.split(g${global}.global, ${list}[${at}]); ${locals.map((local, index) => `l${local} = ${parts}[${index}];`).join(' ')}`; // prettier-ignore
    const inner = `i${number}: { ${this.#inLoop(number, body)} }`;
    const walk = (most: string): string =>
      `${this.#spend(`g${global}.size`)} const ${list} = g${global}.list(${literal(order)}, ${most}); o${number}: for (let ${at} = 0; ${at} < ${list}.length; ${at}++) { ${this.#spend(weigh(body) + 1)} ${bind} ${inner} }`; // prettier-ignore
    if (limit === undefined) return `{ ${walk('Infinity')} }`;
    return `{ ${this.#guarded([limit], ([code = '0']) => walk(stored(limit, code)))} }`;
  }

  // Inside a loop, `break` and `continue` mean that one.
  #inLoop(number: number, statements: readonly CheckedStatement[]): string {
    const outer = this.#loop;
    this.#loop = number;
    const code = this.#block(statements);
    this.#loop = outer;
    return code;
  }

  #emitThrow({ event, fields }: CheckedStatement & { readonly kind: 'throw' }): string {
    const types = this.#place.events[event]?.fields ?? {};
    const isGiven = (name: string): boolean => types[name]?.optional !== true;
    const needed = fields.filter(({ name }) => isGiven(name));
    const others = fields.filter(({ name }) => !isGiven(name));
    const fit = (name: string, node: ScriptNode, code = ''): string =>
      this.#fit(types[name]?.type ?? 'string', node, code);
    const post = this.#guarded(
      needed.map(({ value }) => value),
      (names) => {
        const pairs = needed.map(
          ({ name, value }, index) => `${property(name)}: ${fit(name, value, names[index])}`,
        );
        const sets = others.map(({ name, value }) =>
          this.#guarded(
            [value],
            ([code]) => `b.put(y, ${literal(name)}, ${fit(name, value, code)});`,
          ),
        );
        return `const y = { ${pairs.join(', ')} }; ${sets.join(' ')} r.post(c, e${event}, y);`;
      },
    );
    return `if (e${event}.hasListeners) { ${post} }`;
  }

  /** Numbers are cut down to what a field holds, unless they come from one that holds the same. */
  #fit(type: FieldType, node: ScriptNode, code: string): string {
    if (type === 'string' || type === 'stack' || type === 'bool') return code;
    const isSame =
      node.kind === 'field' &&
      this.#place.fields.some((field) => field.name === node.name && field.type === type);
    return isSame ? code : `${this.constant(fitter(type))}(${code})`;
  }
}

/** The name of an own property in a literal; `__proto__` would not make one. */
function property(name: string): string {
  return name === '__proto__' ? `[${literal(name)}]` : literal(name);
}

/** The code of an entry's key. */
function key(keys: readonly ScriptNode[], names: readonly string[]): string {
  if (keys.length === 0) return '0';
  let code = stored(keys[keys.length - 1], names[keys.length - 1] ?? '');
  for (let i = keys.length - 2; i >= 0; i--) {
    code = `r.key(${stored(keys[i], names[i] ?? '')}, ${code})`;
  }
  return code;
}

/** Globals, locals and keys hold doubles. */
function stored(node: ScriptNode | undefined, code: string): string {
  return node?.type === 'big' ? `h.toFloat(${code})` : code;
}
