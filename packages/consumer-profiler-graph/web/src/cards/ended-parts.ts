import type { SourcePart, SourceState } from '../../../src/graph-types.ts';
import { formatTime } from '../lib/format.ts';
import { visible } from '../lib/plain-value.ts';

const mostNamed = 4;

const atTime = (endedMs: number | undefined): string => endedMs === undefined ? '' : ` at ${formatTime(endedMs)}`; // prettier-ignore
const nameOf = ({ pid, processName }: SourcePart): string => `${visible(processName)} (${pid})`;

/** The processes that have ended, in words; the last ones by name. */
export function describeEnds(parts: readonly SourcePart[]): string | undefined {
  const ended = parts
    .filter(({ state }) => state === 'ended')
    .toSorted((a, b) => (b.endedMs ?? 0) - (a.endedMs ?? 0));
  if (ended.length === 0) return undefined;
  const [first] = ended;
  if (ended.length === 1 && first !== undefined) return `${nameOf(first)} has ended${atTime(first.endedMs)}`; // prettier-ignore
  const names = ended.slice(0, mostNamed).map((part) => `${nameOf(part)}${atTime(part.endedMs)}`);
  const more = ended.length - names.length;
  const who = more === 0 ? names.join(', ') : `${names.join(', ')} and ${more} more`;
  return `${who} have ended`;
}

/** When the last process ended in which this was heard; `undefined` while one may still post. */
export function endOf(state: SourceState | undefined): number | undefined {
  const parts = state?.parts ?? [];
  const isOver =
    parts.some((part) => part.state === 'ended') &&
    parts.every((part) => part.state === 'ended' || part.state === 'refused');
  if (!isOver) return undefined;
  return Math.max(0, ...parts.map(({ endedMs = 0 }) => endedMs));
}
