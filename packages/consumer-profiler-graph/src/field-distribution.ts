import type { RawRecord } from '@extension-events/session';
import type { Aggregate } from './aggregate.ts';
import { Distribution } from './distribution.ts';
import { FieldColumn } from './field-column.ts';
import type { HeatMap, Histogram } from './graph-types.ts';
import type { Span } from './span.ts';
import { TimeSlices } from './time-slices.ts';
import { ValueRows } from './value-rows.ts';

const histogramRows = 96;
const heatMapRows = 40;
/** Columns of a heat map; neighbouring buckets of time are taken together until there are few enough. */
const heatMapColumns = 180;

/** How a numeric field is spread, by time: histograms and heat maps of any range. */
export class FieldDistribution implements Aggregate {
  readonly sinceMs: number;
  version = 0;
  readonly #field: string;
  readonly #column: FieldColumn;
  readonly #slices: TimeSlices<Distribution> = new TimeSlices(() => new Distribution());

  constructor(field: string, event: string | undefined, sinceMs: number) {
    this.#field = field;
    this.#column = new FieldColumn(field, event);
    this.sinceMs = sinceMs;
  }

  add(record: RawRecord, timeMs: number): void {
    const value = this.#column.readNumber(record);
    if (value === undefined) return;
    this.version++;
    const open = this.#slices.open(timeMs);
    if (open === undefined) this.#slices.at(timeMs, (slice) => slice.add(value));
    else open.add(value);
  }

  get #named(): { readonly field: string; readonly unit?: string; readonly sinceMs: number } {
    const { unit } = this.#column;
    return { field: this.#field, ...(unit === undefined ? {} : { unit }), sinceMs: this.sinceMs };
  }

  histogram(span?: Span): Histogram {
    const sum = this.#slices.sum(span);
    const rows = new ValueRows(sum, histogramRows);
    const [p50, p90, p99, p999] = sum.quantiles([0.5, 0.9, 0.99, 0.999]);
    const edge = (row: number): number => finite(rows.edges[row] ?? 0);
    return {
      ...this.#named,
      count: sum.count,
      ...(sum.count > 0 && { min: sum.min, max: sum.max }),
      // A sum may be too large for a number.
      ...(sum.count > 0 && Number.isFinite(sum.sum) && { mean: sum.sum / sum.count }),
      quantiles: { p50, p90, p99, p999 },
      buckets: rows
        .count(sum)
        .map((count, row) => ({ fromValue: edge(row), toValue: edge(row + 1), count }))
        .filter(({ count }) => count > 0),
    };
  }

  heatMap(span: Span): HeatMap {
    const together = Math.max(1, Math.ceil((span.last - span.first + 1) / heatMapColumns));
    const first = Math.floor(span.first / together);
    const columns = Array.from(
      { length: Math.floor(span.last / together) - first + 1 },
      () => new Distribution(),
    );
    const all = new Distribution();
    this.#slices.visit(span, (slice, bucket) => {
      columns[Math.floor(bucket / together) - first]?.merge(slice);
      all.merge(slice);
    });
    const rows = new ValueRows(all, heatMapRows);
    const bucketMs = span.bucketMs * together;
    return {
      ...this.#named,
      startMs: first * bucketMs,
      bucketMs,
      edges: rows.edges.map(finite),
      columns: columns.map((column) => rows.count(column)),
    };
  }
}

// The last bucket ends beyond all numbers, and JSON has no word for that.
function finite(edge: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, edge));
}
