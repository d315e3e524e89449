import type { EventTypeDescriptor } from '@extension-events/core';
import { helpers } from '../expression/helpers.ts';
import type { CheckedBody, CheckedEvent } from '../program/checked.ts';
import { type BodyPlace, emitBody } from './emit.ts';
import type { ProbeLabel } from './errors.ts';
import { runtimeFunctions } from './functions.ts';
import type { Machine, Run, Throwable } from './machine.ts';
import { type FieldToRead, payloadTests } from './payload.ts';
import type { Store } from './store.ts';
import { walkBody } from './walk.ts';
import { writes } from './weigh.ts';

/** What the bodies of one script share where they run. */
export interface Surface {
  readonly machine: Machine;
  readonly stores: readonly Store[];
  readonly events: readonly CheckedEvent[];
  /** Handles of the events, by number. */
  readonly types: readonly Throwable[];
}

let nextId = 1;

/**
 * Makes a function of a checked body.
 *
 * Where the process forbids code from strings a tree is walked instead, with the same results, some
 * ten times slower.
 *
 * @param descriptor - of the event type that it is for; the coordinator's bodies have none
 */
export function compileBody(
  body: CheckedBody,
  descriptor: Pick<EventTypeDescriptor, 'fields'> | undefined,
  label: ProbeLabel,
  surface: Surface,
): Run {
  const { events, machine } = surface;
  const fields = fieldsToRead(body, descriptor);
  const place: BodyPlace = {
    fields,
    label,
    events,
    statements: machine.budget.statementsPerHit,
  };
  return generateBody(body, place, surface) ?? walkBody(body, place, surface);
}

/** The body as generated code; undefined where code from strings is forbidden. */
export function generateBody(
  body: CheckedBody,
  place: BodyPlace,
  surface: Surface,
): Run | undefined {
  const { machine, stores, types } = surface;
  const { code, constants } = emitBody(body, place);
  const source = [
    '"use strict";',
    nameSlots('k', constants),
    nameSlots('g', stores),
    nameSlots('e', types),
    'function run(p, c) {',
    `try { ${code} } catch (error) { return r.fail(error, l); }`,
    '}',
    // An inspector may interrupt a body and ask for the share that it is writing to.
    body.statements.some(writes)
      ? 'function body(p, c) { const d = r.depth; r.depth = d + 1; const m = run(p, c); r.depth = d; return m; }'
      : 'const body = run;',
    // One hit in some is timed; see Meter.
    'return function probe(p, c) { return --r.left > 0 ? body(p, c) : r.time(body, p, c); };',
    `//# sourceURL=extension-events:script/${nextId++}`,
  ].join('\n');
  let make;
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- templates, slots and literals; see emit.ts
    make = new Function('h', 'b', 'r', 'x', 'k', 'g', 'e', 'l', source) as (
      ...values: readonly unknown[]
    ) => Run;
  } catch {
    // An EvalError; some sandboxes throw other things from a Function that they replaced.
    return undefined;
  }
  return make(
    helpers,
    payloadTests,
    machine,
    runtimeFunctions,
    constants,
    stores,
    types,
    place.label,
  );
}

// Constants of the closure: V8 knows what they are when it compiles the body.
function nameSlots(letter: string, list: readonly unknown[]): string {
  return list.map((_, slot) => `const ${letter}${slot} = ${letter}[${slot}];`).join(' ');
}

function fieldsToRead(
  { fields }: CheckedBody,
  descriptor: Pick<EventTypeDescriptor, 'fields'> | undefined,
): FieldToRead[] {
  return fields.map((name) => {
    const field = descriptor?.fields[name];
    if (field === undefined) throw new TypeError(`the body reads ${name}, which is no field`);
    return { name, type: field.type, isOptional: field.optional === true };
  });
}
