import type { Stopper } from './catchpoints.ts';
import type { EngineFrame, Place, Variable } from './engine.ts';
import type { StopCause, StopFrame, ThreadInfo } from './internal-types.ts';
import { formatValue, lineStyle } from './format-value.ts';
import { makePrintable, type Paint, shorten } from './paint.ts';
import type { RemoteValue } from './v8-types.ts';

/** `1 (main, tid 4242)`. */
export function formatThread(thread: ThreadInfo | undefined, number: number): string {
  if (thread === undefined) return String(number);
  const name = thread.name === '' ? '' : `${makePrintable(thread.name)}, `;
  return `${number} (${name}tid ${thread.tid})`;
}

/** `Catchpoint 1, hot-spot`: why a thread stands, without saying which. */
export function formatReason(cause: StopCause, entries: readonly Stopper[]): string {
  switch (cause.type) {
    case 'event':
      return `${formatEntries(entries, 'Catchpoint')}, ${cause.event}`;
    case 'breakpoint':
      return formatEntries(entries, 'Breakpoint');
    case 'step':
      return 'Stepped';
    case 'pause':
      return 'Interrupted';
    case 'foreign':
      return cause.reason.startsWith('signal ')
        ? `Stopped by ${makePrintable(cause.reason)}`
        : `Stopped by another inspector: ${makePrintable(cause.reason)}`;
    default:
      return cause satisfies never;
  }
}

function formatEntries(entries: readonly Stopper[], word: string): string {
  const numbers = entries.map((entry) => entry.number);
  if (numbers.length === 0) return word;
  if (numbers.length === 1) {
    return entries[0]?.isTemporary === true
      ? `Temporary ${word.toLowerCase()} ${numbers[0]}`
      : `${word} ${numbers[0]}`;
  }
  return `${word}s ${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`;
}

/** `#0  normalizeKey (key="…", table=Array(4000)) at src/keys.ts:31:18`. */
export function formatFrame(
  frame: EngineFrame,
  parameters: readonly Variable[] | undefined,
  paint: Paint,
): string {
  const name = makePrintable(frame.functionName === '' ? '<anonymous>' : frame.functionName);
  const list = parameters?.map(({ name: key, value }) => `${key}=${value}`).join(', ');
  const call = list === undefined ? '' : ` (${list})`;
  const place = makePrintable(formatPlace(frame.place));
  const level = `#${frame.level}`.padEnd(3);
  if (!frame.isUser) return paint('dim', `${level} ${name}${call} at ${place}`);
  return `${level} ${paint('bold', name)}${call} at ${paint('cyan', place)}`;
}

/** `src/keys.ts:31:18`, `walk.c:12`, or `0x7f12 in libc.so.6` where no line is known. */
export function formatPlace({ shown, line, column, address }: Place): string {
  if (line > 0) return column > 0 ? `${shown}:${line}:${column}` : `${shown}:${line}`;
  return [address, shown].filter((part) => (part ?? '') !== '').join(' in ');
}

/** What the user must know to judge the stop: where it landed, who else holds it. */
export function formatRemarks(frame: StopFrame): string[] {
  const notes = [...describeReturned(frame), ...(frame.notes ?? [])];
  // The agent's own words tell more than the word that stands for them.
  const remarks = notes.length > 0 ? notes : [describeLanding(frame)];
  const holders = (frame.holders ?? []).map(makePrintable);
  if (holders.length > 0) {
    remarks.push(
      `${holders.join(', ')} ${holders.length === 1 ? 'holds' : 'hold'} this stop too: the thread runs when everybody has continued, and steps for the first that asks`,
    );
  }
  return [...new Set(remarks)]
    .filter((remark) => remark !== '')
    .map((remark) => `  (${makePrintable(remark).replace(/\.$/, '')})`);
}

// In the same words as gdb's threads, see gdb-stops.ts.
function describeReturned({ cause }: StopFrame): string[] {
  if (cause?.type !== 'step' || cause.returned === undefined) return [];
  return [`it returned ${formatValue(cause.returned as RemoteValue, lineStyle)}`];
}

function describeLanding({ landed, frames }: StopFrame): string {
  if (landed === 'function') {
    return 'stopped in the function of the event: its very line was not being executed any more';
  }
  if (landed === 'in-place') {
    return "stopped in place: there is no frame of the program's own code on this stack";
  }
  if (landed !== 'elsewhere') return '';
  return frames?.[0]?.isUser === false
    ? "stopped in a frame that is not the program's own code: there is none below the post"
    : 'stopped elsewhere: the place that the event names was not reached again';
}

/** `locals: key = "…", row = Row {id: 1}`, as many as fit; alike doubtful ones are told together. */
export function formatLocals(variables: readonly Variable[], width: number): string | undefined {
  if (variables.length === 0) return undefined;
  const doubtful = variables.filter(({ value }) => value.startsWith('undefined ('));
  const clear = variables.filter((variable) => !doubtful.includes(variable));
  const parts = clear.map(({ name, value }) => ({ text: `${name} = ${value}`, count: 1 }));
  if (doubtful.length > 0) {
    const names = doubtful.map((variable) => variable.name).join(', ');
    parts.push({ text: `${names} = ${doubtful[0]?.value ?? ''}`, count: doubtful.length });
  }
  const shown: string[] = [];
  let used = 'locals: '.length;
  let left = variables.length;
  for (const part of parts) {
    // Two lines of a terminal; the rest is an `info locals` away.
    if (shown.length > 0 && used + part.text.length > 2 * width - 30) break;
    shown.push(shorten(part.text, 2 * width - 30));
    used += part.text.length + 2;
    left -= part.count;
  }
  if (left > 0) shown.push(`… ${left} more (info locals)`);
  return `locals: ${shown.join(', ')}`;
}
