import { useState } from 'preact/hooks';
import type { CatalogueEntry, Histogram } from '../../../src/graph-types.ts';
import { formatCount, formatShare, formatTime } from '../lib/format.ts';
import { type Field, formatFieldNumber } from '../lib/plain-value.ts';
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
        <Shape histogram={value} described={chosen.field} />
      )}
    </>
  );
}

interface Pointed {
  readonly at: number;
  readonly width: number;
}

function Shape({
  described,
  histogram: given,
}: {
  readonly histogram: Histogram;
  readonly described: Field;
}) {
  const [pointer, setPointer] = useState<Pointed | undefined>(undefined);
  const unit = described.unit ?? given.unit;
  const histogram: Histogram = unit === undefined ? given : { ...given, unit };
  const about = unit === undefined ? described : { ...described, unit };
  // JSON has no word for what is too large: it says null.
  const show = (value: number | null | undefined): string => value === undefined || value === null || !Number.isFinite(value) ? '–' : formatFieldNumber(value, about); // prettier-ignore
  const canvas = useCanvas((surface) => drawHistogram(surface, histogram, show, pointer?.at), [given, pointer]); // prettier-ignore
  const under = pointer === undefined ? undefined : bucketUnder(histogram, pointer.at, pointer.width); // prettier-ignore
  const { count, field, max, mean, min, quantiles } = histogram;
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
          onPointerMove={({ currentTarget, offsetX }) =>
            setPointer({
              at: offsetX / currentTarget.clientWidth,
              width: currentTarget.clientWidth,
            })
          }
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
