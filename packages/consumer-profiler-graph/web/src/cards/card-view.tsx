import { useMemo } from 'preact/hooks';
import type { SourceState } from '../../../src/graph-types.ts';
import { useView } from '../link/use-view.ts';
import { eventTypes } from '../model/event-types.ts';
import { range, view } from '../model/page-state.ts';
import type { Card } from '../model/page-view.ts';
import { Fault, Loading } from '../parts/bits.tsx';
import { CardHead } from './card-head.tsx';
import { CardParts } from './card-parts.tsx';
import { Details } from './details.tsx';
import { endOf } from './ended-parts.ts';
import { LineList } from './line-list.tsx';
import { matching } from './matching.ts';
import { Readout } from './readout.tsx';
import { SeriesChart } from './series-chart.tsx';
import { useFrozenView } from './use-frozen-view.ts';

interface Props {
  readonly card: Card;
  readonly index: number;
}

/**
 * One source: its numbers, its incidents over time, and whatever detail is open. Each part watches
 * what it shows, so that a new number draws no more than itself.
 */
export function CardView({ card, index }: Props) {
  const { pattern } = card.source;
  const all = eventTypes.value;
  const types = useMemo(() => matching(all, pattern), [all, pattern]);
  return (
    <article class="card" data-card={index} aria-label={pattern}>
      <CardHead card={card} index={index} types={types} />
      <CardParts source={card.source} isKnown={types.length > 0} />
      <CardChart card={card} />
      <Details card={card} index={index} types={types} />
    </article>
  );
}

/** The processes in which nothing of it is missed any more. */
function heardIn(state: SourceState | undefined): string {
  const parts = (state?.parts ?? []).filter(
    (part) => part.state === 'listening' && part.pending === 0,
  );
  return parts.map(({ pid }) => pid).join(' ');
}

function CardChart({ card }: { readonly card: Card }) {
  const { by, source } = card;
  const { error, value: state } = useView({ of: 'state', source });
  const { pausedMs, rangeMs } = view.value;
  const series = useFrozenView<'series'>(
    { of: 'series', source, range: range.value, by },
    JSON.stringify([source, by, rangeMs]),
  );
  const fault = error ?? series.error;
  if (fault !== undefined) return <Fault error={fault} />;
  if (series.value === undefined)
    return (
      <div class="chart-place">
        <Loading what="Listening" />
      </div>
    );
  return (
    <div class="chart-frame" data-heard={heardIn(state)}>
      <SeriesChart
        series={series.value}
        pausedMs={pausedMs}
        rangeMs={rangeMs}
        sinceMs={state?.sinceMs ?? 0}
        endedMs={endOf(state)}
      />
      <Readout series={series.value} />
      {by !== 'sum' && <LineList series={series.value} />}
    </div>
  );
}
