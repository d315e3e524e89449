/**
 * When an event is thrown, told as a predicate over the event that is probed: a debugger that cannot
 * wait for the throw decides by it at the source. What the predicate leaves out makes it hold more
 * often, never less.
 */
import type { EventTypeDescriptor, FieldType } from '@extension-events/core';
import { isExactPattern } from '@extension-events/core';
import type { Node as PureNode } from '../expression/ast.ts';
import { expressionLimits } from '../expression/limits.ts';
import { printExpression } from '../expression/print.ts';
import type { AssignStatement, Node, Probe, Statement, ThrowStatement } from './ast.ts';
import { checkProbe } from './body.ts';
import type { PlacedPoint } from './check.ts';
import type { CheckedStatement, EventCause, ScriptNode } from './checked.ts';
import { ProblemList } from './problems.ts';
import type { Names } from './pure.ts';
import { call, Impure, integer, join, not, optionalFieldsOf, present, purify, recheck } from './pure.ts'; // prettier-ignore
import type { Scope } from './scope.ts';
import { fileOf, globalName } from './scope.ts';
import { isWithin, rangeOf } from './values.ts';
import { allStatements, statementsOf } from './walk.ts';

/** Finds the causes of a program's events. */
export class Causes {
  readonly #scope: Scope;
  readonly #placed: readonly PlacedPoint[];
  readonly #throws = new Map<string, Thrown[]>();
  readonly #surveys = new Map<PlacedPoint, Survey>();

  constructor(scope: Scope, placed: readonly PlacedPoint[]) {
    this.#scope = scope;
    this.#placed = placed;
    for (const probe of scope.program.probes) this.#collect(probe, probe.body, []);
  }

  /** The cause of a declared event; undefined when several statements throw it, or many events may. */
  of(event: string): EventCause | undefined {
    const [only, ...more] = this.#throws.get(event) ?? [];
    if (only === undefined || more.length > 0 || only.probe.points.length > 1) return undefined;
    const place = this.#placed.find(({ probe }) => probe === only.probe);
    if (place?.resolved.kind !== 'event' || !isExactPattern(place.point.pattern)) return undefined;
    const [descriptor] = place.resolved.descriptors;
    if (descriptor === undefined) return undefined;
    const survey = this.#surveys.get(place) ?? surveyProbe(this.#scope, place, descriptor);
    this.#surveys.set(place, survey);
    return new Derivation(this.#scope, place, descriptor, only, survey).derive();
  }

  #collect(probe: Probe, statements: readonly Statement[], above: readonly Statement[]): void {
    for (const statement of statements) {
      const path = [...above, statement];
      if (statement.kind === 'throw') {
        const others = this.#throws.get(statement.event) ?? [];
        others.push({ probe, statement, path: new Set(path) });
        this.#throws.set(statement.event, others);
      }
      this.#collect(probe, statementsOf(statement), path);
    }
  }
}

/** A throw, and the statements around it. */
interface Thrown {
  readonly probe: Probe;
  readonly statement: ThrowStatement;
  readonly path: ReadonlySet<Statement>;
}

/** What is known of a probe, whatever it throws. */
interface Survey {
  readonly checked: readonly CheckedStatement[];
  readonly assigned: ReadonlyMap<string, number>;
  /** Statements with a `next` in them. */
  readonly leaving: ReadonlySet<Statement>;
}

function surveyProbe(
  scope: Scope,
  { probe, point }: PlacedPoint,
  descriptor: EventTypeDescriptor,
): Survey {
  // prettier-ignore
  const { statements: checked } = checkProbe(scope, probe, point, descriptor, new ProblemList());
  const leaving = new Set<Statement>();
  const look = (statement: Statement): boolean => {
    const below = statementsOf(statement).map(look);
    const isLeaving = statement.kind === 'next' || below.includes(true);
    if (isLeaving) leaving.add(statement);
    return isLeaving;
  };
  probe.body.forEach(look);
  return { checked, assigned: countAssignments(probe.body), leaving };
}

