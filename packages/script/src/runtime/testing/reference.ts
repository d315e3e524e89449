/**
 * The language, slowly and plainly: one thread, state in one map for each global, statistics as the
 * list of their values. What generated code, shares and merging do must come to the same. Arithmetic
 * and functions of values are those of the runtime; they have tests of their own.
 */
import type { FieldType } from '@extension-events/core';
import { operations } from '../../expression/operations.ts';
import { helpers } from '../../expression/helpers.ts';
import type { CheckedBody, CheckedEvent, CheckedStatement, Globals, ScriptNode, Statistic } from '../../program/checked.ts'; // prettier-ignore
import type { RuntimeFunction } from '../../program/functions.ts';
import type { ScriptBudget } from '../../program/wire.ts';
import { formatText } from '../format.ts';
import { runtimeFunctions } from '../functions.ts';
import { drawLinear, drawLog2 } from '../histogram.ts';

type Value = number | bigint | string | boolean | Uint8Array | undefined;
type Scalar = number | string | boolean;
type Payload = Readonly<Record<string, unknown>>;

/** One probe of the program, for one event. */
export interface ReferenceProbe {
  readonly event: string;
  readonly name: string;
  readonly body: CheckedBody;
}

/** An entry of a global: a value, or the list of values of statistics. */
export interface ReferenceEntry {
  readonly parts: readonly Scalar[];
  value: Scalar;
  readonly values: number[];
}

const nowhere = { pid: process.pid, tid: 0, threadId: 0, threadName: '', timestampNs: 0, eventName: '' }; // prettier-ignore

/** A script went over its budget: which part of it. */
export class ReferenceStop extends Error {}

class Next extends Error {}
class Break extends Error {}
class Continue extends Error {}

/** Runs events through a program. */
export class Reference {
  readonly globals: readonly Map<string, ReferenceEntry>[];
  readonly thrown: { readonly event: string; readonly payload: Payload }[] = [];
  readonly printed: string[] = [];
  matched = 0;
  hasExited = false;
  stopped: string | undefined;
  readonly #probes: readonly ReferenceProbe[];
  readonly #declared: Globals;
  readonly #events: readonly CheckedEvent[];
  readonly #budget: ScriptBudget;
  #nesting = 0;

  constructor(
    probes: readonly ReferenceProbe[],
    globals: Globals,
    events: readonly CheckedEvent[],
    budget: ScriptBudget,
  ) {
    this.#probes = probes;
    this.#declared = globals;
    this.#events = events;
    this.#budget = budget;
    this.globals = globals.map(({ initial }) => {
      const map = new Map<string, ReferenceEntry>();
      if (initial !== undefined) map.set('[]', { parts: [], value: initial, values: [] });
      return map;
    });
  }

  /** The program posts an event. */
  post(event: string, payload: Payload): void {
    try {
      this.#deliver(event, payload);
    } catch (error) {
      if (!(error instanceof ReferenceStop)) throw error;
      this.stopped = error.message;
    }
  }

