import { otherNode } from './stack-table.ts';
import type { Mergeable } from './time-slices.ts';

/** Stacks of one slice that are told apart; the lightest of the others become `(other)`. */
const maxStacks = 1000;

/** What weighs how much: sums by the node of a stack. */
export class StackWeights implements Mergeable<StackWeights> {
  weights: Map<number, number> = new Map();
  stacks = 0;
  withoutStack = 0;

  add(node: number, weight: number): void {
    this.stacks++;
    this.#weigh(node, weight);
  }

  #weigh(node: number, weight: number): void {
    this.weights.set(node, (this.weights.get(node) ?? 0) + weight);
  }

  merge(other: StackWeights): void {
    this.stacks += other.stacks;
    this.withoutStack += other.withoutStack;
    for (const [node, weight] of other.weights) this.#weigh(node, weight);
    if (this.weights.size > maxStacks * 2) this.settle();
  }

  settle(): void {
    if (this.weights.size <= maxStacks) return;
    const byWeight = [...this.weights].toSorted(([, a], [, b]) => b - a);
    this.weights = new Map(byWeight.slice(0, maxStacks));
    for (const [, weight] of byWeight.slice(maxStacks)) this.#weigh(otherNode, weight);
  }

  /** The nodes get other numbers; what has none becomes `(other)`. */
  renumber(numbers: ReadonlyMap<number, number>): void {
    const { weights } = this;
    this.weights = new Map();
    for (const [node, weight] of weights) this.#weigh(numbers.get(node) ?? otherNode, weight);
  }
}
