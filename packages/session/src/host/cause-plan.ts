/**
 * Pure: how a catch of an event type with a `cause` is carried out on native threads. The event
 * itself is posted from beside the thread, when the thread has long gone on; what it follows from
 * can stop the thread in the act. So the cause is listened to, with both predicates, and what stops
 * is told as the event that would have followed.
 */
import type { AnyPayload, Comparison, EventCause, EventTypeDescriptor, FieldType, FieldValue, Predicate, PredicateContext, StoppingEvent } from '@extension-events/core'; // prettier-ignore
import { compileExpression, compilePredicate, parseExpression } from '@extension-events/script/expression'; // prettier-ignore
import { conjunctsOf } from './push-down.ts';

/** A type that tells what it follows from. */
export type CausedType = EventTypeDescriptor & { readonly cause: EventCause };

export function isCaused(descriptor: EventTypeDescriptor): descriptor is CausedType {
  return descriptor.cause !== undefined;
}

/** What a catch of one such type comes to. */
export class CausePlan {
  readonly type: CausedType;
  readonly #condition: string | undefined;
  #values: readonly (readonly [string, Value])[] = [];

  /**
   * @param condition - the catch's own predicate, over the fields of the type
   * @throws ExpressionError when it does not fit them
   */
  constructor(type: CausedType, condition: string | undefined) {
    this.type = type;
    this.#condition = condition;
    if (condition !== undefined) compilePredicate(condition, type);
  }

  /**
   * The whole predicate over the fields of the cause.
   *
   * @throws ExpressionError when the texts of the cause do not fit them
   */
  compile(cause: EventTypeDescriptor): Predicate {
    const { where = 'true', fields = {} } = this.type.cause;
    const holds = compilePredicate(where, cause);
    this.#values = Object.entries(fields).map(([name, text]) => [name, valueFor(text, cause, this.type.fields[name]?.type)]); // prettier-ignore
    if (this.#condition === undefined) return holds;
    const isWanted = compilePredicate(this.#condition, this.type);
    return (payload, context) =>
      holds(payload, context) && isWanted(this.#payload(payload, context), this.#rename(context));
  }

  /** Comparisons of the cause's fields that must all hold: those of both predicates. */
  conjuncts(cause: EventTypeDescriptor, sure: readonly string[] = []): Comparison[] {
    const { where, fields = {} } = this.type.cause;
    const own = where === undefined ? [] : conjunctsOf(where, cause, sure);
    if (this.#condition === undefined) return own;
    const theirs = conjunctsOf(this.#condition, this.type, Object.keys(fields));
    const renamed = theirs.flatMap((comparison) => {
      const field = fieldNamed(fields[comparison.field], cause, sure, this.type.fields[comparison.field]?.type); // prettier-ignore
      return field === undefined ? [] : { ...comparison, field };
    });
    return [...own, ...renamed];
  }

  /** The event that follows from one of the cause. */
  follow(
    posted: StoppingEvent,
    process: { readonly pid: number; nameOf(tid: number): string },
  ): StoppingEvent {
    // prettier-ignore
    const { name, payload, subject, timestampNs } = posted;
    const { tid, threadId } = subject;
    const context = { pid: process.pid, tid, threadId, threadName: process.nameOf(tid), timestampNs, eventName: name }; // prettier-ignore
    return { ...posted, name: this.type.name, payload: this.#payload(payload, context) };
  }

  #payload(payload: AnyPayload, context: PredicateContext): AnyPayload {
    const made: Record<string, FieldValue> = {};
    for (const [name, value] of this.#values) {
      const found = value(payload, context);
      if (found !== undefined) made[name] = found;
    }
    return made;
  }

  // The context is one object that changes: what is read of it is copied.
  #rename({ pid, tid, threadId, threadName, timestampNs }: PredicateContext): PredicateContext {
    return { pid, tid, threadId, threadName, timestampNs, eventName: this.type.name };
  }
}

type Value = (payload: AnyPayload, context: PredicateContext) => FieldValue | undefined;

function valueFor(text: string, cause: EventTypeDescriptor, type: FieldType | undefined): Value {
  const evaluate = compileExpression(text, cause);
  return (payload, context) => {
    const value = evaluate(payload, context);
    return value === undefined || type === undefined ? undefined : fit(value, type);
  };
}

/** A number as the field holds it; what is of no use there is left out. */
function fit(value: FieldValue, type: FieldType): FieldValue | undefined {
  if (type === 'bool') return typeof value === 'boolean' ? value : undefined;
  if (type === 'string' || type === 'stack') return typeof value === 'string' ? value : undefined;
  if (type === 'bytes') return value instanceof Uint8Array ? value : undefined;
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  if (type === 'f32' || type === 'f64') return Number(value);
  const whole = typeof value === 'bigint' ? value : wholeOf(value);
  if (whole === undefined) return undefined;
  const bits = Number(type.slice(1));
  const fitting = type.startsWith('u') ? BigInt.asUintN(bits, whole) : BigInt.asIntN(bits, whole);
  if (fitting !== whole) return undefined;
  return bits === 64 ? whole : Number(whole);
}

function wholeOf(value: number): bigint | undefined {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
}

/**
 * The field of the cause that a field is a plain copy of, so that a comparison of one is a comparison
 * of the other. A whole number that does not fit would be absent here, and nothing compares to what
 * is absent: the comparison of the cause's field only lets more through.
 */
function fieldNamed(
  text: string | undefined,
  cause: EventTypeDescriptor,
  sure: readonly string[],
  type: FieldType | undefined,
): string | undefined {
  if (text === undefined) return undefined;
  const { root } = parseExpression(text);
  if (root.kind !== 'field') return undefined;
  const field = cause.fields[root.name];
  const isThere = field?.optional !== true || sure.includes(root.name);
  const isSame = field?.type === type || (isWhole(field?.type) && isWhole(type));
  return isSame && isThere ? root.name : undefined;
}

function isWhole(type: FieldType | undefined): boolean {
  return type !== undefined && /^[iu]\d/.test(type);
}