  #deliver(event: string, payload: Payload): void {
    for (const probe of this.#probes) {
      if (this.hasExited || this.stopped !== undefined) return;
      if (probe.event === event) this.#run(probe, payload);
    }
  }

  #run({ body, name }: ReferenceProbe, payload: Payload): void {
    const locals = body.locals.map((type) => ({ number: 0, string: '', bool: false })[type]);
    const frame = new Frame(payload, name, locals, this.#budget.statementsPerHit);
    const isMatch = body.condition === undefined || this.#value(body.condition, frame) === true;
    if (!isMatch) return;
    try {
      this.#block(body.statements, frame);
    } catch (error) {
      if (!(error instanceof Next)) throw error;
    }
    this.matched++;
  }

  // ---- Statements

  #block(statements: readonly CheckedStatement[], frame: Frame): void {
    for (const statement of statements) this.#statement(statement, frame);
  }

  #statement(statement: CheckedStatement, frame: Frame): void {
    switch (statement.kind) {
      case 'if': {
        const { condition, otherwise, then } = statement;
        this.#block(this.#value(condition, frame) === true ? then : otherwise, frame);
        break;
      }
      case 'loop': {
        const { body, condition, step } = statement;
        while (this.#value(condition, frame) === true) {
          frame.spend(1 + count(body) + count(step));
          if (!this.#iteration(body, frame)) break;
          this.#block(step, frame);
        }
        break;
      }
      case 'foreach': {
        const { body, global, limit, locals, order } = statement;
        const most = limit === undefined ? Infinity : this.#value(limit, frame);
        if (most === undefined) break;
        const entries = [...this.#map(global).values()];
        frame.spend(entries.length);
        const rank = (entry: ReferenceEntry): Scalar =>
          this.#declared[global]?.value === 'stats' ? entry.values.length : entry.value;
        const sign = order === 'descending' ? -1 : 1;
        if (order !== 'none') entries.sort((a, b) => sign * compare(rank(a), rank(b)));
        const wanted = Number(most) > 0 ? Math.trunc(Number(most)) : 0;
        for (const { parts } of entries.slice(0, wanted)) {
          frame.spend(1 + count(body));
          locals.forEach((local, index) => (frame.locals[local] = parts[index] as Scalar));
          if (!this.#iteration(body, frame)) break;
        }
        break;
      }
      case 'break':
        throw new Break();
      case 'continue':
        throw new Continue();
      case 'next':
        throw new Next();
      case 'exit':
        this.hasExited = true;
        break;
      case 'set-local': {
        const value = this.#value(statement.value, frame);
        if (value !== undefined) frame.locals[statement.local] = scalar(value);
        break;
      }
      case 'set-global':
      case 'add':
      case 'aggregate': {
        const values = this.#values([...statement.keys, statement.value], frame);
        if (values === undefined) break;
        const value = scalar(values.pop());
        this.#write(statement.kind, statement.global, values.map(scalar), value);
        break;
      }
      case 'delete': {
        const map = this.#map(statement.global);
        if (statement.keys === undefined) map.clear();
        else {
          const parts = this.#values(statement.keys, frame);
          if (parts !== undefined) map.delete(keyOf(parts.map(scalar)));
        }
        break;
      }
      case 'throw':
        this.#throw(statement, frame);
        break;
      case 'print': {
        frame.spend(10);
        const text = this.#value(statement.text, frame);
        if (text !== undefined) this.printed.push(text as string);
        break;
      }
      default:
        statement satisfies never;
    }
  }

  /** False after a `break`. */
  #iteration(body: readonly CheckedStatement[], frame: Frame): boolean {
    try {
      this.#block(body, frame);
      return true;
    } catch (error) {
      if (error instanceof Continue) return true;
      if (error instanceof Break) return false;
      throw error;
    }
  }

  #write(
    kind: 'set-global' | 'add' | 'aggregate',
    global: number,
    parts: readonly Scalar[],
    value: Scalar,
  ): void {
    // prettier-ignore
    if (kind === 'aggregate' && !Number.isFinite(value)) return;
    const map = this.#map(global);
    const key = keyOf(parts);
    let entry = map.get(key);
    if (entry === undefined) {
      if (map.size >= this.#budget.entriesPerMap) throw new ReferenceStop('map entries');
      entry = { parts, value: this.#empty(global), values: [] };
      map.set(key, entry);
    }
    if (kind === 'set-global') entry.value = value;
    else if (kind === 'add') entry.value = Number(entry.value) + Number(value);
    else entry.values.push(Number(value));
  }

  #throw({ event, fields }: CheckedStatement & { readonly kind: 'throw' }, frame: Frame): void {
    const declared = this.#events[event];
    if (declared === undefined) return;
    const isOptional = (name: string): boolean => declared.fields[name]?.optional === true;
    const payload: Record<string, unknown> = {};
    const needed = fields.filter(({ name }) => !isOptional(name));
    const values = this.#values(needed.map(({ value }) => value), frame); // prettier-ignore
    if (values === undefined) return;
    const put = (name: string, value: Value): void =>
      define(payload, name, cutDown(declared.fields[name]?.type ?? 'string', value));
    needed.forEach(({ name }, index) => put(name, values[index]));
    for (const { name, value } of fields) {
      if (!isOptional(name)) continue;
      const given = this.#value(value, frame);
      if (given !== undefined) put(name, given);
    }
    if (this.#nesting >= this.#budget.nesting) throw new ReferenceStop('nesting of thrown events');
    this.#nesting++;
    try {
      this.#deliver(declared.name, payload);
    } finally {
      this.#nesting--;
      this.thrown.push({ event: declared.name, payload });
    }
  }

  // ---- Values

  #value(node: ScriptNode, frame: Frame): Value {
    switch (node.kind) {
      case 'constant':
        return node.value;
      case 'field':
        return frame.field(node.name);
      case 'present':
        return frame.field(node.name) !== undefined;
      case 'context':
        return nowhere[node.property];
      case 'not':
        return this.#value(node.operand, frame) !== true;
      case 'all':
        return node.operands.every((operand) => this.#value(operand, frame) === true);
      case 'any':
        return node.operands.some((operand) => this.#value(operand, frame) === true);
      case 'choice':
        return this.#value(node.condition, frame) === true
          ? this.#value(node.whenTrue, frame)
          : this.#value(node.whenFalse, frame);
      case 'match': {
        const subject = this.#value(node.subject, frame);
        if (subject === undefined) return false;
        return node.regex.test(helpers.clip(subject as string)) !== node.isNegated;
      }
      case 'operation': {
        const values = this.#values(node.operands, frame);
        if (values === undefined) return node.type === 'bool' ? false : undefined;
        const run = operations[node.operation].run as (...operands: readonly Value[]) => Value;
        return this.#checked(run(...values));
      }
      case 'local':
        return frame.locals[node.local];
      case 'global': {
        const parts = this.#values(node.keys, frame);
        if (parts === undefined) return undefined;
        return this.#map(node.global).get(keyOf(parts.map(scalar)))?.value ?? this.#empty(node.global); // prettier-ignore
      }
      case 'has': {
        const parts = this.#values(node.keys, frame);
        return parts !== undefined && this.#map(node.global).has(keyOf(parts.map(scalar)));
      }
      case 'entries':
        return this.#map(node.global).size;
      case 'statistic': {
        const parts = this.#values(node.keys, frame);
        if (parts === undefined) return undefined;
        const { values = [] } = this.#map(node.global).get(keyOf(parts.map(scalar))) ?? {};
        return this.#checked(statisticOf(node.statistic, values, node.buckets));
      }
      case 'stack':
        frame.spend(100);
        return '';
      case 'probe-name':
        return frame.name;
      case 'format': {
        const operands = node.operands.map((operand) => this.#value(operand, frame));
        return this.#checked(formatText(node.parts, operands as never[]));
      }
      case 'function': {
        const values = this.#values(node.operands, frame);
        if (values === undefined) return undefined;
        const where = { textLimit: this.#budget.stringLength, wallMs: () => 0, failText };
        return this.#checked(runtimeFunctions[node.name as RuntimeFunction](where, nowhere, ...(values as never[]))); // prettier-ignore
      }
      case 'group': {
        const subject = this.#value(node.subject, frame);
        if (subject === undefined) return undefined;
        return node.regex.exec(helpers.clip(subject as string))?.[node.group];
      }
      default:
        return node satisfies never;
    }
  }

  /** Those that may be absent come first; undefined when one is. */
  #values(nodes: readonly ScriptNode[], frame: Frame): Value[] | undefined {
    const values: Value[] = nodes.map(() => undefined);
    for (const isOptional of [true, false]) {
      for (const [index, node] of nodes.entries()) {
        if (node.isOptional !== isOptional) continue;
        values[index] = this.#value(node, frame);
        if (values[index] === undefined) return undefined;
      }
    }
    return values;
  }

  #checked(value: Value): Value {
    if (typeof value === 'string' && value.length > this.#budget.stringLength) failText();
    return value;
  }

  #map(global: number): Map<string, ReferenceEntry> {
    return this.globals[global] ?? new Map<string, ReferenceEntry>();
  }

  #empty(global: number): Scalar {
    const { value } = this.#declared[global] ?? {};
    return value === 'string' ? '' : value === 'bool' ? false : 0;
  }
}

/** One run of a probe. */
class Frame {
  readonly name: string;
  readonly locals: Scalar[];
  readonly #payload: Payload;
  #left: number;

  constructor(payload: Payload, name: string, locals: Scalar[], statements: number) {
    this.#payload = payload;
    this.name = name;
    this.locals = locals;
    this.#left = statements;
  }

  field(name: string): Value {
    const value = Object.hasOwn(this.#payload, name) ? this.#payload[name] : undefined;
    return typeof value === 'string' ? value.slice(0, 1024) : (value as Value);
  }

  spend(statements: number): void {
    this.#left -= statements;
    if (this.#left < 0) throw new ReferenceStop('statements per hit');
  }
}

function failText(): never {
  throw new ReferenceStop('string length');
}

/** Statements of a list, those of an `if` with it, those of a loop without. */
function count(statements: readonly CheckedStatement[]): number {
  return statements.reduce((sum, each) => sum + 1 + (each.kind === 'if' ? count(each.then) + count(each.otherwise) : 0), 0); // prettier-ignore
}

function scalar(value: Value): Scalar {
  return typeof value === 'bigint' ? Number(value) : (value as Scalar);
}

/** A text for the parts of a key that no other parts have. */
export function keyOf(parts: readonly Scalar[]): string {
  return JSON.stringify(parts.map(String));
}

function compare(a: Scalar, b: Scalar): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a < b ? -1 : a > b ? 1 : 0;
}

function statisticOf(
  name: Statistic,
  values: readonly number[],
  buckets: { readonly low: number; readonly high: number; readonly step: number } | undefined,
): Value {
  const sum = values.reduce((a, b) => a + b, 0);
  switch (name) {
    case 'count':
      return values.length;
    case 'sum':
      return sum;
    case 'avg':
      return values.length === 0 ? undefined : sum / values.length;
    case 'min':
      return values.length === 0 ? undefined : Math.min(...values);
    case 'max':
      return values.length === 0 ? undefined : Math.max(...values);
    case 'hist':
      return drawLog2(tally(values, 66, (bucket) => log2Range(bucket)));
    case 'lhist':
    default: {
      if (buckets === undefined) return '';
      const { high, low, step } = buckets;
      const inner = Math.ceil((high - low) / step);
      return drawLinear(
        tally(values, inner + 2, (bucket) => {
          if (bucket === 0) return [-Infinity, low];
          return bucket > inner ? [high, Infinity] : [low + (bucket - 1) * step, Math.min(high, low + bucket * step)]; // prettier-ignore
        }),
        buckets,
      );
    }
  }
}

function log2Range(bucket: number): readonly [number, number] {
  if (bucket === 0) return [-Infinity, 0];
  if (bucket === 1) return [0, 1];
  return [2 ** (bucket - 2), bucket === 65 ? Infinity : 2 ** (bucket - 1)];
}

function tally(
  values: readonly number[],
  length: number,
  range: (bucket: number) => readonly [number, number],
): number[] {
  return Array.from({ length }, (_, bucket) => {
    const [low, high] = range(bucket);
    return values.filter((value) => value >= low && value < high).length;
  });
}

function define(payload: object, name: string, value: unknown): void {
  Object.defineProperty(payload, name, { value, enumerable: true, writable: true, configurable: true }); // prettier-ignore
}

/** A number as a field holds it: without its fraction, and the nearest that there is. */
function cutDown(type: FieldType, value: Value): Value {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value;
  const [, sign, bits] = /^([ui])(\d+)$/.exec(type) ?? [];
  if (bits === undefined) return Number(value);
  const low = sign === 'u' ? 0n : -(2n ** BigInt(Number(bits) - 1));
  const high = 2n ** BigInt(Number(bits) - (sign === 'u' ? 0 : 1)) - 1n;
  const cut = whole(value, low, high);
  const nearest = cut < low ? low : cut > high ? high : cut;
  return bits === '64' ? nearest : Number(nearest);
}

function whole(value: number | bigint, low: bigint, high: bigint): bigint {
  if (typeof value === 'bigint') return value;
  if (Number.isNaN(value)) return 0n;
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : value > 0 ? high : low;
}
