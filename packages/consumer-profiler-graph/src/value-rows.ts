import type { BucketCounts } from './bucket-counts.ts';
import type { Distribution } from './distribution.ts';
import { lowerEdge } from './log-linear.ts';

type Groups = readonly [low: number, high: number] | undefined;

/** Sixteen powers of two in one row are enough for any number that there is. */
const maxShift = 10;

/**
 * Rows for showing distributions: neighbouring buckets are taken together until there are few enough.
 * The rows follow each other without a gap, negative ones first, then one for 0 where it is needed.
 */
export class ValueRows {
  /** Lower edges of the rows, ascending, and the upper edge of the last; none of nothing. */
  readonly edges: readonly number[];
  readonly #shift: number;
  readonly #positive: Groups;
  readonly #negative: Groups;
  readonly #hasZero: boolean;

  constructor(all: Distribution, maxRows: number) {
    const [positive, negative] = [spanOf(all.positive), spanOf(all.negative)];
    let shift = 0;
    while (rowsOf(positive, shift) + rowsOf(negative, shift) > maxRows && shift < maxShift) shift++;
    this.#shift = shift;
    this.#positive = toGroups(positive, shift);
    this.#negative = toGroups(negative, shift);
    this.#hasZero = all.zeros > 0 || (negative !== undefined && positive !== undefined);
    this.edges = this.#makeEdges();
  }

  #makeEdges(): number[] {
    const edge = (group: number): number => lowerEdge(group << this.#shift);
    const edges: number[] = [];
    const [negative, positive] = [this.#negative, this.#positive];
    if (negative !== undefined)
      for (let group = negative[1]; group >= negative[0] - 1; group--) edges.push(-edge(group + 1));
    if (this.#hasZero && negative === undefined) edges.push(0);
    if (positive !== undefined)
      for (let group = positive[0]; group <= positive[1] + 1; group++) edges.push(edge(group));
    else if (this.#hasZero) edges.push(1);
    return edges;
  }

  /** The counts of a distribution in these rows. */
  count(of: Distribution): number[] {
    const counts = Array.from({ length: Math.max(this.edges.length - 1, 0) }, () => 0);
    const add = (row: number, count: number): void => {
      const at = Math.min(Math.max(row, 0), counts.length - 1);
      counts[at] = (counts[at] ?? 0) + count;
    };
    const [negative, positive] = [this.#negative, this.#positive];
    const zero = negative === undefined ? 0 : negative[1] - negative[0] + 1;
    const firstPositive = zero + (this.#hasZero ? 1 : 0);
    of.negative.forEach((bucket, count) =>
      add((negative?.[1] ?? 0) - (bucket >> this.#shift), count),
    );
    if (of.zeros > 0) add(zero, of.zeros);
    of.positive.forEach((bucket, count) =>
      add(firstPositive + (bucket >> this.#shift) - (positive?.[0] ?? 0), count),
    );
    return counts;
  }
}

/** The lowest and the highest bucket in use. */
function spanOf(counts: BucketCounts): [low: number, high: number] | undefined {
  let [low, high] = [-1, -1];
  counts.forEach((bucket) => {
    if (low < 0) low = bucket;
    high = bucket;
  });
  return low < 0 ? undefined : [low, high];
}

function rowsOf(span: [low: number, high: number] | undefined, shift: number): number {
  return span === undefined ? 0 : (span[1] >> shift) - (span[0] >> shift) + 1;
}

function toGroups(span: [low: number, high: number] | undefined, shift: number): Groups {
  return span === undefined ? undefined : [span[0] >> shift, span[1] >> shift];
}
