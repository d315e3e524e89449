import { useState } from 'preact/hooks';
import type { CatalogueEntry, HeatMap, TimeRange } from '../../../src/graph-types.ts';
import { formatCount, formatTime } from '../lib/format.ts';
import { type Field, formatFieldNumber } from '../lib/plain-value.ts';
import { useCanvas } from '../lib/use-canvas.ts';
import { range, view } from '../model/page-state.ts';
import type { Card } from '../model/page-view.ts';
import { Fault, Loading, Nothing } from '../parts/bits.tsx';
import { type Cell, cellUnder, drawHeatMap } from './draw-heat-map.ts';
import { chosenField, FieldChoice } from './field-choice.tsx';
import { useFrozenView } from './use-frozen-view.ts';

interface Props {
  readonly card: Card;
  readonly index: number;
  readonly types: readonly CatalogueEntry[];
}

/** Values of a field over time; the darker, the more incidents. */
export function HeatMapView(props: Props) {
  const { card, types } = props;
  const chosen = chosenField(card, types, true);
  // A selection is shown close up.
  const span: TimeRange = view.value.selection ?? range.value;
  const { error, value } = useFrozenView<'heat'>(
    chosen === undefined ? undefined : { of: 'heat', source: card.source, field: chosen.field.name,
          ...(chosen.event === undefined ? {} : { event: chosen.event }), range: span }, // prettier-ignore
    JSON.stringify([card.source, chosen, view.value.rangeMs, view.value.selection]),
  );
  if (chosen === undefined) return <Nothing title="No field of this event is a number." />;
  const isEmpty = value?.columns.every((column) => column.every((count) => count === 0)) === true;
  return (
    <>
      <div class="detail-bar">
        <FieldChoice {...props} chosen={chosen} needsNumber />
        {value !== undefined && <span class="quiet">since {formatTime(value.sinceMs)}</span>}
      </div>
      {error !== undefined && <Fault error={error} />}
      {value === undefined && error === undefined && <Loading what="Gathering numbers" />}
      {isEmpty && <Nothing title="No incident with this field in this time." />}
      {value !== undefined && !isEmpty && <Heat map={value} described={chosen.field} />}
    </>
  );
}

function Heat({ described, map }: { readonly map: HeatMap; readonly described: Field }) {
  const [cell, setCell] = useState<Cell | undefined>(undefined);
  const unit = described.unit ?? map.unit;
  const about = unit === undefined ? described : { ...described, unit };
  const showValue = (value: number): string => formatFieldNumber(value, about);
  const canvas = useCanvas((surface) => drawHeatMap(surface, map, showValue, cell), [map, unit, cell]); // prettier-ignore
  const count = cell === undefined ? 0 : (map.columns[cell.column]?.[cell.row] ?? 0);
  const show = (row: number): string => showValue(map.edges[row] ?? 0);
  return (
    <div class="canvas-frame">
      <canvas
        ref={canvas}
        class="heat"
        role="img"
        aria-label={`Heat map of ${map.field} over time`}
        onPointerMove={({ currentTarget, offsetX, offsetY }) =>
          setCell(cellUnder(map, currentTarget, offsetX, offsetY))
        }
        onPointerLeave={() => setCell(undefined)}
      />
      {cell !== undefined && (
        <div class="readout" aria-hidden="true">
          <span class="quiet">{formatTime(map.startMs + cell.column * map.bucketMs)}</span>
          <span>
            {show(cell.row)} – {show(cell.row + 1)}
          </span>
          <b class="number">{formatCount(count)}</b>
        </div>
      )}
    </div>
  );
}
