import type { EventTypeDescriptor, RequestValues } from '@extension-events/core';
import type { Point, Program } from '../program/ast.ts';
import { checkBody } from '../program/body.ts';
import type { CheckedBody, CheckedPoint, Globals } from '../program/checked.ts';
import { ScriptError } from '../program/errors.ts';
import { parseProgram } from '../program/parser.ts';
import { isOwnPoint } from '../program/words.ts';
import type { SourceFile } from '../program/wire.ts';

/** Where an instance gets its code from: the front-end, or a test's own trees. */
export interface BodySource {
  /** Points that are events, in the order of the text. */
  readonly points: readonly CheckedPoint[];
  /** What `probe_name()` says there. */
  nameOf(point: CheckedPoint): string;
  /** @throws ScriptError when the probe does not fit the event type */
  bodyOf(point: CheckedPoint, descriptor: EventTypeDescriptor): CheckedBody;
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
  return {
    points: pointsOf(program),
    nameOf: ({ pattern }) => pattern,
    bodyOf: (point, descriptor) => checkBody(program, globals, point, descriptor),
  };
}

function pointsOf({ probes }: Program): CheckedPoint[] {
  return probes.flatMap(({ points }, probe) =>
    points.flatMap((point, index) => {
      const { isAwaited, pattern } = point;
      if (isOwnPoint(pattern)) return [];
      const request = requestOf(point);
      return [{ probe, point: index, pattern, isAwaited, ...(request && { request }) }];
    }),
  );
}

function requestOf({ parameters }: Point): RequestValues | undefined {
  if (parameters.length === 0) return undefined;
  return Object.fromEntries(parameters.map(({ name = '', value }) => [name, value]));
}
