import { useState } from 'preact/hooks';
import { formatCount, formatExactTime } from '../lib/format.ts';
import { useCanvas } from '../lib/use-canvas.ts';
import { visible } from '../lib/plain-value.ts';
import { link } from '../link/the-link.ts';
import { addCard, change, range, view } from '../model/page-state.ts';
import { type Card, sourceKey } from '../model/page-view.ts';
import { Icon, Nothing } from '../parts/bits.tsx';
import { drawMarks, type MarkedTime, markUnder } from './draw-marks.ts';
import { useFrozenView } from './use-frozen-view.ts';

const limit = 500;

/** Markers of all graphed events above one axis: what came before what. */
export function Timeline({ cards }: { readonly cards: readonly Card[] }) {
  return (
    <article class="card timeline" aria-label="Timeline">
      <header class="card-head">
        <h2>Timeline</h2>
        <span class="quiet">single incidents where they are still kept, counts where not</span>
        <span class="card-tools">
          <button
            type="button"
            class="plain"
            aria-label="Close the timeline"
            onClick={() => change({ hasTimeline: false })}
          >
            <Icon name="close" />
          </button>
        </span>
      </header>
      {cards.length === 0 && (
        <Nothing title="Graph some events: their incidents are marked here." />
      )}
      {cards.map((card, i) => (
        <TimelineRow
          key={sourceKey(card.source)}
          card={card}
          index={i}
          isLast={i === cards.length - 1}
        />
      ))}
    </article>
  );
}

interface RowProps {
  readonly card: Card;
  readonly index: number;
  readonly isLast: boolean;
}

function TimelineRow({ card, index, isLast }: RowProps) {
  const { source } = card;
  const key = JSON.stringify([source, view.value.rangeMs]);
  const incidents = useFrozenView<'incidents'>({ of: 'incidents', source, limit }, key);
  const series = useFrozenView<'series'>({ of: 'series', source, range: range.value, by: 'sum' }, key); // prettier-ignore
  const [x, setX] = useState<number | undefined>(undefined);
  const span = range.value;
  const endMs = 'lastMs' in span ? Math.floor(link.nowMs() / 200) * 200 : span.toMs;
  const time: MarkedTime = {
    fromMs: 'lastMs' in span ? endMs - span.lastMs : span.fromMs,
    toMs: endMs,
    incidents: incidents.value?.items ?? [],
    series: series.value,
  };
  const canvas = useCanvas((surface) => drawMarks(surface, time, index, isLast), [incidents.value, series.value, span, index, isLast]); // prettier-ignore
  const under = x === undefined ? undefined : markUnder(time, x);
  return (
    <div class={`timeline-row${isLast ? ' last' : ''}`}>
      <button
        type="button"
        class="plain timeline-name mono"
        title={visible(source.pattern)}
        onClick={() => addCard(source, 'incidents')}
      >
        <i class={`swatch line-${(index % 8) + 1}`} aria-hidden="true" />
        {visible(source.pattern)}
      </button>
      <div class="canvas-frame">
        <canvas
          ref={canvas}
          class="marks"
          role="img"
          aria-label={`${source.pattern}: ${formatCount(series.value?.lines[0]?.total ?? 0)} in this range`}
          onPointerMove={({ currentTarget, offsetX }) => setX(offsetX / currentTarget.clientWidth)}
          onPointerLeave={() => setX(undefined)}
          onClick={() => addCard(source, 'incidents')}
        />
        {under !== undefined && (
          <div class="readout" aria-hidden="true">
            <span class="quiet">{formatExactTime(under.timeMs)}</span>
            <span>{under.text}</span>
          </div>
        )}
      </div>
    </div>
  );
}
