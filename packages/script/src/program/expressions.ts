import type { EventTypeDescriptor } from '@extension-events/core';
import type { FieldNode } from '../expression/ast.ts';
import { operate } from '../expression/checked.ts';
import { ExpressionChecker, typesOfFields } from '../expression/checker.ts';
import { Complaints, typeWords } from '../expression/complaints.ts';
import type { Span } from '../expression/excerpt.ts';
import type { Parameter } from '../expression/functions.ts';
import { clip } from '../expression/grammar.ts';
import { nearest } from '../expression/nearest.ts';
import { compileRegex } from '../expression/regex.ts';
import type { Call, EntryNode, HasNode, NameNode, Node, OtherNode, StatisticNode } from './ast.ts';
import type { CheckedGlobal, LinearBuckets, ScriptNode, ScriptOnlyNode } from './checked.ts';
import { parseFormat, takes } from './formats.ts';
import { scriptFunctions, statistics } from './functions.ts';
import type { ScriptFunction } from './functions.ts';
import { scriptLimits } from './limits.ts';
import { print } from './print.ts';
import { refuse, Silence } from './problems.ts';
import type { Scope, Local } from './scope.ts';
import { globalName, valueTypeOf } from './scope.ts';
import { categoryOf, store } from './values.ts';
import { refuseFunction } from './unknown-names.ts';
import type { SourceFile } from './wire.ts';

const usualFrames = 32;
const maxBuckets = 1000;

/** A global, and its index. */
export interface FoundGlobal {
  readonly index: number;
  readonly global: CheckedGlobal;
}

const nowhere: EventTypeDescriptor = { name: '', kind: 'filtered', description: '', fields: {} };

/** Checks the expressions of one body; a bare name is a local, a global or a field, in this order. */
export class ScriptChecker extends ExpressionChecker<OtherNode, ScriptOnlyNode> {
  /** Locals that exist so far. */
  readonly locals: Map<string, Local> = new Map<string, Local>();
  /** Locals whose value had an error: nothing more is said about them. */
  readonly broken: Set<string> = new Set<string>();
  readonly #scope: Scope;
  readonly #file: SourceFile;
  readonly #hasEvent: boolean;

  /** @param descriptor - undefined in begin, end and timer probes */
  constructor(scope: Scope, file: SourceFile, descriptor: EventTypeDescriptor | undefined) {
    super(descriptor ?? nowhere, new Complaints<OtherNode>(file.text, print));
    this.#scope = scope;
    this.#file = file;
    this.#hasEvent = descriptor !== undefined;
  }

  // ---- Names

  /** The global that a bare name is; undefined when it is none. */
  tryGlobal({ name }: NameNode): FoundGlobal | undefined {
    const index = this.#scope.globalIndexes.get(globalName(this.#file, name));
    const global = index === undefined ? undefined : this.#scope.globals[index];
    return index === undefined || global === undefined ? undefined : { index, global };
  }

  /** @throws Refusal when there is no such global */
  global(node: NameNode): FoundGlobal {
    const found = this.tryGlobal(node);
    if (found !== undefined) return this.#unambiguous(node, found);
    const near = nearest(node.name, this.#globalNames());
    const what = this.locals.has(node.name) ? 'a value of this probe alone' : this.isField(node.name) ? `a field of ${this.descriptor.name}` : undefined; // prettier-ignore
    const hint = what === undefined ? declareGlobal(clip(node.name)) : `${clip(node.name)} is ${what}: take another name for a map, and ${declareGlobal('NAME')}`; // prettier-ignore
    const isUnlike = what !== undefined || near === undefined;
    return refuse('EE_SCRIPT_NAME', `There is no global ${clip(node.name)}.`, isUnlike ? hint : `did you mean ${near}?`, node); // prettier-ignore
  }

  /** Does the event have this field? */
  isField(name: string): boolean {
    return Object.hasOwn(this.descriptor.fields, name);
  }

  #unambiguous(node: NameNode, found: FoundGlobal): FoundGlobal {
    if (!this.isField(node.name)) return found;
    const message = `${node.name} is a global, and ${this.descriptor.name} has a field of that name.`;
    return refuse('EE_SCRIPT_NAME', message, `write $${node.name} for the field, or rename the global.`, node); // prettier-ignore
  }

