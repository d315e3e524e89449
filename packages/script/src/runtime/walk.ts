/** Bodies without generated code, for processes that run with `--disallow-code-generation-from-strings`. */
import type { AnyPayload } from '@extension-events/core';
import { helpers } from '../expression/helpers.ts';
import { operations } from '../expression/operations.ts';
import type { RuntimeFunction } from '../program/functions.ts';
import type { CheckedBody, CheckedStatement, ScriptNode } from '../program/checked.ts';
import { stepCosts } from './budget.ts';
import type { Surface } from './compile.ts';
import type { BodyPlace } from './emit.ts';
import { fitter } from './fit.ts';
import { runtimeFunctions } from './functions.ts';
import { type EntryKey, makeKey } from './keys.ts';
import type { BodyContext, Run } from './machine.ts';
import { payloadTests, readPayload } from './payload.ts';
import type { Scalar, Store } from './store.ts';
import { fieldsOf, weigh } from './weigh.ts';

type Value = number | bigint | string | boolean | Uint8Array | undefined;
/** How a list of statements was left; undefined: at its end. */
type Way = 'break' | 'continue' | 'next' | undefined;

/** Makes a function that walks the tree of a body. */
export function walkBody(body: CheckedBody, place: BodyPlace, surface: Surface): Run {
  const { machine } = surface;
  const early = body.condition === undefined ? new Set<string>() : fieldsOf(body.condition);
  const zeros = { number: 0, string: '', bool: false };
  const run: Run = (payload, context) => {
    const { depth } = machine;
    machine.depth = depth + 1;
    try {
      const walker = new Walker(place, surface, context);
      for (const type of body.locals) walker.locals.push(zeros[type]);
      if (!walker.read(payload, (name) => early.has(name))) return false;
      if (body.condition !== undefined && walker.value(body.condition) !== true) return false;
      if (!walker.read(payload, (name) => !early.has(name))) return false;
      walker.block(body.statements);
      return true;
    } catch (error) {
      return machine.fail(error, place.label);
    } finally {
      machine.depth = depth;
    }
  };
  return (payload, context) =>
    --machine.left > 0 ? run(payload, context) : machine.time(run, payload, context);
}

/** One run of a body. */
class Walker {
  readonly locals: Scalar[] = [];
  readonly #fields: Record<string, Value> = Object.create(null) as Record<string, Value>;
  readonly #place: BodyPlace;
  readonly #surface: Surface;
  readonly #context: BodyContext;
  #left: number;

  constructor(place: BodyPlace, surface: Surface, context: BodyContext) {
    this.#place = place;
    this.#surface = surface;
    this.#context = context;
    this.#left = place.statements;
  }

  /** Reads fields; false when one does not fit. */
  read(payload: AnyPayload, isWanted: (name: string) => boolean): boolean {
    for (const field of this.#place.fields) {
      if (!isWanted(field.name)) continue;
      const value = readPayload(payload, field, this.#surface.machine.textLimit);
      if (value === null) return false;
      this.#fields[field.name] = value as Value;
    }
    return true;
  }

  value(node: ScriptNode): Value {
    const { machine } = this.#surface;
    switch (node.kind) {
      case 'constant':
        return node.value;
      case 'field':
        return this.#fields[node.name];
      case 'present':
        return this.#fields[node.name] !== undefined;
      case 'context':
        return this.#context[node.property];
      case 'not':
        return this.value(node.operand) !== true;
      case 'all':
        return node.operands.every((operand) => this.value(operand) === true);
      case 'any':
        return node.operands.some((operand) => this.value(operand) === true);
      case 'choice':
        return this.value(this.value(node.condition) === true ? node.whenTrue : node.whenFalse);
      case 'match': {
        const subject = this.value(node.subject);
        return subject !== undefined && node.regex.test(helpers.clip(subject as string)) !== node.isNegated; // prettier-ignore
      }
      case 'operation': {
        const values = this.#values(node.operands);
        if (values === undefined) return node.type === 'bool' ? false : undefined;
        if (node.operation === 'length' && node.operands[0]?.type === 'bytes') {
          return machine.byteLength(values[0] as Uint8Array);
        }
        const operate = operations[node.operation].run as (...operands: readonly Value[]) => Value;
        return this.#checked(operate(...values));
      }
      case 'local':
        return this.locals[node.local];
      case 'global': {
        const key = this.#key(node.keys);
        return key === undefined ? undefined : this.#store(node.global).get(key);
      }
      case 'has': {
        const key = this.#key(node.keys);
        return key !== undefined && this.#store(node.global).has(key);
      }
      case 'entries':
        return this.#store(node.global).size;
      case 'statistic': {
        const key = this.#key(node.keys);
        if (key === undefined) return undefined;
        return this.#checked(this.#store(node.global).statistic(node.statistic, key));
      }
      case 'stack':
        this.#spend(stepCosts.stack);
        return machine.stack(this.#context, node.depth, node.brought && (this.value(node.brought) as string | undefined)); // prettier-ignore
      case 'probe-name':
        return this.#place.label.name;
      case 'format':
        return machine.format(node.parts, node.operands.map((operand) => this.value(operand)) as never[]); // prettier-ignore
      case 'function': {
        const values = this.#values(node.operands);
        if (values === undefined) return undefined;
        return this.#checked(
          runtimeFunctions[node.name as RuntimeFunction](
            machine,
            this.#context,
            ...(values as never[]),
          ),
        );
      }
      case 'group': {
        const subject = this.value(node.subject);
        if (subject === undefined) return undefined;
        return machine.group(node.regex, node.group, helpers.clip(subject as string));
      }
      default:
        return node satisfies never;
    }
  }

  block(statements: readonly CheckedStatement[]): Way {
    for (const statement of statements) {
      const way = this.#run(statement);
      if (way !== undefined) return way;
    }
    return undefined;
  }

  #run(statement: CheckedStatement): Way {
    switch (statement.kind) {
      case 'if':
        return this.block(this.value(statement.condition) === true ? statement.then : statement.otherwise); // prettier-ignore
      case 'loop':
        while (this.value(statement.condition) === true) {
          this.#spend(weigh(statement.body) + weigh(statement.step) + 1);
          const way = this.block(statement.body);
          if (way === 'next') return way;
          if (way === 'break') break;
          this.block(statement.step);
        }
        return undefined;
      case 'foreach':
        return this.#foreach(statement);
      case 'break':
      case 'continue':
      case 'next':
        return statement.kind;
      case 'exit':
        this.#surface.machine.exit();
        return undefined;
      case 'set-local': {
        const value = this.value(statement.value);
        if (value !== undefined) this.locals[statement.local] = toScalar(value);
        return undefined;
      }
      case 'set-global':
      case 'add':
      case 'aggregate':
        this.#write(statement);
        return undefined;
      case 'delete': {
        const store = this.#store(statement.global);
        if (statement.keys === undefined) store.clear();
        else {
          const key = this.#key(statement.keys);
          if (key !== undefined) store.remove(key);
        }
        return undefined;
      }
      case 'throw':
        this.#throw(statement);
        return undefined;
      case 'print': {
        this.#spend(stepCosts.print);
        const text = this.value(statement.text);
        if (text !== undefined) this.#surface.machine.print(this.#context, text as string);
        return undefined;
      }
      default:
        return statement satisfies never;
    }
  }

