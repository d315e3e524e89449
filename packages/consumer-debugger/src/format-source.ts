import { makePrintable, type Paint, shorten } from './paint.ts';

export interface Listing {
  readonly lines: readonly string[];
  /** First and last line, from 1; cut to what the file has. */
  readonly from: number;
  readonly to: number;
  /** The line that is marked, and the column on it. */
  readonly current?: { readonly line: number; readonly column: number };
  readonly width: number;
}

/** Numbered source lines, the current one marked with `>`. */
export function formatListing(listing: Listing, paint: Paint): string[] {
  const from = Math.max(1, listing.from);
  const to = Math.min(listing.lines.length, listing.to);
  const digits = String(to).length;
  const out: string[] = [];
  for (let number = from; number <= to; number++) {
    const isCurrent = number === listing.current?.line;
    const column = isCurrent ? listing.current.column : 1;
    const room = Math.max(20, listing.width - digits - 3);
    const text = cutAround(makePrintable(listing.lines[number - 1] ?? ''), column, room);
    const label = `${isCurrent ? '>' : ' '}${String(number).padStart(digits)}`;
    const line = isCurrent
      ? `${paint('green', label)}  ${paint('bold', text)}`
      : `${paint('dim', label)}  ${text}`;
    out.push(line.trimEnd());
  }
  return out;
}

/** A line of a minified file can be a megabyte long: show the part around the column. */
function cutAround(text: string, column: number, room: number): string {
  if (text.length <= room) return text;
  if (column <= room - 10) return shorten(text, room);
  const start = Math.max(0, column - Math.floor(room / 2));
  return `…${shorten(text.slice(start), room - 1)}`;
}
