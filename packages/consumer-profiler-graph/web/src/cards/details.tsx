import { useEffect, useRef } from 'preact/hooks';
import type { CatalogueEntry } from '../../../src/graph-types.ts';
import { detailRange, setCard } from '../model/page-state.ts';
import { formatTime } from '../lib/format.ts';
import type { Card, Tab } from '../model/page-view.ts';
import { Flames } from '../flame/flames.tsx';
import { HeatMapView } from './heat-map.tsx';
import { HistogramView } from './histogram.tsx';
import { IncidentList } from './incidents.tsx';
import { TopValuesView } from './top-values.tsx';

interface Props {
  readonly card: Card;
  readonly index: number;
  readonly types: readonly CatalogueEntry[];
}

const titles: readonly { readonly tab: Tab; readonly title: string }[] = [
  { tab: 'incidents', title: 'Incidents' },
  { tab: 'histogram', title: 'Histogram' },
  { tab: 'top', title: 'Top values' },
  { tab: 'heat', title: 'Heat map' },
  { tab: 'flame', title: 'Flame graph' },
];

/** What is below the chart: one of the tabs, or none, which costs nothing. */
export function Details({ card, index, types }: Props) {
  const { tab } = card;
  const range = detailRange.value;
  const bar = useRef<HTMLDivElement>(null);
  // On a phone the tabs are wider than the screen.
  useEffect(() => {
    const chosen = bar.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (bar.current !== null && chosen !== undefined && chosen !== null)
      bar.current.scrollLeft = chosen.offsetLeft - 40;
  }, [tab]);
  const open = (next: Tab): void => {
    const { tab: _tab, field: _field, ...rest } = card;
    setCard(index, next === tab ? rest : { ...card, tab: next });
  };
  return (
    <div class="details">
      <div class="tabs" ref={bar} role="tablist" aria-label="Details">
        {titles.map(({ tab: one, title }) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`tab-${index}-${one}`}
            aria-selected={tab === one}
            aria-controls={`detail-${index}`}
            onClick={() => open(one)}
          >
            {title}
          </button>
        ))}
        {tab !== undefined && range !== undefined && (
          <span class="quiet tab-range">
            {formatTime(range.fromMs)} – {formatTime(range.toMs)}
          </span>
        )}
      </div>
      {tab !== undefined && (
        <div
          class="detail"
          id={`detail-${index}`}
          role="tabpanel"
          aria-labelledby={`tab-${index}-${tab}`}
        >
          <Detail card={card} index={index} types={types} tab={tab} />
        </div>
      )}
    </div>
  );
}

function Detail({ card, index, tab, types }: Props & { readonly tab: Tab }) {
  switch (tab) {
    case 'incidents':
      return <IncidentList source={card.source} types={types} />;
    case 'histogram':
      return <HistogramView card={card} index={index} types={types} />;
    case 'top':
      return <TopValuesView card={card} index={index} types={types} />;
    case 'heat':
      return <HeatMapView card={card} index={index} types={types} />;
    case 'flame':
      return <Flames source={card.source} types={types} />;
    default:
      return tab satisfies never;
  }
}
