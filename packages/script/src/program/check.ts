import type { EventTypeDescriptor, Fields } from '@extension-events/core';
import { nearest } from '../expression/nearest.ts';
import { readNumber } from '../expression/literals.ts';
import type { Point, Probe, Program } from './ast.ts';
import { checkProbe } from './body.ts';
import { Causes } from './cause.ts';
import type { CheckedEvent, CheckedGlobal, CheckedPoint, CheckedProgram, CheckedTimer, Globals } from './checked.ts'; // prettier-ignore
import type { Problem, ScriptErrorCode } from './errors.ts';
import { inferGlobals } from './infer.ts';
import type { InferredBody } from './infer.ts';
import type { Catalogue, ResolvedPoint } from './points.ts';
import { resolvePoint } from './points.ts';
import { ProblemList, refuse, untilEnough } from './problems.ts';
import { createScope, describeEvent, fileOf, globalName } from './scope.ts';
import { checkNames } from './unknown-names.ts';
import { allStatements, namesOf } from './walk.ts';

/** What `extev run` was told beside the text. */
export interface CheckOptions {
  /**
   * Initial values by name, `http.slow/slow_ms` or `slow_ms` for a global of a library file. Text is
   * read as what the global holds.
   */
  readonly globals?: Readonly<Record<string, number | string | boolean>>;
}

/** What came of a program: `checked` when it has no problems. */
export interface CheckOutcome {
  readonly checked?: CheckedProgram;
  readonly problems: readonly Problem[];
}

/** A point, what it matches, and where it stands. */
export interface PlacedPoint {
  readonly probe: Probe;
  readonly probeIndex: number;
  readonly point: Point;
  readonly pointIndex: number;
  readonly resolved: ResolvedPoint;
}

/**
 * Checks a program that has been parsed without problems: names against the event types that are
 * known, types, formats and parameters. Never throws.
 */
export function checkProgram(
  program: Program,
  catalogue: Catalogue,
  options: CheckOptions = {},
): CheckOutcome {
  const list = new ProblemList();
  let checked: CheckedProgram | undefined;
  untilEnough(() => {
    checked = check(program, catalogue, options, list);
  });
  const { problems } = list;
  return checked === undefined || problems.length > 0 ? { problems } : { checked, problems };
}

function check(
  program: Program,
  catalogue: Catalogue,
  options: CheckOptions,
  list: ProblemList,
): CheckedProgram {
  checkDeclarations(program, catalogue, list);
  const placed = placePoints(program, catalogue, list);
  const bodies = placed.flatMap(bodiesOf);
  const inferred = inferGlobals(program, [...bodies, ...placed.flatMap(awaitedBodyOf)]);
  const globals = setGlobals(inferred, options.globals ?? {}, list);
  const scope = createScope(program, globals);
  const disputed = disputedEvents(program);
  const checked = bodies.filter(({ descriptor, probe }) => !disputed.has(descriptor?.name ?? '') && !throwsOne(probe, disputed)); // prettier-ignore
  for (const { probe, point, descriptor } of checked) {
    checkProbe(scope, probe, point, descriptor, list);
  }
  // A probe whose event is awaited has the rest of its errors found when the event is there.
  const seen = new Set(checked.map(({ probe }) => probe));
  for (const probe of program.probes) if (!seen.has(probe)) checkNames(scope, probe, list);
  const causes = list.problems.length > 0 ? undefined : new Causes(scope, placed);
  const events = program.events.map((event): CheckedEvent => {
    const { name } = event;
    const cause = causes?.of(name);
    const { fields } = describeEvent(event);
    return {
      name,
      fields,
      file: fileOf(program, event).name,
      ...(cause !== undefined && { cause }),
    };
  });
  return { events, globals, ...pointsOf(placed) };
}