  #globalNames(): readonly string[] {
    const { library } = this.#file;
    const start = library === undefined ? '' : `${library}/`;
    return this.#scope.globals
      .map(({ name }) => name)
      .filter((name) => name.startsWith(start) && name.includes('/') === (library !== undefined))
      .map((name) => name.slice(start.length));
  }

  protected override other(node: Node): ScriptNode | undefined {
    if (node.kind === 'name') return this.#name(node);
    if (node.kind === 'entry') return this.#entry(node);
    if (node.kind === 'has') return this.#has(node);
    return node.kind === 'statistic' ? this.#statistic(node) : undefined;
  }

  #name(node: NameNode): ScriptNode {
    if (this.broken.has(node.name)) throw new Silence();
    const local = this.locals.get(node.name);
    if (local !== undefined) {
      const { index, type } = local;
      return { kind: 'local', local: index, type: valueTypeOf(type), isOptional: false };
    }
    const found = this.tryGlobal(node);
    if (found !== undefined) return this.#read(this.#unambiguous(node, found), [], node);
    return this.field({ kind: 'field', name: node.name, start: node.start, end: node.end });
  }

  protected override field(node: FieldNode): ScriptNode {
    if (this.#hasEvent && this.isField(node.name)) return super.field(node);
    const others = [...this.locals.keys(), ...this.#globalNames()];
    const near = nearest(node.name, others);
    if (!this.#hasEvent) {
      const hint = near === undefined ? 'a begin, end or timer probe has no fields: it reads globals and locals.' : `did you mean ${near}?`; // prettier-ignore
      return refuse('EE_SCRIPT_NAME', `There is no variable ${clip(node.name)} here.`, hint, node);
    }
    const { fields, name } = this.descriptor;
    if (near === undefined || nearest(node.name, Object.keys(fields)) !== undefined) {
      return this.complaints.unknownField(node, this.descriptor);
    }
    const message = `${name} has no field '${clip(node.name)}', and there is no variable of that name.`; // prettier-ignore
    return refuse('EE_SCRIPT_FIELD', message, `did you mean ${near}?`, node);
  }

  protected override fieldOf(node: Node | undefined): FieldNode | undefined {
    if (node?.kind === 'field') return node;
    if (node?.kind !== 'name') return undefined;
    const { name, start, end } = node;
    const isVariable = this.locals.has(name) || this.tryGlobal(node) !== undefined;
    return isVariable ? undefined : { kind: 'field', name, start, end };
  }

  // ---- Globals

  #entry(node: EntryNode): ScriptNode {
    const found = this.global(node.map);
    return this.#read(found, this.keys(found, node.keys, node), node);
  }

  #read({ index, global }: FoundGlobal, keys: readonly ScriptNode[], span: Span): ScriptNode {
    this.checkShape(global, keys.length, span);
    const { value, name } = global;
    if (value === 'stats') {
      const message = `${name} holds statistics.`;
      return refuse('EE_SCRIPT_TYPE', message, 'read them with @count(…), @sum, @avg, @min, @max or @hist.', span); // prettier-ignore
    }
    const isOptional = keys.some((key) => key.isOptional);
    return { kind: 'global', global: index, keys, type: valueTypeOf(value), isOptional };
  }

  /** @throws Refusal unless the global has this number of keys */
  checkShape({ name, keys }: CheckedGlobal, count: number, span: Span): void {
    if (keys.length === count) return;
    const shown = name.slice(name.indexOf('/') + 1);
    const message =
      keys.length === 0
        ? `${shown} is a single value, and no map.`
        : count === 0
          ? `${shown} is a map.`
          : `${shown} has ${keys.length} ${keys.length === 1 ? 'key' : 'keys'}, and here ${count === 1 ? 'is' : 'are'} ${count}.`;
    const hint =
      keys.length === 0
        ? `write ${shown} without [ ].`
        : `write ${shown}[${keys.map((_, i) => (keys.length === 1 ? 'key' : `key${i + 1}`)).join(', ')}].`;
    refuse('EE_SCRIPT_TYPE', message, hint, span);
  }

  /** Keys of an entry, as the map stores them. */
  keys({ global }: FoundGlobal, nodes: readonly Node[], span: Span): readonly ScriptNode[] {
    this.checkShape(global, nodes.length, span);
    return nodes.map((node, index) => {
      const key = this.check(node);
      const wanted = global.keys[index];
      const category = categoryOf(key);
      if (category === wanted) return store(key);
      const message = `A key of ${global.name} is a ${wanted} here, and this is ${typeWords[key.type]}.`; // prettier-ignore
      const hint = wanted === 'string' && category !== undefined ? 'write str(…) to make a string of it.' : 'use keys of one type for one map.'; // prettier-ignore
      return refuse('EE_SCRIPT_TYPE', message, hint, node);
    });
  }

  #has(node: HasNode): ScriptNode {
    const found = this.global(node.map);
    const keys = this.keys(found, node.keys, node);
    // What is not there is in no map: a test is false rather than absent.
    return { kind: 'has', global: found.index, keys, type: 'bool', isOptional: false };
  }

  #statistic(node: StatisticNode): ScriptNode {
    const { statistic, target } = node;
    if (!Object.hasOwn(statistics, statistic)) {
      const near = nearest(statistic, Object.keys(statistics));
      const known = Object.keys(statistics).map((name) => `@${name}`).join(' '); // prettier-ignore
      const hint = near === undefined ? `statistics are ${known}.` : `did you mean @${near}?`;
      return refuse('EE_SCRIPT_FUNCTION', `There is no statistic @${clip(statistic)}.`, hint, node);
    }
    const name = statistic as keyof typeof statistics;
    if (target.kind === 'field') return this.#refuseStatistic(node, target.name);
    const map = target.kind === 'entry' ? target.map : target;
    const found = this.global(map);
    if (found.global.value !== 'stats') return this.#refuseStatistic(node, map.name);
    const keys = this.keys(found, target.kind === 'entry' ? target.keys : [], target);
    const buckets = this.#buckets(node);
    const isEmpty = name === 'avg' || name === 'min' || name === 'max';
    return {
      kind: 'statistic',
      statistic: name,
      global: found.index,
      keys,
      type: statistics[name],
      // A mean of nothing is absent.
      isOptional: isEmpty || keys.some((key) => key.isOptional),
      ...(buckets !== undefined && { buckets }),
    };
  }

  #refuseStatistic(node: StatisticNode, name: string): never {
    const message = `@${node.statistic}() reads statistics, and ${clip(name)} holds none.`;
    return refuse(
      'EE_SCRIPT_TYPE',
      message,
      `fill it with <<<: ${clip(name)} <<< len;`,
      node.target,
    );
  }

  #buckets(node: StatisticNode): LinearBuckets | undefined {
    const usage = '@lhist(sizes[port], 0, 1000, 100)';
    const given = node.parameters.length;
    if (node.statistic !== 'lhist') {
      if (given === 0) return undefined;
      const message = `@${node.statistic}() takes one argument.`;
      return refuse('EE_SCRIPT_TYPE', message, `write @${node.statistic}(sizes[port]).`, node);
    }
    const buckets = bucketsOf(node);
    if (buckets === undefined) {
      const message = '@lhist() takes the statistics, and low, high and step as numbers.';
      return refuse('EE_SCRIPT_TYPE', message, `write ${usage}.`, node);
    }
    const { low, high, step } = buckets;
    if (low < high && step > 0 && (high - low) / step <= maxBuckets) return buckets;
    const message = `@lhist() makes 1 to ${maxBuckets} buckets.`;
    return refuse('EE_SCRIPT_TYPE', message, `write ${usage}: low, high, step.`, node);
  }

  /** Numbers of globals and locals are doubles; where a whole one is needed they are rounded down. */
  protected override whole(node: ScriptNode): ScriptNode {
    const isStored = node.kind === 'local' || node.kind === 'global';
    return isStored && node.type === 'float' ? operate<ScriptOnlyNode>('floor', 'int', node) : node;
  }

  // ---- Functions

  protected override unknownFunction(node: Call): never {
    return refuseFunction(node, this.complaints);
  }

  protected override otherCall(node: Call): ScriptNode | undefined {
    const signature = Object.hasOwn(scriptFunctions, node.name)
      ? scriptFunctions[node.name]
      : undefined;
    if (signature === undefined) return undefined;
    const operands = this.operands(node, signature);
    if (signature.plain !== undefined) {
      const { name, type } = signature.plain;
      if (name === 'ceil' || name === 'round') return this.#round(name, operands);
      const isOptional = operands.some((operand) => operand.isOptional);
      return { kind: 'function', name, type, isOptional, operands };
    }
    switch (node.name) {
      case 'stack':
        return this.#stack(node);
      case 'probe_name':
        return { kind: 'probe-name', type: 'string', isOptional: false };
      case 'int':
        return this.#int(operands);
      case 'sprintf':
        return this.format(node);
      case 'match':
        return this.#group(node, operands);
      case 'count':
      default:
        return this.#count(node);
    }
  }

  /** Checks the number of arguments, and those that are values. */
  operands(node: Call, signature: ScriptFunction): readonly ScriptNode[] {
    const { parameters, required = parameters.length, isVariadic = false } = signature;
    const given = node.operands.length;
    if (given < required || (given > parameters.length && !isVariadic)) {
      this.complaints.argumentCount(node, signature);
    }
    return node.operands.flatMap((operand, index) => {
      const parameter = parameters[index] ?? 'any';
      if (parameter === 'map') return [];
      if (parameter === 'text') {
        if (operand.kind === 'string') return [this.check(operand)];
        const message = `${node.name}() takes a string literal here.`;
        return refuse('EE_SCRIPT_TYPE', message, `write ${signature.usage}.`, operand);
      }
      if (parameter === 'any') return [this.#printable(node, operand)];
      return [this.argument({ ...signature, name: node.name }, operand, parameter satisfies Parameter)]; // prettier-ignore
    });
  }

  #printable(node: Call, operand: Node): ScriptNode {
    const checked = this.check(operand);
    if (checked.type !== 'bytes') return checked;
    const message = `${node.name}() does not take bytes.`;
    return refuse(
      'EE_SCRIPT_TYPE',
      message,
      'of bytes only the length can be read: len(…).',
      operand,
    );
  }

  #round(name: 'ceil' | 'round', operands: readonly ScriptNode[]): ScriptNode {
    const [operand] = operands;
    if (operand !== undefined && operand.type !== 'float') return operand;
    const isOptional = operand?.isOptional ?? false;
    return { kind: 'function', name, type: 'int', isOptional, operands };
  }

  #int(operands: readonly ScriptNode[]): ScriptNode | undefined {
    const [operand] = operands;
    // What is whole already stays exact.
    if (operand === undefined || operand.type === 'int' || operand.type === 'big') return operand;
    return { kind: 'function', name: 'int', type: 'int', isOptional: operand.isOptional, operands };
  }

  #stack(node: Call): ScriptNode {
    const [operand] = node.operands;
    const depth = operand === undefined ? usualFrames : numberOf(operand);
    const { maxFrames } = scriptLimits;
    if (depth === undefined || !Number.isInteger(depth) || depth < 1 || depth > maxFrames) {
      const message = `stack() takes a number of frames from 1 to ${maxFrames}.`;
      return refuse('EE_SCRIPT_TYPE', message, 'write stack() or stack(5).', operand ?? node);
    }
    // What is posted from beside a thread brings that thread's stack along.
    const isBrought = this.#hasEvent && this.descriptor.fields['stack']?.type === 'stack';
    const { start, end } = node;
    const brought = isBrought ? super.field({ kind: 'field', name: 'stack', start, end }) : undefined; // prettier-ignore
    return { kind: 'stack', depth, type: 'string', isOptional: false, ...(brought && { brought }) };
  }

  #group(node: Call, [subject]: readonly ScriptNode[]): ScriptNode {
    const [, pattern, last] = node.operands;
    if (subject === undefined || pattern?.kind !== 'string') return this.unknownFunction(node);
    // The source of the literal: what `=~` makes of it, where `\d` may be written as it is.
    const regex = compileRegex(pattern.value);
    if (typeof regex === 'string') {
      return this.complaints.regex({ patternSpan: pattern }, regex);
    }
    const group = last === undefined ? 0 : numberOf(last);
    const count = (new RegExp(`${regex.source}|`, 'u').exec('')?.length ?? 1) - 1;
    if (group === undefined || !Number.isInteger(group) || group < 0 || group > count) {
      const message = `match() takes the number of a group, and the regular expression has ${count}.`;
      return refuse(
        'EE_SCRIPT_TYPE',
        message,
        '0 is all that matched, 1 the first ( ).',
        last ?? node,
      );
    }
    return { kind: 'group', regex, group, subject, type: 'string', isOptional: true };
  }

  #count(node: Call): ScriptNode {
    const [operand] = node.operands;
    if (operand?.kind !== 'name') {
      const message = 'count() takes the name of a map.';
      return refuse('EE_SCRIPT_TYPE', message, 'write count(sizes), or @count(sizes[port]).', node);
    }
    const { index, global } = this.global(operand);
    if (global.keys.length === 0) {
      const hint = global.value === 'stats' ? `did you mean @count(${operand.name})?` : 'it counts the entries of a map.'; // prettier-ignore
      return refuse('EE_SCRIPT_TYPE', `${operand.name} is a single value, and no map.`, hint, operand); // prettier-ignore
    }
    return { kind: 'entries', global: index, type: 'int', isOptional: false };
  }

  /** The text that a call of `printf` or `sprintf` makes. */
  format(node: Call): ScriptNode {
    const [first, ...rest] = node.operands;
    if (first?.kind !== 'string') return this.unknownFunction(node);
    const parts = parseFormat(first.value);
    if ('message' in parts) {
      const { at, length, message, hint } = parts;
      return refuse('EE_SCRIPT_FORMAT', message, hint, this.#within(first, at, length));
    }
    const conversions = parts.filter((part) => typeof part !== 'string');
    const operands = rest.map((operand) => this.#printable(node, operand));
    if (conversions.length !== rest.length) {
      const [wanted, given] = [conversions.length, rest.length];
      const message = `The format has ${wanted} ${wanted === 1 ? 'conversion' : 'conversions'}, and ${given} ${given === 1 ? 'value follows' : 'values follow'}.`;
      const hint = wanted < given ? 'add a conversion such as %s, or drop the value.' : 'give a value for each conversion; a percent sign is %%.'; // prettier-ignore
      return refuse('EE_SCRIPT_FORMAT', message, hint, rest[wanted] ?? first);
    }
    for (const [index, conversion] of conversions.entries()) {
      const operand = operands[index];
      if (operand === undefined || takes(conversion, operand.type)) continue;
      const message = `%${conversion.conversion} takes a number, and this is ${typeWords[operand.type]}.`; // prettier-ignore
      return refuse('EE_SCRIPT_FORMAT', message, 'write %s.', rest[index] ?? node);
    }
    return { kind: 'format', parts, operands, type: 'string', isOptional: false };
  }

  /** A part of a string literal; all of it when escapes have moved its characters. */
  #within(node: Span & { readonly value: string }, at: number, length: number): Span {
    const raw = this.#file.text.slice(node.start + 1, node.end - 1);
    const start = node.start + 1 + at;
    return raw === node.value ? { start, end: start + length } : node;
  }
}

/** The number that a node is, with its sign. */
function numberOf(node: Node): number | undefined {
  if (node.kind === 'integer' || node.kind === 'float') return Number(node.value);
  if (node.kind !== 'unary' || node.operator !== '-') return undefined;
  const value = numberOf(node.operand);
  return value === undefined ? undefined : -value;
}

/** The buckets of an `@lhist`; undefined when they are not three numbers. */
export function bucketsOf({ parameters }: StatisticNode): LinearBuckets | undefined {
  const [low, high, step, ...more] = parameters.map(numberOf);
  if (low === undefined || high === undefined || step === undefined) return undefined;
  return more.length > 0 ? undefined : { low, high, step };
}

/** What the fields of an event are to expressions. */
export function fieldType(
  descriptor: EventTypeDescriptor | undefined,
  name: string,
): ScriptNode['type'] | undefined {
  // prettier-ignore
  if (descriptor === undefined || !Object.hasOwn(descriptor.fields, name)) return undefined;
  const field = descriptor.fields[name];
  return field === undefined ? undefined : typesOfFields[field.type];
}

function declareGlobal(name: string): string {
  return `declare it outside of the probes: global ${name};`;
}
