import type { CatalogueEntry, SourcePart, SourceState } from '../../../src/graph-types.ts';
import { useView } from '../link/use-view.ts';
import { range } from '../model/page-state.ts';
import type { Card } from '../model/page-view.ts';
import { Fault, Loading } from '../parts/bits.tsx';
import { CardHead } from './card-head.tsx';
import { CardParts } from './card-parts.tsx';
import { Details } from './details.tsx';
import { LineList } from './line-list.tsx';
import { matching } from './matching.ts';
import { Readout } from './readout.tsx';
import { SeriesChart } from './series-chart.tsx';

interface Props {
  readonly card: Card;
  readonly index: number;
  readonly catalogue: readonly CatalogueEntry[];
}

/** In how many processes nothing of it is missed any more. */
function heardIn(state: SourceState | undefined): number {
  const isHeard = ({ pending, state: how }: SourcePart): boolean =>
    how === 'listening' && pending === 0;
  return (state?.parts ?? []).filter(isHeard).length;
}

/** One source: its numbers, its incidents over time, and whatever detail is open. */
export function CardView({ card, catalogue, index }: Props) {
  const { by, source } = card;
  const { error, value: state } = useView({ of: 'state', source });
  const series = useView({ of: 'series', source, range: range.value, by });
  const types = matching(catalogue, source.pattern);
  const fault = error ?? series.error;
  return (
    <article class="card" data-card={index} data-heard={heardIn(state)} aria-label={source.pattern}>
      <CardHead card={card} index={index} state={state} types={types} />
      {fault !== undefined && <Fault error={fault} />}
      {fault === undefined && (
        <>
          <CardParts source={source} state={state} isKnown={types.length > 0} />
          {series.value === undefined ? (
            <div class="chart-place">
              <Loading what="Listening" />
            </div>
          ) : (
            <>
              <div class="chart-frame">
                <SeriesChart
                  series={series.value}
                  isLive={'lastMs' in range.value}
                  range={range.value}
                  sinceMs={state?.sinceMs ?? 0}
                />
                <Readout series={series.value} />
              </div>
              {by !== 'sum' && <LineList series={series.value} />}
            </>
          )}
          <Details card={card} index={index} types={types} />
        </>
      )}
    </article>
  );
}
