import type { IncidentsView } from '../messages.ts';
import type { Codec } from './codec.ts';

export interface IncidentsDelta {
  /** Those before this number are no longer shown. */
  readonly from: number;
  readonly add: IncidentsView['items'];
  readonly total: number;
}

/** More than nobody reads in a fifth of a second: of a flood, the newest. */
const mostAtOnce = 100;

/** The list grows at one end and is cut at the other. */
export const incidentsCodec: Codec<IncidentsView, IncidentsDelta> = {
  diff(before, now) {
    const last = before?.items.at(-1)?.number ?? -1;
    const first = now.items[0]?.number ?? last + 1;
    const fresh = now.items.filter((item) => item.number > last);
    const isFlood = before !== undefined && fresh.length > mostAtOnce;
    const add = isFlood ? fresh.slice(-mostAtOnce) : fresh;
    const from = isFlood ? (add[0]?.number ?? 0) : first;
    const isSame = add.length === 0 && now.total === before?.total && !(from > (before.items[0]?.number ?? from)); // prettier-ignore
    return isSame ? undefined : { from, add, total: now.total };
  },

  apply(before, { add, from, total }) {
    const kept = (before?.items ?? []).filter((item) => item.number >= from);
    return { items: [...kept, ...add], total };
  },
};
