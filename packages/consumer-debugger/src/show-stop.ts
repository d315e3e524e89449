import type { Debuggee } from './debuggee.ts';
import type { EngineFrame, Place, Variable } from './engine.ts';
import { describeError } from './errors.ts';
import { formatEventPlace, formatPayload, type ShowPlace } from './format-payload.ts';
import { formatListing } from './format-source.ts';
import { formatFrame, formatLocals, formatReason, formatRemarks } from './format-stop.ts';
import type { AnyPayload } from './internal-types.ts';
import { shorten } from './paint.ts';
import type { Stop } from './stop-board.ts';
import type { Transcript } from './transcript.ts';

/** Source lines before and after the current one in a stop. */
const contextLines = 3;

/**
 * Prints a stop: which catchpoint and event with what it says, the thread, the frame, what is to
 * be known of the place, source lines, locals. A part that cannot be had is said in its place.
 */
export async function showStop(
  debuggee: Debuggee,
  transcript: Transcript,
  stop: Stop,
): Promise<void> {
  const { paint } = transcript;
  const reason = formatReason(stop.cause, stop.entries);
  transcript.write('', `${paint('bold', reason)} in thread ${debuggee.nameThread(stop.thread)}`);
  if (stop.cause.type === 'event') {
    const said = await describeEvent(debuggee, stop.cause.event, stop.cause.payload);
    if (said !== '') transcript.write(`  ${said}`);
  }
  const frame = (await debuggee.frames(stop))[debuggee.selectedLevel];
  if (frame === undefined) {
    transcript.write(...formatRemarks(stop.frame), 'The stack is empty.');
    return;
  }
  await showFrame(debuggee, transcript, frame);
  transcript.write(...formatRemarks(stop.frame));
  await showSource(debuggee, transcript, frame.place, contextLines);
  const locals = await attempt(transcript, () => readLocals(debuggee, frame));
  const line = locals === undefined ? undefined : formatLocals(locals, transcript.width);
  if (line !== undefined) transcript.write(line);
  const registers = await attempt(transcript, async () =>
    debuggee.engine.summarizeRegisters?.(stop.thread),
  );
  if (registers !== undefined) transcript.write(`registers: ${registers} (info registers)`);
}

/** After a step: the frame only when it is another one, then the line. */
export async function showStep(
  debuggee: Debuggee,
  transcript: Transcript,
  stop: Stop,
  before: EngineFrame | undefined,
): Promise<void> {
  const frame = (await debuggee.frames(stop))[debuggee.selectedLevel];
  if (frame === undefined) {
    transcript.write('The stack is empty.');
    return;
  }
  if (!isSameFunction(frame, before)) await showFrame(debuggee, transcript, frame);
  // Who else holds the thread was said when it stopped.
  transcript.write(...formatRemarks({ ...stop.frame, holders: [] }));
  await showSource(debuggee, transcript, frame.place, 0);
}

function isSameFunction(a: EngineFrame, b: EngineFrame | undefined): boolean {
  return b !== undefined && a.functionName === b.functionName && a.place.file === b.place.file;
}

export async function showFrame(
  debuggee: Debuggee,
  transcript: Transcript,
  frame: EngineFrame,
): Promise<void> {
  const parameters = await debuggee.engine.parameters(frame).catch(() => undefined);
  transcript.write(formatFrame(frame, parameters, transcript.paint));
}

/** Lines around a place, with it marked; `list` goes on after them. */
export async function showSource(
  debuggee: Debuggee,
  transcript: Transcript,
  place: Place,
  around: number,
): Promise<void> {
  const source =
    place.line === 0 ? undefined : await attempt(transcript, () => debuggee.engine.source(place));
  if (source === undefined) {
    debuggee.listed = undefined;
    await showInstructions(debuggee, transcript, place, around);
    return;
  }
  const from = Math.max(1, place.line - around);
  const to = place.line + around;
  if (source.remark !== undefined) transcript.write(`  (${source.remark})`);
  const { width, paint } = transcript;
  transcript.write(
    ...formatListing({ lines: source.lines, from, to, current: place, width }, paint),
  );
  debuggee.listed = { place, from, to: Math.min(to, source.lines.length) };
}

/** Where there is no source, the machine's instructions tell where the thread stands. */
export async function showInstructions(
  debuggee: Debuggee,
  transcript: Transcript,
  place: Place,
  after: number,
): Promise<void> {
  const lines = await attempt(transcript, async () => debuggee.engine.disassemble?.(place));
  const shown = (lines ?? []).slice(0, after === 0 ? 1 : undefined);
  transcript.write(...shown.map((line) => shorten(line, transcript.width)));
}

/** Locals of a frame: parameters and variables, none of enclosing functions. */
export async function readLocals(
  debuggee: Debuggee,
  frame: EngineFrame,
): Promise<readonly Variable[]> {
  const scopes = await debuggee.engine.scopes(frame);
  const locals = scopes.filter((scope) => scope.kind === 'local');
  const seen = new Set<string>();
  return locals
    .flatMap((scope) => scope.variables)
    .filter(({ name }) => !seen.has(name) && seen.add(name));
}

/** What an event says, with its places as the original source has them. */
export async function describeEvent(
  debuggee: Debuggee,
  event: string,
  payload: AnyPayload,
): Promise<string> {
  const descriptor = debuggee.connection.eventTypes.find(
    (type) => type.descriptor.name === event,
  )?.descriptor;
  return formatPayload(payload, descriptor, await placeShower(debuggee, payload));
}

/** The place that an event names: `normalizeKey at src/keys.ts:31`. */
export async function describeEventPlace(debuggee: Debuggee, payload: AnyPayload): Promise<string> {
  return formatEventPlace(payload, new Set(), await placeShower(debuggee, payload));
}

/** Looks the payload's place up beforehand, since formatting is synchronous. */
async function placeShower(debuggee: Debuggee, payload: AnyPayload): Promise<ShowPlace> {
  const { url, line, column } = payload;
  if (typeof url !== 'string') return () => '';
  const shown = await debuggee.engine.describePlace(
    url,
    typeof line === 'number' ? line : undefined,
    typeof column === 'number' ? column : undefined,
  );
  return () => shown;
}

/** A part of a stop that fails is told in one line, and the rest of the stop is shown. */
async function attempt<T>(transcript: Transcript, part: () => Promise<T>): Promise<T | undefined> {
  try {
    return await part();
  } catch (error) {
    const [first = ''] = describeError(error).split('\n');
    transcript.write(`  (${first})`);
    return undefined;
  }
}
