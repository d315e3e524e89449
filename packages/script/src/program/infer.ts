/**
 * What globals hold, found by looking at all their uses before anything is checked: the shape by the
 * first use, categories by the first value whose category is known. Uses that do not agree with the
 * outcome are complained about by the checker, at their place.
 */
import type { EventTypeDescriptor } from '@extension-events/core';
import { functions } from '../expression/functions.ts';
import { isComparison } from '../expression/check-operators.ts';
import type { ValueType } from '../expression/checked.ts';
import type { Call, Lvalue, NameNode, Node, Probe, Program, Statement } from './ast.ts';
import type { CheckedGlobal, Globals, LinearBuckets, Merge, StoredType } from './checked.ts';
import { bucketsOf, fieldType } from './expressions.ts';
import { scriptFunctions, statistics } from './functions.ts';
import { fileOf, globalName } from './scope.ts';
import { isAsOpen, withTypes } from './open-types.ts';
import { categoryOf } from './values.ts';
import { childrenOf } from './ast.ts';

/** A body to look at: a probe, for one of the event types that its points match. */
export interface InferredBody {
  readonly probe: Probe;
  /** Undefined in begin, end and timer probes, and where the event is awaited and not known yet. */
  readonly descriptor: EventTypeDescriptor | undefined;
  /** Does it run in the threads that post? */
  readonly isOfEvent: boolean;
}

interface Draft {
  keys: (StoredType | undefined)[] | undefined;
  value: StoredType | 'stats' | undefined;
  hasLog2: boolean;
  linear: LinearBuckets | undefined;
  isReadByEvents: boolean;
  isAddedByEvents: boolean;
  isSetByEvents: boolean;
}

/** Infers the globals of a program, in the order of their declarations. */
export function inferGlobals(program: Program, bodies: readonly InferredBody[]): Globals {
  const drafts = new Map<string, Draft>();
  for (const declaration of program.globals) {
    const { name, initial } = declaration;
    drafts.set(globalName(fileOf(program, declaration), name), {
      keys: initial === undefined ? undefined : [],
      value: initial === undefined ? undefined : storedTypeOf(initial),
      hasLog2: false,
      linear: undefined,
      isReadByEvents: false,
      isAddedByEvents: false,
      isSetByEvents: false,
    });
  }
  inferAll(program, drafts, bodies);
  const isAwaiting = bodies.some(({ descriptor, isOfEvent }) => isOfEvent && descriptor === undefined); // prettier-ignore
  return program.globals.map((declaration) => {
    const name = globalName(fileOf(program, declaration), declaration.name);
    const draft = drafts.get(name);
    const global = finish(name, declaration.initial, draft);
    return isAwaiting && draft !== undefined ? withTypes(global, global, openOf(draft)) : global;
  });
}

// What one global holds may follow from another; each round settles at least one, or is the last.
function inferAll(program: Program, drafts: ReadonlyMap<string, Draft>, bodies: readonly InferredBody[]): void {
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (const body of bodies) {
      if (new Inference(program, drafts, body).run()) isChanged = true;
    }
  }
} // prettier-ignore

function openOf({ keys = [], value }: Draft): NonNullable<CheckedGlobal['open']> {
  return { keys: keys.flatMap((key, i) => (key === undefined ? [i] : [])), value: value === undefined }; // prettier-ignore
}

/**
 * The globals as they are known when an awaited event is there: what was open is what this body makes
 * of it.
 *
 * @param mayChange - not those that code was made for already, which took them for numbers
 */
export function settleGlobals(
  program: Program,
  globals: Globals,
  body: InferredBody,
  mayChange: (name: string) => boolean,
): Globals {
  const drafts = new Map(globals.map((global) => [global.name, draftOf(global, mayChange(global.name))])); // prettier-ignore
  inferAll(program, drafts, [body]);
  return globals.map((global) => {
    const draft = drafts.get(global.name);
    if (global.open === undefined || draft === undefined || !mayChange(global.name)) return global;
    const open = openOf(draft);
    // What is summed up is a number, whatever is added to it.
    if (isAsOpen(global, open) || (global.merge === 'sum' && draft.value !== 'number'))
      return global;
    const keys = (draft.keys ?? []).map((key) => key ?? 'number');
    return withTypes(global, { keys, value: draft.value ?? 'number' }, open);
  });
}

function draftOf({ keys, open, value }: CheckedGlobal, mayChange: boolean): Draft {
  const isOpen = (i: number): boolean => mayChange && open?.keys.includes(i) === true;
  return {
    keys: keys.map((key, i) => (isOpen(i) ? undefined : key)),
    value: mayChange && open?.value === true ? undefined : value,
    hasLog2: false,
    linear: undefined,
    isReadByEvents: false,
    isAddedByEvents: false,
    isSetByEvents: false,
  };
}

function storedTypeOf(value: number | string | boolean): StoredType {
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'number';
}