class Derivation {
  readonly #scope: Scope;
  readonly #place: PlacedPoint;
  readonly #descriptor: EventTypeDescriptor;
  readonly #throw: ThrowStatement;
  readonly #path: ReadonlySet<Statement>;
  readonly #survey: Survey;
  readonly #conjuncts: PureNode[] = [];
  /** Sentences on what the conjuncts leave out. */
  readonly #late = new Set<string>();

  constructor(
    scope: Scope,
    place: PlacedPoint,
    descriptor: EventTypeDescriptor,
    { statement, path }: Thrown,
    survey: Survey,
  ) {
    this.#scope = scope;
    this.#place = place;
    this.#descriptor = descriptor;
    this.#throw = statement;
    this.#path = path;
    this.#survey = survey;
  }

  derive(): EventCause {
    const { point, probe, resolved } = this.#place;
    const inlined = new Map<string, PureNode>();
    if (point.condition !== undefined) this.#require(point.condition, inlined);
    this.#follow(probe.body, inlined);
    const fields = this.#fields(inlined);
    const where = this.#where();
    const request = resolved.kind === 'event' ? resolved.request : undefined;
    return {
      event: point.pattern,
      ...(request !== undefined && { request }),
      ...(where !== undefined && { where }),
      ...(Object.keys(fields).length > 0 && { fields }),
      ...(this.#late.size > 0 && { late: [...this.#late].join(' ') }),
    };
  }

  /** The conjuncts that a reader will accept, as text. */
  #where(): string | undefined {
    const accepted: PureNode[] = [];
    let length = 0;
    for (const conjunct of this.#conjuncts) {
      // With ` && ` and, at most, parentheses.
      const more = printExpression(conjunct).length + 6;
      const isShort = length + more <= expressionLimits.maxLength;
      if (isShort && recheck(conjunct, this.#descriptor)?.type === 'bool') {
        accepted.push(conjunct);
        length += more;
      } else this.#late.add('The condition is too long or too deep to be decided at the source.');
      if (!isShort) break;
    }
    return accepted.length === 0 ? undefined : printExpression(join('&&', accepted));
  }

  // ---- The way to the throw

  /** Goes through statements up to the throw; true when it was there. */
  #follow(statements: readonly Statement[], inlined: Map<string, PureNode>): boolean {
    for (const statement of statements) {
      if (statement === this.#throw) return true;
      if (this.#path.has(statement)) return this.#enter(statement, inlined);
      const passes = this.#passes(statement, inlined);
      if (passes === false)
        this.#conjuncts.push({ kind: 'boolean', value: false, start: 0, end: 0 });
      else if (passes !== true) this.#conjuncts.push(passes);
      if (statement.kind === 'assign') this.#inline(statement, inlined);
    }
    return false;
  }

  #enter(statement: Statement, inlined: Map<string, PureNode>): boolean {
    switch (statement.kind) {
      case 'block':
        return this.#follow(statement.body, inlined);
      case 'if': {
        const isThen = this.#path.has(statement.whenTrue);
        if (isThen) this.#require(statement.condition, inlined);
        else this.#requireNot(statement.condition, inlined);
        const branch = isThen ? statement.whenTrue : statement.whenFalse;
        return branch !== undefined && this.#follow([branch], inlined);
      }
      case 'while':
      case 'for':
      case 'foreach':
      case 'assign':
      case 'break':
      case 'call':
      case 'continue':
      case 'delete':
      case 'next':
      case 'step':
      case 'throw':
      default: {
        this.#late.add('It is thrown in a loop.');
        const body = statementsOf(statement).find((each) => this.#path.has(each));
        return body !== undefined && this.#follow([body], inlined);
      }
    }
  }

  /** Each operand of `&&` stands for itself: what can be decided is, whatever the others need. */
  #require(condition: Node, inlined: ReadonlyMap<string, PureNode>): void {
    if (condition.kind === 'logical' && condition.operator === '&&') {
      for (const operand of condition.operands) this.#require(operand, inlined);
      return;
    }
    const pure = this.#tryPurify(condition, inlined);
    if (pure !== undefined) this.#conjuncts.push(pure);
  }

  #requireNot(condition: Node, inlined: ReadonlyMap<string, PureNode>): void {
    const pure = this.#tryPurify(condition, inlined);
    if (pure !== undefined) this.#conjuncts.push(not(pure));
  }

