import type { EventTypeDescriptor } from '@extension-events/core';
import { operate } from '../expression/checked.ts';
import { typeWords } from '../expression/complaints.ts';
import type { Span } from '../expression/excerpt.ts';
import { clip } from '../expression/grammar.ts';
import { nearest } from '../expression/nearest.ts';
import { checkArithmetic } from '../expression/check-operators.ts';
import { convert, isNumber } from '../expression/numbers.ts';
import type {
  AssignStatement,
  CallStatement,
  DeleteStatement,
  EntryNode,
  ForeachStatement,
  ForStatement,
  IfStatement,
  NameNode,
  Node,
  Point,
  Probe,
  Program,
  Statement,
  StepStatement,
  ThrowStatement,
} from './ast.ts';
import type { CheckedBody, CheckedStatement, Globals, ScriptNode, ScriptOnlyNode, StoredType } from './checked.ts'; // prettier-ignore
import { ScriptError } from './errors.ts';
import type { FoundGlobal } from './expressions.ts';
import { ScriptChecker } from './expressions.ts';
import { statementFunctions } from './functions.ts';
import { scriptLimits } from './limits.ts';
import { ProblemList, refuse, untilEnough } from './problems.ts';
import type { Scope } from './scope.ts';
import { createScope, fileOf } from './scope.ts';
import { refuseEvent } from './unknown-names.ts';
import { categoryOf, checkField, store } from './values.ts';
import type { SourceFile } from './wire.ts';

const one: ScriptNode = { kind: 'constant', type: 'int', isOptional: false, value: 1 };
const always: ScriptNode = { kind: 'constant', type: 'bool', isOptional: false, value: true };

/**
 * Checks the code of one point for one event type.
 *
 * @param point - indexes of the probe and of its point; begin, end and timer probes need only the former
 * @param descriptor - undefined for begin, end and timer probes
 * @throws ScriptError when a field is missing, or has a type that does not fit
 */
export function checkBody(
  program: Program,
  globals: Globals,
  point: { readonly probe: number; readonly point?: number },
  descriptor: EventTypeDescriptor | undefined,
): CheckedBody {
  const list = new ProblemList();
  const probe = program.probes[point.probe];
  if (probe === undefined) throw new RangeError(`There is no probe ${point.probe}.`);
  let body: CheckedBody | undefined;
  untilEnough(() => {
    const at = descriptor === undefined ? undefined : probe.points[point.point ?? 0];
    body = checkProbe(createScope(program, globals), probe, at, descriptor, list);
  });
  const [first, ...rest] = list.problems;
  if (first !== undefined) throw new ScriptError([first, ...rest]);
  if (body === undefined) throw new RangeError(`There is no point ${point.point}.`);
  return body;
}

/** Checks the code of a point; problems go to the list. */
export function checkProbe(
  scope: Scope,
  probe: Probe,
  point: Point | undefined,
  descriptor: EventTypeDescriptor | undefined,
  list: ProblemList,
): CheckedBody {
  const file = fileOf(scope.program, probe);
  const checker = new BodyChecker(scope, file, descriptor, list);
  const condition = point?.condition;
  const checked = condition && list.attempt(file, () => checker.condition(condition));
  const statements = checker.statements(probe.body);
  const { locals, fields } = checker;
  return { condition: checked, statements, locals, fields };
}

/** Statements of one body. */
class BodyChecker {
  readonly locals: StoredType[] = [];
  readonly #scope: Scope;
  readonly #file: SourceFile;
  readonly #descriptor: EventTypeDescriptor | undefined;
  readonly #list: ProblemList;
  readonly #values: ScriptChecker;
  #loops = 0;

  constructor(
    scope: Scope,
    file: SourceFile,
    descriptor: EventTypeDescriptor | undefined,
    list: ProblemList,
  ) {
    this.#scope = scope;
    this.#file = file;
    this.#descriptor = descriptor;
    this.#list = list;
    this.#values = new ScriptChecker(scope, file, descriptor);
  }

