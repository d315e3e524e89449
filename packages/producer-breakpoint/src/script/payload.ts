import { formatStackFrame, toPath } from '@extension-events/platform-v8';
import type { BreakpointHitPayload } from '../types.ts';
import type { RawFrame, RawHit } from './helper.ts';
import type { Places } from './places.ts';
import type { Script } from './scripts.ts';
import type { Spot } from './spot.ts';

/** What a payload is made of besides the hit itself. */
export interface HitContext {
  readonly places: Places;
  readonly scripts: readonly Script[];
  readonly location: string;
  readonly hits: number;
  readonly stackDepth: number;
  /** Printed captures by the text of the asked ones; `undefined`: none was asked for. */
  readonly values: Readonly<Record<string, string>> | undefined;
  readonly note: string | undefined;
}

/** Writes the payload of a hit in JavaScript: generated places become what a person wrote. */
export function writePayload(spot: Spot, hit: RawHit, context: HitContext): BreakpointHitPayload {
  const { hits, location, note, places, stackDepth, values } = context;
  const byUrl = (url: string): Script | undefined =>
    context.scripts.findLast((script) => script.url === url || script.path === url);
  const script = context.scripts.find(({ scriptId }) => scriptId === spot.actual.scriptId);
  const line = spot.actual.lineNumber + 1;
  const column = spot.actual.columnNumber + 1;
  const written = script === undefined ? undefined : places.toOriginal(script, { line, column });
  const [innermost] = hit.frames;
  const stack = hit.frames.slice(0, stackDepth).map((frame) => writeFrame(frame, byUrl, places));
  return {
    location,
    function: innermost?.[0] || '(anonymous)',
    url: written?.path ?? '',
    line: written?.line ?? line,
    column: written?.column ?? column,
    hits,
    ...(values === undefined ? {} : { values: JSON.stringify(values) }),
    ...(note === undefined ? {} : { note }),
    method: 'condition',
    scriptId: spot.actual.scriptId,
    scriptUrl: script?.url ?? '',
    scriptLine: line,
    scriptColumn: column,
    functionLine: innermost?.[6] ?? 0,
    ...(stackDepth === 0 ? {} : { stack: stack.join('\n') }),
  };
}

function writeFrame(
  [functionName, url, line, column, isAsync, isConstructor]: RawFrame,
  byUrl: (url: string) => Script | undefined,
  places: Places,
): string {
  const script = url === '' || url.startsWith('node:') ? undefined : byUrl(url);
  const at = script === undefined ? { path: toPath(url), line, column } : places.toOriginal(script, { line, column }); // prettier-ignore
  return formatStackFrame({
    functionName,
    url: at.path,
    line: at.line,
    column: at.column,
    isAsync: isAsync === 1,
    isConstructor: isConstructor === 1,
  });
}