  #tryPurify(node: Node, inlined: ReadonlyMap<string, PureNode>): PureNode | undefined {
    try {
      return purify(node, this.#names(inlined));
    } catch (error) {
      if (!(error instanceof Impure)) throw error;
      this.#late.add(`Whether it is thrown depends on ${error.message}, which only the script knows.`); // prettier-ignore
      return undefined;
    }
  }

  #names(inlined: ReadonlyMap<string, PureNode>): Names {
    const file = fileOf(this.#scope.program, this.#place.probe);
    return {
      descriptor: this.#descriptor,
      isGlobal: (name) => this.#scope.globalIndexes.has(globalName(file, name)),
      inlined,
    };
  }

  /** When a statement before the throw lets it be reached; true when that is not to be decided. */
  #passes(statement: Statement, inlined: ReadonlyMap<string, PureNode>): PureNode | boolean {
    if (!this.#survey.leaving.has(statement)) return true;
    switch (statement.kind) {
      case 'next':
        return false;
      case 'block': {
        const inside = new Map(inlined);
        const parts: PureNode[] = [];
        for (const each of statement.body) {
          const part = this.#passes(each, inside);
          if (part === false) return false;
          if (part !== true) parts.push(part);
          if (each.kind === 'assign') this.#inline(each, inside);
        }
        return parts.length === 0 ? true : join('&&', parts);
      }
      case 'if': {
        const condition = this.#tryPurify(statement.condition, inlined);
        if (condition === undefined) return true;
        const { whenTrue, whenFalse } = statement;
        const otherwise = whenFalse === undefined || this.#passes(whenFalse, inlined);
        return choose(condition, this.#passes(whenTrue, inlined), otherwise);
      }
      case 'while':
      case 'for':
      case 'foreach':
      case 'assign':
      case 'break':
      case 'call':
      case 'continue':
      case 'delete':
      case 'step':
      case 'throw':
      default:
        this.#late.add('A loop before it may leave the probe.');
        return true;
    }
  }

  /** Notes the value of a local that has one alone. */
  #inline({ target, operator, value }: AssignStatement, inlined: Map<string, PureNode>): void {
    if (target.kind !== 'name' || operator !== '=') return;
    if (this.#names(inlined).isGlobal(target.name)) return;
    if (this.#survey.assigned.get(target.name) !== 1) return;
    let pure: PureNode;
    try {
      pure = purify(value, this.#names(inlined));
    } catch (error) {
      if (error instanceof Impure) return;
      throw error;
    }
    const checked = recheck(pure, this.#descriptor)?.root;
    // An absent value is not assigned, and one of 64 bits is rounded.
    if (checked === undefined || checked.isOptional || checked.type === 'big') return;
    inlined.set(target.name, pure);
  }

  // ---- The payload

  #fields(inlined: ReadonlyMap<string, PureNode>): Readonly<Record<string, string>> {
    const checked = this.#checkedThrow();
    const declared = this.#scope.program.events.find(({ name }) => name === this.#throw.event);
    const texts: [string, string][] = [];
    for (const { name, value } of this.#throw.fields) {
      const field = declared?.fields.find((each) => each.name === name);
      const given = checked?.find((each) => each.name === name)?.value;
      let pure: PureNode | undefined;
      try {
        pure = purify(value, this.#names(inlined));
      } catch (error) {
        if (!(error instanceof Impure)) throw error;
      }
      // A throw without a value that it needs does nothing.
      if (given?.isOptional === true && field?.isOptional === false) this.#requireValue(pure, name);
      if (pure === undefined || given === undefined) continue;
      const fitted = this.#fit(pure, field?.type);
      if (recheck(fitted, this.#descriptor) === undefined) continue;
      texts.push([name, printExpression(fitted)]);
    }
    return Object.fromEntries(texts);
  }

  #requireValue(value: PureNode | undefined, name: string): void {
    const fields = value && optionalFieldsOf(value, this.#descriptor);
    if (fields === undefined) {
      this.#late.add(`It is thrown when ${name} has a value, which only the script knows.`);
      return;
    }
    for (const field of fields) this.#conjuncts.push(present(field));
  }

  /** What the throw does to numbers that an integer field may not hold. */
  #fit(value: PureNode, type: FieldType | undefined): PureNode {
    const range = rangeOf(type);
    const source = value.kind === 'field' ? this.#descriptor.fields[value.name]?.type : undefined;
    const isLiteral = value.kind === 'integer';
    if (range === undefined || type === undefined || isLiteral || isWithin(source, type)) {
      return value;
    }
    const [low, high] = range;
    const isFloat = recheck(value, this.#descriptor)?.type === 'float';
    const whole = isFloat ? cut(value, low < 0n) : value;
    return call('max', call('min', whole, integer(high)), integer(low));
  }

  #checkedThrow(): readonly { readonly name: string; readonly value: ScriptNode }[] | undefined {
    const event = this.#scope.eventIndexes.get(this.#throw.event);
    return findThrow(this.#survey.checked, event);
  }
}

function findThrow(
  statements: readonly CheckedStatement[],
  event: number | undefined,
): readonly { readonly name: string; readonly value: ScriptNode }[] | undefined {
  // prettier-ignore
  for (const statement of statements) {
    if (statement.kind === 'throw' && statement.event === event) return statement.fields;
    const below =
      statement.kind === 'if'
        ? [...statement.then, ...statement.otherwise]
        : statement.kind === 'loop' || statement.kind === 'foreach'
          ? [...statement.body, ...(statement.kind === 'loop' ? statement.step : [])]
          : [];
    const found = findThrow(below, event);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A number without its fraction; below zero, floor() would go the other way. */
function cut(value: PureNode, isSigned: boolean): PureNode {
  const floor = call('floor', value);
  if (!isSigned) return floor;
  const { start, end } = value;
  const span = { start, end };
  const negate = (operand: PureNode): PureNode => ({ kind: 'unary', operator: '-', operand, ...span }); // prettier-ignore
  const condition: PureNode = { kind: 'binary', operator: '<', left: value, right: integer(0n), ...span }; // prettier-ignore
  const whenTrue = negate(call('floor', negate(value)));
  return { kind: 'conditional', condition, whenTrue, whenFalse: floor, ...span };
}

function choose(
  condition: PureNode,
  then: PureNode | boolean,
  otherwise: PureNode | boolean,
): PureNode | boolean {
  // prettier-ignore
  if (then === otherwise) return then;
  const whenTrue = both(condition, then);
  const whenFalse = both(not(condition), otherwise);
  if (whenTrue === false) return whenFalse;
  if (whenFalse === false) return whenTrue;
  return join('||', [whenTrue, whenFalse]);
}

function both(condition: PureNode, rest: PureNode | boolean): PureNode | false {
  if (rest === false) return false;
  return rest === true ? condition : join('&&', [condition, rest]);
}

function countAssignments(statements: readonly Statement[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const statement of allStatements(statements)) {
    if (statement.kind === 'foreach') for (const { name } of statement.names) add(name);
    if (
      (statement.kind === 'assign' || statement.kind === 'step') &&
      statement.target.kind === 'name'
    ) {
      // prettier-ignore
      add(statement.target.name);
    }
  }
  return counts;
}