  get fields(): readonly string[] {
    return [...this.#values.fields];
  }

  condition(node: Node, who: string = 'A condition'): ScriptNode {
    return this.#values.condition(node, who);
  }

  statements(statements: readonly Statement[]): readonly CheckedStatement[] {
    return statements.flatMap(
      (statement) => this.#list.attempt(this.#file, () => this.#statement(statement)) ?? [],
    );
  }

  #statement(statement: Statement): readonly CheckedStatement[] {
    switch (statement.kind) {
      case 'block':
        return this.statements(statement.body);
      case 'if':
        return [this.#if(statement)];
      case 'while':
        return [this.#loop(statement.condition, undefined, statement.body)];
      case 'for':
        return this.#for(statement);
      case 'foreach':
        return [this.#foreach(statement)];
      case 'break':
      case 'continue':
        if (this.#loops === 0) {
          const message = `${statement.kind} stands outside of a loop.`;
          refuse('EE_SCRIPT_SYNTAX', message, 'write next; to leave the probe.', statement);
        }
        return [{ kind: statement.kind }];
      case 'next':
        return [{ kind: 'next' }];
      case 'throw':
        return [this.#throw(statement)];
      case 'delete':
        return [this.#delete(statement)];
      case 'assign':
        return [this.#assign(statement)];
      case 'step':
        return [this.#step(statement)];
      case 'call':
      default:
        return [this.#call(statement)];
    }
  }

  // ---- Control

  #if({ condition, whenTrue, whenFalse }: IfStatement): CheckedStatement {
    return {
      kind: 'if',
      condition: this.#list.attempt(this.#file, () => this.condition(condition, 'if')) ?? always,
      // oxlint-disable-next-line unicorn/no-thenable -- data that travels nowhere near an await
      then: this.statements([whenTrue]),
      otherwise: whenFalse === undefined ? [] : this.statements([whenFalse]),
    };
  }

  #loop(
    condition: Node | undefined,
    step: Statement | undefined,
    body: Statement,
  ): CheckedStatement {
    // prettier-ignore
    const test = condition && this.#list.attempt(this.#file, () => this.condition(condition, 'A loop')); // prettier-ignore
    const inside = this.#inLoop(body);
    const after = step === undefined ? [] : this.statements([step]);
    return { kind: 'loop', condition: test ?? always, body: inside, step: after };
  }

  #inLoop(body: Statement): readonly CheckedStatement[] {
    this.#loops++;
    const statements = this.statements([body]);
    this.#loops--;
    return statements;
  }

  #for({ first, condition, step, body }: ForStatement): readonly CheckedStatement[] {
    const before = first === undefined ? [] : this.statements([first]);
    return [...before, this.#loop(condition, step, body)];
  }

  #foreach({ names, map, order, limit, body }: ForeachStatement): CheckedStatement {
    const head = this.#list.attempt(this.#file, () => {
      const { index, global } = this.#values.global(map);
      if (global.keys.length !== names.length) {
        const span = { start: names[0]?.start ?? map.start, end: map.end };
        this.#values.checkShape(global, names.length, span);
      }
      const most = limit === undefined ? undefined : this.#values.check(limit);
      if (limit !== undefined && most !== undefined && !isNumber<ScriptOnlyNode>(most)) {
        const message = `A limit is a number, and this is ${typeWords[most.type]}.`;
        refuse('EE_SCRIPT_TYPE', message, 'write limit 5.', limit);
      }
      const locals = names.map((name, i) => this.#local(name, global.keys[i] ?? 'number'));
      return { global: index, locals, order, ...(most !== undefined && { limit: store(most) }) };
    });
    if (head === undefined) for (const { name } of names) this.#values.broken.add(name);
    const inside = this.#inLoop(body);
    return { kind: 'foreach', ...(head ?? { global: 0, locals: [], order }), body: inside };
  }

  // ---- Assignments

  #assign(statement: AssignStatement): CheckedStatement {
    const { target, operator, value } = statement;
    if (target.kind === 'field') return this.#refuseField(target.name, target);
    const name = target.kind === 'entry' ? target.map : target;
    const found = this.#target(target);
    if (operator === '<<<') return this.#aggregate(found, target, value);
    if (found === undefined) return this.#assignLocal(name, statement);
    const keys = target.kind === 'entry' ? this.#values.keys(found, target.keys, target) : [];
    this.#values.checkShape(found.global, keys.length, target);
    const { index, global } = found;
    if (global.value === 'stats') {
      const message = `${name.name} holds statistics.`;
      return refuse('EE_SCRIPT_TYPE', message, `write ${name.name} <<< …, or use another global.`, target); // prettier-ignore
    }
    const given = this.#values.check(value);
    if (
      (operator === '+=' || operator === '-=') &&
      global.value === 'number' &&
      isNumber<ScriptOnlyNode>(given)
    ) {
      // prettier-ignore
      const added = store(given);
      const signed = operator === '+=' ? added : operate<ScriptOnlyNode>('negate', 'float', added);
      return { kind: 'add', global: index, keys, value: signed };
    }
    const old: ScriptNode = {
      kind: 'global',
      global: index,
      keys,
      type: global.value === 'number' ? 'float' : global.value,
      isOptional: keys.some((key) => key.isOptional),
    };
    const checked = this.#combine(statement, old, given, global.value, name.name);
    return { kind: 'set-global', global: index, keys, value: checked };
  }

  #step({ target, by }: StepStatement): CheckedStatement {
    if (target.kind === 'field') return this.#refuseField(target.name, target);
    const found = this.#target(target);
    const name = target.kind === 'entry' ? target.map : target;
    if (found === undefined) {
      const local = this.#oldLocal(name);
      if (local.type !== 'number') return this.#refuseStep(name.name, local.type, target);
      const old: ScriptNode = { kind: 'local', local: local.index, type: 'float', isOptional: false }; // prettier-ignore
      const operation = by === 1 ? 'add' : 'subtract';
      const value = operate<ScriptOnlyNode>(operation, 'float', old, one);
      return { kind: 'set-local', local: local.index, value };
    }
    const keys = target.kind === 'entry' ? this.#values.keys(found, target.keys, target) : [];
    this.#values.checkShape(found.global, keys.length, target);
    const { value } = found.global;
    if (value !== 'number') return this.#refuseStep(name.name, value, target);
    const added: ScriptNode = { kind: 'constant', type: 'float', isOptional: false, value: by };
    return { kind: 'add', global: found.index, keys, value: added };
  }

  #refuseStep(name: string, type: string, span: Span): never {
    const message = `${name} holds ${type === 'stats' ? 'statistics' : `a ${type}`}, which cannot be counted up.`;
    const hint = type === 'stats' ? `write ${name} <<< 1.` : 'use another name for the count.';
    return refuse('EE_SCRIPT_TYPE', message, hint, span);
  }