function checkDeclarations(program: Program, catalogue: Catalogue, list: ProblemList): void {
  const seen = new Map<string, string>();
  const once = (
    kind: string,
    name: string,
    item: { readonly file: number; readonly start: number; readonly end: number },
  ): void => {
    // prettier-ignore
    const file = fileOf(program, item);
    const key = `${kind} ${name}`;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, file.name);
      return;
    }
    list.attempt(file, () => {
      const where = first === file.name ? '' : `, first in ${first}`;
      const message = `The ${kind} ${name} is declared twice${where}.`;
      refuse('EE_SCRIPT_DUPLICATE', message, 'drop one of the declarations.', item);
    });
  };
  for (const event of program.events) {
    once('event', event.name, { ...event.nameSpan, file: event.file });
    for (const field of event.fields) {
      // As core has it: a name that every object inherits could not be told from an absent field.
      if (!Object.hasOwn(Object.prototype, field.name)) continue;
      list.attempt(
        fileOf(program, event),
        () =>
        refuse('EE_SCRIPT_NAME', `A field cannot be called ${field.name}.`, 'every object has one of that name: choose another.', field), // prettier-ignore
      );
    }
    const { fields } = describeEvent(event);
    const other = catalogue.find(event.name).find((each) => !hasSameFields(each.fields, fields));
    if (other === undefined) continue;
    list.attempt(fileOf(program, event), () => {
      const who = other.producer === undefined ? '' : ` of ${other.producer}`;
      const message = `There is an event ${event.name}${who} already, with other fields.`;
      refuse('EE_SCRIPT_CONFLICT', message, 'choose another name.', event.nameSpan);
    });
  }
  for (const global of program.globals) {
    once('global', globalName(fileOf(program, global), global.name), global);
  }
}

/** Events that are declared with different fields: one of them is wrong, and nobody knows which. */
function disputedEvents({ events }: Program): ReadonlySet<string> {
  const first = new Map<string, Fields>();
  const disputed = new Set<string>();
  for (const event of events) {
    const { fields, name } = describeEvent(event);
    const other = first.get(name);
    if (other === undefined) first.set(name, fields);
    else if (!hasSameFields(other, fields)) disputed.add(name);
  }
  return disputed;
}

function throwsOne(probe: Probe, names: ReadonlySet<string>): boolean {
  if (names.size === 0) return false;
  return [...allStatements(probe.body)].some(
    (each) => each.kind === 'throw' && names.has(each.event),
  );
}

function hasSameFields(a: Fields, b: Fields): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => {
      const [x, y] = [a[key], Object.hasOwn(b, key) ? b[key] : undefined];
      return x !== undefined && y !== undefined && x.type === y.type && (x.optional === true) === (y.optional === true); // prettier-ignore
    })
  );
}

function placePoints(
  program: Program,
  catalogue: Catalogue,
  list: ProblemList,
): readonly PlacedPoint[] {
  // prettier-ignore
  return program.probes.flatMap((probe, probeIndex) =>
    probe.points.flatMap((point, pointIndex) => {
      const file = fileOf(program, probe);
      const resolved = list.attempt(file, () => resolvePoint(point, program, catalogue));
      return resolved === undefined ? [] : [{ probe, probeIndex, point, pointIndex, resolved }];
    }),
  );
}

type Body = InferredBody & { readonly point: Point | undefined };

/** Bodies of a point: one for each set of types that the fields it names have. */
function bodiesOf({ probe, point, resolved }: PlacedPoint): readonly Body[] {
  if (resolved.kind !== 'event') {
    return [{ probe, point: undefined, descriptor: undefined, isOfEvent: false }];
  }
  const names = [...namesOf(probe)];
  const distinct = new Map<string, EventTypeDescriptor>();
  for (const descriptor of resolved.descriptors) {
    const signature = names.map((name) => typeText(descriptor.fields, name)).join();
    if (!distinct.has(signature)) distinct.set(signature, descriptor);
  }
  return [...distinct.values()].map((descriptor) => ({
    probe,
    point,
    descriptor,
    isOfEvent: true,
  }));
}

/** Of an awaited event nothing is known but what its probe does. */
function awaitedBodyOf({ probe, resolved }: PlacedPoint): readonly InferredBody[] {
  if (resolved.kind !== 'event' || resolved.descriptors.length > 0) return [];
  return [{ probe, descriptor: undefined, isOfEvent: true }];
}

function typeText(fields: Fields, name: string): string {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return field === undefined ? '' : `${field.type}${field.optional === true ? '?' : ''}`;
}

