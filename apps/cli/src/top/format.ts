import { makePrintable } from '../printable.ts';
import { formatCount, formatQuantity } from './quantity.ts';
import type { TopPicture, TopRow } from './row.ts';
import { sparkline, squeeze } from './sparkline.ts';

/** How text is made to stand out; the identity where there is no colour. */
export type Paint = (style: 'bold' | 'dim' | 'inverse' | 'red', text: string) => string;

const sparkColumns = 30;

interface Column {
  readonly title: string;
  readonly isRight?: boolean;
  readonly text: (row: TopRow) => string;
  /** What it needs at least, in characters; a narrow terminal leaves the last ones out. */
  readonly least: number;
}

const columns: readonly Column[] = [
  { title: 'EVENT', least: 12, text: ({ event }) => makePrintable(event) },
  { title: '/S', least: 6, isRight: true, text: ({ perSecond }) => formatCount(perSecond) },
  { title: 'TOTAL', least: 6, isRight: true, text: ({ total }) => formatCount(total) },
  { title: 'LAST MINUTE', least: sparkColumns, text: ({ isOthers, minute }) => isOthers === true ? '(heard by others)' : sparkline(squeeze(minute, sparkColumns)) }, // prettier-ignore
  { title: 'P50', least: 8, isRight: true, text: ({ number }) => number === undefined ? '' : formatQuantity(number.p50, number.unit) }, // prettier-ignore
  { title: 'P99', least: 8, isRight: true, text: ({ number }) => number === undefined ? '' : formatQuantity(number.p99, number.unit) }, // prettier-ignore
  { title: 'OF', least: 10, text: ({ number }) => number?.field ?? '' },
  { title: 'TOP VALUE', least: 16, text: ({ top }) => top === undefined ? '' : `${top.field}=${makePrintable(top.value)} ${Math.round(top.share * 100)}%` }, // prettier-ignore
];

/** The picture as lines of at most `width` characters. */
export function formatPicture(picture: TopPicture, width: number, paint: Paint): string[] {
  return [...formatHead(picture, width, paint), '', ...formatRows(picture.rows, width, paint)];
}

/** What is heard, where, and how to hear more. */
export function formatHead(
  { heard, lost, processes, refusals, rows, silent }: TopPicture,
  width: number,
  paint: Paint,
): string[] {
  const names = processes.map(({ name, pid }) => `${makePrintable(name)} (${pid})`).join(', ');
  const lines = [
    processes.length === 0
      ? 'no process has an agent yet: extev top PID puts one in, node --import @extension-events/agent/register starts with one'
      : `${processes.length} process${processes.length === 1 ? '' : 'es'}: ${names}`,
    `heard: ${heard.join(' ')} · ${rows.length} event type${rows.length === 1 ? '' : 's'} with events, ${silent} silent${lost > 0 ? '' : ' · nothing lost'}`,
  ].map((line) => paint('dim', cut(line, width)));
  if (lost > 0) lines.push(paint('red', cut(`${formatCount(lost)} events were lost`, width)));
  for (const { code, message, pattern, pid } of refusals.slice(0, 3))
    lines.push(paint('red', cut(`${pattern} is not heard in process ${pid}: ${code}: ${makePrintable(firstLine(message))}`, width))); // prettier-ignore
  return lines;
}

// What follows shows the place in a text.
function firstLine(message: string): string {
  return message.split('\n')[0] ?? '';
}

/** A table of the rows, with as many columns as there is room for. */
export function formatRows(rows: readonly TopRow[], width: number, paint: Paint): string[] {
  const cells = rows.map((row) => columns.map(({ text }) => text(row)));
  // No narrower than they need at least: a picture that is redrawn does not jump.
  const widths = columns.map(
    ({ least, title }, i) =>
    Math.max(title.length, least, Math.min(least * 3, Math.max(0, ...cells.map((row) => row[i]?.length ?? 0)))), // prettier-ignore
  );
  let [used, shown] = [-2, 0];
  while (shown < columns.length && used + 2 + (columns[shown]?.least ?? 0) <= width)
    used += 2 + (widths[shown++] ?? 0);
  const line = (texts: readonly string[]): string => {
    const padded = texts.slice(0, Math.max(shown, 1)).map((text, i) => {
      const to = widths[i] ?? 0;
      const short = cut(text, to);
      return columns[i]?.isRight === true ? short.padStart(to) : short.padEnd(to);
    });
    return cut(padded.join('  ').trimEnd(), width);
  };
  const head = paint('bold', line(columns.map(({ title }) => title)));
  if (rows.length === 0) return [head, paint('dim', cut('nothing was posted so far', width))];
  return [head, ...cells.map(line)];
}

function cut(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(width - 1, 0)).join('')}…`; // prettier-ignore
}