  #aggregate(
    found: FoundGlobal | undefined,
    target: NameNode | EntryNode,
    value: Node,
  ): CheckedStatement {
    // prettier-ignore
    const name = target.kind === 'entry' ? target.map : target;
    const { index, global } = found ?? this.#values.global(name);
    const keys = target.kind === 'entry' ? this.#values.keys({ index, global }, target.keys, target) : []; // prettier-ignore
    this.#values.checkShape(global, keys.length, target);
    if (global.value !== 'stats') {
      const message = `${name.name} holds a ${global.value}, and no statistics.`;
      return refuse('EE_SCRIPT_TYPE', message, 'use another global for the statistics.', target);
    }
    const checked = this.#values.check(value);
    if (!isNumber<ScriptOnlyNode>(checked)) {
      const message = `Statistics are of numbers, and this is ${typeWords[checked.type]}.`;
      const hint = checked.type === 'string' ? 'use it as a key: seen[name]++.' : 'write x ? 1 : 0.'; // prettier-ignore
      return refuse('EE_SCRIPT_TYPE', message, hint, value);
    }
    return { kind: 'aggregate', global: index, keys, value: store(checked) };
  }

  #assignLocal(name: NameNode, statement: AssignStatement): CheckedStatement {
    const { value, operator } = statement;
    const old = this.#values.locals.get(name.name);
    if (operator !== '=') {
      const { index, type } = this.#oldLocal(name);
      const read: ScriptNode = {
        kind: 'local',
        local: index,
        type: type === 'number' ? 'float' : type,
        isOptional: false,
      };
      const given = this.#values.check(value);
      const checked = this.#combine(statement, read, given, type, name.name);
      return { kind: 'set-local', local: index, value: checked };
    }
    const given = this.#list.attempt(this.#file, () => this.#values.check(value));
    if (given === undefined) {
      if (old === undefined) this.#values.broken.add(name.name);
      return { kind: 'next' };
    }
    const type = categoryOf(given);
    if (type === undefined) return this.#refuseBytes(value);
    if (old === undefined) {
      this.#values.broken.delete(name.name);
      return { kind: 'set-local', local: this.#local(name, type), value: store(given) };
    }
    const local: ScriptNode = { kind: 'local', local: old.index, type: 'bool', isOptional: false };
    const checked = this.#combine(statement, local, given, old.type, name.name);
    return { kind: 'set-local', local: old.index, value: checked };
  }

  /** The value that an assignment stores, of the type that is there already. */
  #combine(
    { operator, value, target }: AssignStatement,
    old: ScriptNode,
    given: ScriptNode,
    type: StoredType,
    name: string,
  ): ScriptNode {
    const category = categoryOf(given);
    if (category === undefined) return this.#refuseBytes(value);
    if (category !== type) {
      const message = `${name} holds a ${type}, and this is ${typeWords[given.type]}.`;
      const hint = type === 'string' ? 'write str(…) to make a string of it.' : 'use another name for it.'; // prettier-ignore
      return refuse('EE_SCRIPT_TYPE', message, hint, value);
    }
    if (operator === '=' || operator === '<<<') return store(given);
    const arithmetic = operator.charAt(0) as '+' | '-' | '*' | '/' | '%';
    const result = checkArithmetic<ScriptOnlyNode>(arithmetic, old, isNumber<ScriptOnlyNode>(given) ? convert<ScriptOnlyNode>(given, 'float') : given); // prettier-ignore
    if (result !== undefined) return store(result);
    const message = `${operator} does not take ${typeWords[given.type]}.`;
    return refuse('EE_SCRIPT_TYPE', message, 'strings can be joined with +=.', target);
  }

  /** The global that is assigned to; undefined for a local. */
  #target(target: NameNode | EntryNode): FoundGlobal | undefined {
    if (target.kind === 'entry') return this.#values.global(target.map);
    if (this.#values.locals.has(target.name)) return undefined;
    if (this.#values.tryGlobal(target) !== undefined) return this.#values.global(target);
    if (this.#values.isField(target.name)) return this.#refuseField(target.name, target);
    return undefined;
  }

  #oldLocal(name: NameNode): { readonly index: number; readonly type: StoredType } {
    const local = this.#values.locals.get(name.name);
    if (local !== undefined) return local;
    const message = `${clip(name.name)} has no value yet.`;
    const hint = `declare it outside of the probes, global ${clip(name.name)};, or assign with = first.`; // prettier-ignore
    return refuse('EE_SCRIPT_NAME', message, hint, name);
  }

  /** Index of a local, which comes to be unless it is there. */
  #local(node: NameNode, type: StoredType): number {
    const { name } = node;
    const old = this.#values.locals.get(name);
    if (old !== undefined) {
      if (old.type === type) return old.index;
      const message = `${name} holds a ${old.type}, and the keys are ${type}s.`;
      return refuse('EE_SCRIPT_TYPE', message, 'use another name for it.', node);
    }
    if (this.#values.tryGlobal(node) !== undefined) {
      const message = `${name} is a global, and no variable of this loop.`;
      return refuse('EE_SCRIPT_NAME', message, 'use another name for it.', node);
    }
    if (this.#values.isField(name)) return this.#refuseField(name, node);
    if (this.locals.length >= scriptLimits.maxLocalsOfProbe) {
      const message = `A probe has at most ${scriptLimits.maxLocalsOfProbe} variables.`;
      return refuse('EE_SCRIPT_LIMIT', message, 'use a map, or several probes.', node);
    }
    const index = this.locals.push(type) - 1;
    this.#values.locals.set(name, { index, type });
    return index;
  }

  #refuseField(name: string, span: Span): never {
    const message = `${clip(name)} is a field of ${this.#descriptor?.name ?? 'the event'}, which cannot be changed.`;
    return refuse('EE_SCRIPT_FIELD', message, `use another name: my_${clip(name)}.`, span);
  }

  #refuseBytes(span: Span): never {
    const message = 'Bytes cannot be kept.';
    return refuse('EE_SCRIPT_TYPE', message, 'of bytes only the length can be read: len(…).', span);
  }

  // ---- Others

  #delete({ target }: DeleteStatement): CheckedStatement {
    if (target.kind === 'field') return this.#refuseField(target.name, target);
    if (target.kind === 'name') {
      return { kind: 'delete', global: this.#values.global(target).index };
    }
    const found = this.#values.global(target.map);
    const keys = this.#values.keys(found, target.keys, target);
    return { kind: 'delete', global: found.index, keys };
  }

  #throw(statement: ThrowStatement): CheckedStatement {
    const { event: name, eventSpan } = statement;
    const event = this.#scope.eventIndexes.get(name);
    const declaration = event === undefined ? undefined : this.#scope.program.events[event];
    if (event === undefined || declaration === undefined)
      return refuseEvent(name, eventSpan, this.#scope);
    const given = new Set<string>();
    const known = declaration.fields.map((field) => field.name);
    const fieldOf = ({
      name: key,
      nameSpan,
      value,
    }: ThrowStatement['fields'][number]): { name: string; value: ScriptNode } => {
      const field = declaration.fields.find((each) => each.name === key);
      if (field === undefined) {
        const near = nearest(key, known);
        const list = known.length === 0 ? `${name} has no fields.` : `Fields: ${known.join(', ')}.`;
        const guess = near === undefined ? '' : `did you mean ${near}? `;
        return refuse('EE_SCRIPT_FIELD', `${name} has no field '${clip(key)}'.`, `${guess}${list}`, nameSpan); // prettier-ignore
      }
      if (given.has(key)) {
        refuse('EE_SCRIPT_DUPLICATE', `${key} is given twice.`, 'drop one of them.', nameSpan);
      }
      given.add(key);
      const checked = this.#values.check(value);
      checkField(checked, field, value);
      return { name: key, value: checked };
    };
    const fields = statement.fields.flatMap((node) => this.#list.attempt(this.#file, () => fieldOf(node)) ?? []); // prettier-ignore
    const missing = declaration.fields.filter(({ isOptional, name: key }) => !isOptional && !given.has(key)); // prettier-ignore
    const isComplete = fields.length === statement.fields.length;
    if (missing.length > 0 && isComplete) {
      const names = missing.map((field) => field.name).join(', ');
      const [first] = missing;
      const message = `${name} needs the ${missing.length === 1 ? 'field' : 'fields'} ${names}.`;
      const hint = `write { ${first?.name ?? ''} = … }, or declare it optional: ${first?.name ?? ''}: ${first?.type ?? ''}?.`;
      refuse('EE_SCRIPT_FIELD', message, hint, eventSpan);
    }
    return { kind: 'throw', event, fields };
  }

  #call({ call }: CallStatement): CheckedStatement {
    const signature = Object.hasOwn(statementFunctions, call.name)
      ? statementFunctions[call.name]
      : undefined;
    if (signature === undefined) {
      // An unknown name is the greater trouble.
      const { type } = this.#values.check(call);
      const message = `The ${type === 'bool' ? 'answer' : 'value'} of ${call.name}() is not used.`;
      return refuse('EE_SCRIPT_FUNCTION', message, `assign it, or print(${call.name}(…)).`, call);
    }
    if (call.name === 'printf') {
      this.#values.operands({ ...call, operands: call.operands.slice(0, 1) }, signature);
      return { kind: 'print', text: this.#values.format(call) };
    }
    const [operand] = this.#values.operands(call, signature);
    if (operand === undefined) return { kind: 'exit' };
    const conversion = { conversion: 's', width: 0, isLeft: false, hasZeros: false } as const;
    const parts = [conversion, '\n'];
    const text: ScriptNode = { kind: 'format', parts, operands: [operand], type: 'string', isOptional: false }; // prettier-ignore
    return { kind: 'print', text };
  }
}