function pointsOf(placed: readonly PlacedPoint[]): Omit<CheckedProgram, 'events' | 'globals'> {
  const points: CheckedPoint[] = [];
  const timers: CheckedTimer[] = [];
  const begins: number[] = [];
  const ends: number[] = [];
  for (const { probeIndex: probe, pointIndex, point, resolved } of placed) {
    switch (resolved.kind) {
      case 'begin':
        begins.push(probe);
        break;
      case 'end':
        ends.push(probe);
        break;
      case 'timer':
        timers.push({ probe, everyMs: resolved.everyMs });
        break;
      case 'event':
      default: {
        const { pattern, isAwaited } = point;
        const { request } = resolved;
        points.push({ probe, point: pointIndex, pattern, isAwaited, ...(request && { request }) });
      }
    }
  }
  return { points, timers, begins, ends };
}

// ---- Values from outside

function setGlobals(
  globals: Globals,
  given: Readonly<Record<string, number | string | boolean>>,
  list: ProblemList,
): Globals {
  const set = new Map<string, number | string | boolean>();
  for (const [name, value] of Object.entries(given)) {
    const text = `${name}=${value}`;
    const file = { name: '--global', text };
    list.attempt(file, () => {
      const global = findGlobal(globals, name, text.length);
      const read = readValue(global, value);
      if (read === undefined) {
        const article = global.value === 'string' ? 'a string' : `a ${global.value}`;
        refuse('EE_SCRIPT_TYPE', `${global.name} holds ${article}.`, `write --global ${name}=${exampleOf(global)}.`, { start: name.length + 1, end: text.length }); // prettier-ignore
      }
      set.set(global.name, read);
    });
  }
  return globals.map((global) => {
    const initial = set.get(global.name);
    return initial === undefined ? global : { ...global, initial };
  });
}

function findGlobal(globals: Globals, name: string, length: number): CheckedGlobal {
  const span = { start: 0, end: Math.min(name.length, length) };
  // Globals of a library file are its own affair, but for those that it gives a value: its parameters.
  const settable = globals.filter((each) => !each.name.includes('/') || each.initial !== undefined);
  const exact = settable.find((each) => each.name === name);
  const same = settable.filter((each) => each.name.endsWith(`/${name}`));
  const found = exact ?? (same.length === 1 ? same[0] : undefined);
  const failWith = (code: ScriptErrorCode, message: string, hint: string): never => refuse(code, message, hint, span); // prettier-ignore
  if (found === undefined) {
    const names = settable.map((each) => each.name);
    const near = same.map((each) => each.name).join(' or ') || nearest(name, names);
    const list = names.length === 0 ? 'it has none.' : `globals are ${names.join(', ')}.`;
    return failWith('EE_SCRIPT_NAME', `The script has no global ${name}.`, near === undefined ? list : `did you mean ${near}?`); // prettier-ignore
  }
  if (found.keys.length > 0 || found.value === 'stats') {
    const message = `${name} is no single value, and cannot be set.`;
    return failWith('EE_SCRIPT_TYPE', message, 'set a global that holds a number, string or bool.');
  }
  return found;
}

function readValue(
  { value: type }: CheckedGlobal,
  given: number | string | boolean,
): number | string | boolean | undefined {
  // prettier-ignore
  if (type === 'string') return typeof given === 'string' ? given : undefined;
  if (type === 'bool') {
    if (typeof given === 'boolean') return given;
    return given === 'true' ? true : given === 'false' ? false : undefined;
  }
  if (typeof given === 'number') return given;
  return typeof given === 'string' ? readNumberText(given) : undefined;
}

function readNumberText(text: string): number | undefined {
  const digits = text.startsWith('-') ? text.slice(1) : text;
  if (!/^\d/.test(digits)) return undefined;
  try {
    const { value, end } = readNumber(digits, 0);
    if (end !== digits.length) return undefined;
    return text.startsWith('-') ? -Number(value) : Number(value);
  } catch {
    return undefined;
  }
}

function exampleOf({ value }: CheckedGlobal): string {
  return value === 'string' ? 'TEXT' : value === 'bool' ? 'true' : '100';
}
