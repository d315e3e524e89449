import type { IncidentsView, IncidentView } from '../messages.ts';
import type { Codec } from './codec.ts';

type Item = IncidentsView['items'][number];
type SentItem = Exclude<Item, IncidentView> | SentIncident;

/** Frames repeat from stack to stack: they are sent once, and stacks by their numbers. */
interface SentIncident extends Omit<IncidentView, 'stack'> {
  readonly frames?: readonly number[];
}

export interface IncidentsDelta {
  /** Those before this number are no longer shown. */
  readonly from: number;
  readonly texts: readonly string[];
  readonly add: readonly SentItem[];
  readonly total: number;
}

/** More than anybody reads in a moment: of a flood, the newest. */
const mostAtOnce = 60;

/** The list grows at one end and is cut at the other. */
export const incidentsCodec: Codec<IncidentsView, IncidentsDelta> = {
  diff(before, now) {
    const last = before?.items.at(-1)?.number ?? -1;
    const first = now.items[0]?.number ?? last + 1;
    const fresh = now.items.filter((item) => item.number > last);
    const isFlood = before !== undefined && fresh.length > mostAtOnce;
    const add = isFlood ? fresh.slice(-mostAtOnce) : fresh;
    const from = isFlood ? (add[0]?.number ?? 0) : first;
    const isCut = from > (before?.items[0]?.number ?? from);
    if (add.length === 0 && !isCut && now.total === before?.total) return undefined;
    const numbers = new Map<string, number>();
    const items = add.map((item) => pack(item, numbers));
    return { from, texts: [...numbers.keys()], add: items, total: now.total };
  },

  apply(before, { add, from, texts, total }) {
    const kept = (before?.items ?? []).filter((item) => item.number >= from);
    return { items: [...kept, ...add.map((item) => unpack(item, texts))], total };
  },
};

function pack(item: Item, numbers: Map<string, number>): SentItem {
  if (item.kind === 'loss' || item.stack === undefined) return item;
  const { stack, ...rest } = item;
  const frames = stack.map((frame) => {
    const known = numbers.get(frame) ?? numbers.size;
    numbers.set(frame, known);
    return known;
  });
  return { ...rest, frames };
}

function unpack(item: SentItem, texts: readonly string[]): Item {
  if (item.kind === 'loss' || item.frames === undefined) return item;
  const { frames, ...rest } = item;
  return { ...rest, stack: frames.map((number) => texts[number] ?? '') };
}
