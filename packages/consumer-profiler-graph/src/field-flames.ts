import type { RawRecord } from '@extension-events/session';
import type { Aggregate } from './aggregate.ts';
import { FieldColumn } from './field-column.ts';
import { buildFlameGraph } from './flame-graph.ts';
import { FramePlaces } from './frame-places.ts';
import type { FlameGraph } from './graph-types.ts';
import type { Span } from './span.ts';
import { otherNode, rootNode, StackTable } from './stack-table.ts';
import { StackWeights } from './stack-weights.ts';
import { TimeSlices } from './time-slices.ts';

/** Where events come from, by time: a flame graph of any range. */
export class FieldFlames implements Aggregate {
  readonly sinceMs: number;
  version = 0;
  readonly #weight: FieldColumn | undefined;
  readonly #places: FramePlaces;
  readonly #slices: TimeSlices<StackWeights> = new TimeSlices(() => new StackWeights());
  #table: StackTable = new StackTable();

  /** @param weightField - its sum is the weight; left out: each event weighs 1 */
  constructor(
    weightField: string | undefined,
    sinceMs: number,
    places: FramePlaces = new FramePlaces(),
  ) {
    this.#weight = weightField === undefined ? undefined : new FieldColumn(weightField);
    this.sinceMs = sinceMs;
    this.#places = places;
  }

  add(record: RawRecord, timeMs: number): void {
    this.version++;
    const weight = this.#weight === undefined ? 1 : this.#weight.readNumber(record);
    const text = record.type.stack(record.view, record.at);
    if (text === undefined || text === '') {
      this.#slices.at(timeMs, (slice) => slice.withoutStack++);
      return;
    }
    if (weight === undefined || !(weight > 0) || weight === Number.POSITIVE_INFINITY) return;
    if (this.#table.isFull) this.#makeRoom();
    const node = this.#table.intern(text);
    if (node === rootNode) this.#slices.at(timeMs, (slice) => slice.withoutStack++);
    else this.#slices.at(timeMs, (slice) => slice.add(node, weight));
  }

  /** Keeps the heaviest stacks, so many as fill half of the table. */
  #makeRoom(): void {
    const [before, after] = [this.#table, new StackTable()];
    const byWeight = [...this.#slices.sum().weights].toSorted(([, a], [, b]) => b - a);
    const numbers = new Map<number, number>();
    for (const [node] of byWeight) {
      if (after.size > before.size / 2) break;
      if (node !== otherNode) numbers.set(node, after.internFrames(before.framesOf(node)));
    }
    this.#slices.forEach((slice) => slice.renumber(numbers));
    this.#table = after;
  }

  flameGraph(span?: Span): FlameGraph {
    const { stacks, weights, withoutStack } = this.#slices.sum(span);
    return {
      root: buildFlameGraph(this.#table, weights, this.#places),
      stacks,
      withoutStack,
      truncated: weights.get(otherNode) ?? 0,
      unit: this.#weight === undefined ? '{incident}' : (this.#weight.unit ?? '1'),
      sinceMs: this.sinceMs,
    };
  }
}
