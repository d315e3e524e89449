import type { EventTypeDescriptor, RequestValues } from '@extension-events/core';
import type { Point, Program } from '../program/ast.ts';
import { checkBody } from '../program/body.ts';
import type { CheckedBody, CheckedPoint, Globals } from '../program/checked.ts';
import { ScriptError } from '../program/errors.ts';
import { settleGlobals } from '../program/infer.ts';
import { adoptSettled } from '../program/open-types.ts';
import { parseProgram } from '../program/parser.ts';
import { fileOf, globalName, placeOf } from '../program/scope.ts';
import { callsFunction, namesOf } from '../program/walk.ts';
import { isOwnPoint } from '../program/words.ts';
import type { SettledGlobal, SourceFile } from '../program/wire.ts';
import type { ProbeLabel } from './errors.ts';

/** Where an instance gets its code from: the front-end, or a test's own trees. */
export interface BodySource {
  /** Points that are events, in the order of the text. */
  readonly points: readonly CheckedPoint[];
  labelOf(point: CheckedPoint): ProbeLabel;
  /** As they are known so far: a body may settle what was open. */
  readonly globals: Globals;
  /** @throws ScriptError when the probe does not fit the event type */
  bodyOf(point: CheckedPoint, descriptor: EventTypeDescriptor): CheckedBody;
  /** Takes in what another thread has settled. */
  adopt(settled: readonly SettledGlobal[]): void;
}

/**
 * The bodies of a text, each checked when its event type is there.
 *
 * @throws ScriptError when the text does not follow the grammar
 */
export function readSource(files: readonly SourceFile[], globals: Globals): BodySource {
  const { program, problems } = parseProgram(files);
  const [first, ...rest] = problems;
  if (first !== undefined) throw new ScriptError([first, ...rest]);
  return new TextSource(program, globals);
}

class TextSource implements BodySource {
  readonly points: readonly CheckedPoint[];
  globals: Globals;
  readonly #program: Program;
  /** Globals that code was made for. */
  readonly #used: Set<string> = new Set();

  constructor(program: Program, globals: Globals) {
    this.#program = program;
    this.globals = globals;
    this.points = pointsOf(program);
  }

  labelOf({ pattern, probe: index }: CheckedPoint): ProbeLabel {
    const probe = this.#program.probes[index];
    return { name: pattern, place: probe === undefined ? '' : placeOf(this.#program, probe) };
  }

  bodyOf(point: CheckedPoint, descriptor: EventTypeDescriptor): CheckedBody {
    const settled = this.#settle(point, descriptor);
    const body = checkBody(this.#program, settled, point, descriptor);
    this.globals = settled;
    for (const name of this.#globalsOf(point)) this.#used.add(name);
    return body;
  }

  #settle({ probe: index }: CheckedPoint, descriptor: EventTypeDescriptor): Globals {
    const probe = this.#program.probes[index];
    if (probe === undefined || this.globals.every(({ open }) => open === undefined)) return this.globals; // prettier-ignore
    return settleGlobals(this.#program, this.globals, { probe, descriptor, isOfEvent: true }, (name) => !this.#used.has(name)); // prettier-ignore
  }

  #globalsOf({ probe: index }: CheckedPoint): string[] {
    const probe = this.#program.probes[index];
    if (probe === undefined) return [];
    const file = fileOf(this.#program, probe);
    return Array.from(namesOf(probe), (name) => globalName(file, name));
  }

  adopt(settled: readonly SettledGlobal[]): void {
    const news = settled.filter(({ global }) => !this.#used.has(this.globals[global]?.name ?? ''));
    this.globals = adoptSettled(this.globals, news);
  }
}

function pointsOf({ probes }: Program): CheckedPoint[] {
  return probes.flatMap((each, probe) =>
    each.points.flatMap((point, index) => {
      const { isAwaited, pattern } = point;
      if (isOwnPoint(pattern)) return [];
      const request = requestOf(point);
      const wantsStack = callsFunction(each, 'stack');
      return [{ probe, point: index, pattern, isAwaited, ...(request && { request }), ...(wantsStack && { wantsStack }) }]; // prettier-ignore
    }),
  );
}

function requestOf({ parameters }: Point): RequestValues | undefined {
  if (parameters.length === 0) return undefined;
  return Object.fromEntries(parameters.map(({ name = '', value }) => [name, value]));
}