function finish(
  name: string,
  initial: number | string | boolean | undefined,
  draft: Draft | undefined,
): CheckedGlobal {
  const value = draft?.value ?? 'number';
  const merge = mergeOf(value, draft);
  return {
    name,
    keys: (draft?.keys ?? []).map((key) => key ?? 'number'),
    value,
    merge,
    ...(initial !== undefined && { initial }),
    ...(value === 'stats' && { buckets: bucketsOfDraft(draft) }),
    // What is added to a value that is not summed up is added to what all threads know of it.
    isReadByEvents:
      draft !== undefined && (draft.isReadByEvents || (merge === 'last' && draft.isAddedByEvents)),
  };
}

function bucketsOfDraft(draft: Draft | undefined): CheckedGlobal['buckets'] & object {
  const linear = draft?.linear;
  return { hasLog2: draft?.hasLog2 ?? false, ...(linear !== undefined && { linear }) };
}

function mergeOf(value: StoredType | 'stats', draft: Draft | undefined): Merge {
  if (value === 'stats') return 'stats';
  const isSum = value === 'number' && draft?.isAddedByEvents === true && !draft.isSetByEvents;
  return isSum ? 'sum' : 'last';
}

/** One look at one body. */
class Inference {
  readonly #program: Program;
  readonly #drafts: ReadonlyMap<string, Draft>;
  readonly #body: InferredBody;
  readonly #locals = new Map<string, StoredType | undefined>();
  #isChanged = false;

  constructor(program: Program, drafts: ReadonlyMap<string, Draft>, body: InferredBody) {
    this.#program = program;
    this.#drafts = drafts;
    this.#body = body;
  }

  run(): boolean {
    const { probe } = this.#body;
    for (const { condition } of probe.points) this.#read(condition);
    for (const statement of probe.body) this.#visit(statement);
    return this.#isChanged;
  }

  #draft({ name }: NameNode): Draft | undefined {
    if (this.#locals.has(name)) return undefined;
    return this.#drafts.get(globalName(fileOf(this.#program, this.#body.probe), name));
  }

