import { useState } from 'preact/hooks';
import type { CatalogueEntry, Histogram } from '../../../src/graph-types.ts';
import { formatCount, formatQuantity, formatShare, formatTime } from '../lib/format.ts';
import { useCanvas } from '../lib/use-canvas.ts';
import { detailRange } from '../model/page-state.ts';
import type { Card } from '../model/page-view.ts';
import { Fault, Loading, Nothing } from '../parts/bits.tsx';
import { drawHistogram, bucketUnder } from './draw-histogram.ts';
import { chosenField, FieldChoice } from './field-choice.tsx';
import { useFrozenView } from './use-frozen-view.ts';

interface Props {
  readonly card: Card;
  readonly index: number;
  readonly types: readonly CatalogueEntry[];
}

/** How the numbers of a field are spread. */
export function HistogramView(props: Props) {
  const { card, types } = props;
  const chosen = chosenField(card, types, true);
  const range = detailRange.value;
  const { error, value } = useFrozenView<'histogram'>(
    chosen === undefined
      ? undefined
      : { of: 'histogram', source: card.source, field: chosen.field.name,
          ...(chosen.event === undefined ? {} : { event: chosen.event }), ...(range === undefined ? {} : { range }) }, // prettier-ignore
    JSON.stringify([card.source, chosen, range]),
  );
  if (chosen === undefined) return <Nothing title="No field of this event is a number." />;
  return (
    <>
      <div class="detail-bar">
        <FieldChoice {...props} chosen={chosen} needsNumber />
        {value !== undefined && range === undefined && (
          <span class="quiet">since {formatTime(value.sinceMs)}</span>
        )}
      </div>
      {error !== undefined && <Fault error={error} />}
      {value === undefined && error === undefined && <Loading what="Gathering numbers" />}
      {value?.count === 0 && <Nothing title="No incident with this field yet." />}
      {value !== undefined && value.count > 0 && (
        <Shape histogram={value} unit={chosen.field.unit} />
      )}
    </>
  );
}

function Shape({
  histogram,
  unit = histogram.unit,
}: {
  readonly histogram: Histogram;
  readonly unit: string | undefined;
}) {
  const [pointer, setPointer] = useState<number | undefined>(undefined);
  const canvas = useCanvas((surface) => drawHistogram(surface, histogram, unit, pointer), [histogram, pointer]); // prettier-ignore
  const under = pointer === undefined ? undefined : bucketUnder(histogram, pointer);
  const { count, field, max, mean, min, quantiles } = histogram;
  const show = (value: number | undefined): string => value === undefined ? '–' : formatQuantity(value, unit, field); // prettier-ignore
  const numbers: readonly (readonly [string, string])[] = [
    ['count', formatCount(count)],
    ['min', show(min)],
    ['mean', show(mean)],
    ['p50', show(quantiles.p50)],
    ['p90', show(quantiles.p90)],
    ['p99', show(quantiles.p99)],
    ['p99.9', show(quantiles.p999)],
    ['max', show(max)],
  ];
  return (
    <>
      <dl class="figures">
        {numbers.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="number">{text}</dd>
          </div>
        ))}
      </dl>
      <div class="canvas-frame">
        <canvas
          ref={canvas}
          class="histogram"
          role="img"
          aria-label={`Histogram of ${field}: half below ${show(quantiles.p50)}, 99 % below ${show(quantiles.p99)}`}
          onPointerMove={(event) => setPointer(event.offsetX / event.currentTarget.clientWidth)}
          onPointerLeave={() => setPointer(undefined)}
        />
        {under !== undefined && (
          <div class="readout" aria-hidden="true">
            <span class="quiet">
              {show(under.fromValue)} – {show(under.toValue)}
            </span>
            <b class="number">{formatCount(under.count)}</b>
            <span class="quiet">{formatShare(under.count / count)}</span>
          </div>
        )}
      </div>
    </>
  );
}