  #foreach(statement: CheckedStatement & { readonly kind: 'foreach' }): Way {
    const { body, global, limit, locals, order } = statement;
    const most = limit === undefined ? Number.POSITIVE_INFINITY : this.value(limit);
    if (most === undefined) return undefined;
    const store = this.#store(global);
    this.#spend(store.size);
    for (const key of store.list(order, Number(most))) {
      this.#spend(weigh(body) + 1);
      const parts = this.#surface.machine.split(store.global, key);
      locals.forEach((local, index) => (this.locals[local] = parts[index] as Scalar));
      const way = this.block(body);
      if (way === 'next') return way;
      if (way === 'break') break;
    }
    return undefined;
  }

  #write(
    statement: CheckedStatement & { readonly kind: 'set-global' | 'add' | 'aggregate' },
  ): void {
    const values = this.#values([...statement.keys, statement.value]);
    if (values === undefined) return;
    const value = toScalar(values.pop());
    const key = makeKey(values.map(toScalar));
    const store = this.#store(statement.global);
    if (statement.kind === 'set-global') store.set(key, value);
    else store[statement.kind](key, value as number);
  }

  #throw({ event, fields }: CheckedStatement & { readonly kind: 'throw' }): void {
    const type = this.#surface.types[event];
    const declared = this.#surface.events[event]?.fields ?? {};
    if (type?.hasListeners !== true) return;
    const isOptional = (name: string): boolean => declared[name]?.optional === true;
    const needed = fields.filter(({ name }) => !isOptional(name));
    const values = this.#values(needed.map(({ value }) => value));
    if (values === undefined) return;
    const payload = {};
    const put = (name: string, value: Value): void =>
      payloadTests.put(payload, name, fitter(declared[name]?.type ?? 'string')(value as Scalar));
    needed.forEach(({ name }, index) => put(name, values[index]));
    for (const { name, value } of fields) {
      if (!isOptional(name)) continue;
      const given = this.value(value);
      if (given !== undefined) put(name, given);
    }
    this.#surface.machine.post(this.#context, type, payload);
  }

  /** Operands, those that may be absent first; undefined when one is. */
  #values(nodes: readonly ScriptNode[]): Value[] | undefined {
    const values: Value[] = [];
    for (const [index, node] of nodes.entries()) {
      if (!node.isOptional) continue;
      values[index] = this.value(node);
      if (values[index] === undefined) return undefined;
    }
    for (const [index, node] of nodes.entries())
      if (!node.isOptional) values[index] = this.value(node);
    return values;
  }

  #key(nodes: readonly ScriptNode[]): EntryKey | undefined {
    const values = this.#values(nodes);
    return values === undefined ? undefined : makeKey(values.map(toScalar));
  }

  #store(global: number): Store {
    return this.#surface.stores[global] as Store;
  }

  #checked(value: Value): Value {
    return typeof value === 'string' ? this.#surface.machine.text(value) : value;
  }

  #spend(statements: number): void {
    this.#left -= statements;
    if (this.#left < 0) this.#surface.machine.failFuel();
  }
}

/** Globals, locals and keys hold doubles. */
function toScalar(value: Value): Scalar {
  return typeof value === 'bigint' ? Number(value) : (value as Scalar);
}