  #visit(statement: Statement): void {
    switch (statement.kind) {
      case 'block':
        return statement.body.forEach((each) => this.#visit(each));
      case 'if':
        this.#read(statement.condition);
        this.#visit(statement.whenTrue);
        return statement.whenFalse && this.#visit(statement.whenFalse);
      case 'while':
        this.#read(statement.condition);
        return this.#visit(statement.body);
      case 'for':
        if (statement.first !== undefined) this.#visit(statement.first);
        this.#read(statement.condition);
        this.#visit(statement.body);
        return statement.step && this.#visit(statement.step);
      case 'foreach': {
        const draft = this.#draft(statement.map);
        this.#shape(draft, statement.names.map(() => undefined)); // prettier-ignore
        this.#noteRead(draft);
        this.#read(statement.limit);
        statement.names.forEach(({ name }, i) => this.#locals.set(name, draft?.keys?.[i]));
        return this.#visit(statement.body);
      }
      case 'throw':
        return statement.fields.forEach(({ value }) => this.#read(value));
      case 'delete':
        return this.#delete(statement.target);
      case 'step':
        return this.#add(statement.target, 'number');
      case 'assign':
        return this.#assign(statement.target, statement.operator, statement.value);
      case 'call':
        return statement.call.operands.forEach((operand) => this.#read(operand));
      case 'break':
      case 'continue':
      case 'next':
      default:
        return undefined;
    }
  }

  #assign(target: Lvalue, operator: string, value: Node): void {
    const category = this.#read(value);
    if (operator === '<<<') {
      this.#value(this.#target(target), 'stats');
      return;
    }
    if ((operator === '+=' && category !== 'string') || operator === '-=') {
      this.#add(target, category);
      return;
    }
    const draft = this.#target(target);
    if (draft === undefined) {
      const isField = target.kind === 'field' || this.#fieldCategory(nameOf(target)) !== undefined;
      if (target.kind === 'name' && !isField && !this.#locals.has(target.name)) {
        this.#locals.set(target.name, category);
      }
      return;
    }
    this.#value(draft, operator === '=' || operator === '+=' ? category : 'number');
    if (!this.#body.isOfEvent) return;
    draft.isSetByEvents = true;
    if (operator !== '=') draft.isReadByEvents = true;
  }

  #add(target: Lvalue, category: StoredType | undefined): void {
    const draft = this.#target(target);
    this.#value(draft, category);
    if (draft !== undefined && this.#body.isOfEvent) draft.isAddedByEvents = true;
  }

  #delete(target: Lvalue): void {
    const draft = target.kind === 'name' ? this.#draft(target) : this.#target(target);
    if (draft !== undefined && this.#body.isOfEvent) draft.isSetByEvents = true;
  }

  /** The global that a left side is, with its shape noted; undefined for locals. */
  #target(target: Lvalue): Draft | undefined {
    if (target.kind === 'field') return undefined;
    const name = target.kind === 'entry' ? target.map : target;
    const draft = this.#draft(name);
    const keys = target.kind === 'entry' ? target.keys.map((key) => this.#read(key)) : [];
    this.#shape(draft, keys);
    return draft;
  }

  #shape(draft: Draft | undefined, keys: readonly (StoredType | undefined)[]): void {
    if (draft === undefined) return;
    if (draft.keys === undefined) {
      draft.keys = [...keys];
      this.#isChanged = true;
      return;
    }
    if (draft.keys.length !== keys.length) return;
    for (const [i, key] of keys.entries()) {
      if (key === undefined || draft.keys[i] !== undefined) continue;
      draft.keys[i] = key;
      this.#isChanged = true;
    }
  }

  #value(draft: Draft | undefined, category: StoredType | 'stats' | undefined): void {
    if (draft === undefined || category === undefined || draft.value !== undefined) return;
    draft.value = category;
    this.#isChanged = true;
  }

  #noteRead(draft: Draft | undefined): void {
    if (draft !== undefined && this.#body.isOfEvent) draft.isReadByEvents = true;
  }

  #fieldCategory(name: string): StoredType | undefined {
    const type = fieldType(this.#body.descriptor, name);
    return type === undefined ? undefined : categoryOf({ type });
  }

  /** The category of a value as far as it is known; notes what it reads. */
  #read(node: Node | undefined): StoredType | undefined {
    if (node === undefined) return undefined;
    switch (node.kind) {
      case 'integer':
      case 'float':
        return 'number';
      case 'string':
        return 'string';
      case 'boolean':
        return 'bool';
      case 'field':
        return this.#fieldCategory(node.name);
      case 'name': {
        if (this.#locals.has(node.name)) return this.#locals.get(node.name);
        return this.#draft(node) === undefined
          ? this.#fieldCategory(node.name)
          : this.#global(node);
      }
      case 'entry':
        return this.#global(node);
      case 'has': {
        const keys = node.keys.map((key) => this.#read(key));
        const draft = this.#draft(node.map);
        this.#shape(draft, keys);
        this.#noteRead(draft);
        return 'bool';
      }
      case 'statistic': {
        const draft = this.#target(node.target);
        this.#value(draft, 'stats');
        this.#noteRead(draft);
        if (draft !== undefined && node.statistic === 'hist') draft.hasLog2 = true;
        if (draft !== undefined && node.statistic === 'lhist') draft.linear ??= bucketsOf(node);
        return statisticCategory(node.statistic);
      }
      case 'call':
        return this.#call(node);
      case 'unary':
        this.#read(node.operand);
        return node.operator === '!' ? 'bool' : 'number';
      case 'binary': {
        const [left, right] = [this.#read(node.left), this.#read(node.right)];
        if (isComparison(node.operator)) return 'bool';
        return node.operator === '+' ? (left ?? right) : 'number';
      }
      case 'conditional': {
        this.#read(node.condition);
        const [a, b] = [this.#read(node.whenTrue), this.#read(node.whenFalse)];
        return a ?? b;
      }
      case 'logical':
      case 'match':
      default:
        for (const child of childrenOf(node)) this.#read(child);
        return 'bool';
    }
  }

  #global(node: Lvalue): StoredType | undefined {
    const draft = this.#target(node);
    this.#noteRead(draft);
    return draft?.value === 'stats' ? undefined : draft?.value;
  }

  #call({ name, operands }: Call): StoredType | undefined {
    const [first] = operands;
    if (name === 'count' && first?.kind === 'name') {
      this.#noteRead(this.#draft(first));
      return 'number';
    }
    const given = operands.map((operand) => this.#read(operand));
    return callCategory(name) ?? given[0];
  }
}

function nameOf(target: Lvalue): string {
  return target.kind === 'entry' ? target.map.name : target.name;
}

function statisticCategory(name: string): StoredType | undefined {
  const type = Object.hasOwn(statistics, name) ? statistics[name as keyof typeof statistics] : undefined; // prettier-ignore
  return type === undefined ? undefined : categoryOf({ type });
}

const returned: Readonly<Record<string, ValueType>> = {
  stack: 'string', probe_name: 'string', int: 'int', sprintf: 'string', match: 'string', count: 'int',
  thread_name: 'string', event_name: 'string', lower: 'string', upper: 'string', substr: 'string',
  contains: 'bool', starts_with: 'bool', ends_with: 'bool', present: 'bool',
}; // prettier-ignore

/** What a function gives; undefined for those that the language does not have. */
function callCategory(name: string): StoredType | undefined {
  const own = Object.hasOwn(scriptFunctions, name) ? scriptFunctions[name]?.plain?.type : undefined;
  const type = own ?? (Object.hasOwn(returned, name) ? returned[name] : undefined);
  if (type !== undefined) return categoryOf({ type });
  return Object.hasOwn(functions, name) ? 'number' : undefined;
}
