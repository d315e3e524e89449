import type { Statistic } from '../program/checked.ts';
import { AddingStore } from './adding-store.ts';
import { StatsCell } from './cells.ts';
import type { EntryKey } from './keys.ts';
import type { Scalar } from './store.ts';

/** What is filled by `<<<`. */
export class StatsStore extends AddingStore<StatsCell> {
  protected makeCell(): StatsCell {
    return new StatsCell(this.global);
  }

  get(key: EntryKey): Scalar {
    return (this.base.get(key)?.count ?? 0) + (this.own.get(key)?.count ?? 0);
  }

  add(key: EntryKey, amount: number): void {
    this.aggregate(key, amount);
  }

  set(): void {
    // The checker refuses it.
  }

  /** Numbers that are none, or infinite, would spoil every sum: they are left out. */
  aggregate(key: EntryKey, value: number): void {
    if (value - value !== 0) return;
    const cell = this.own.get(key) ?? this.insert(key);
    cell.add(value);
  }

  statistic(name: Statistic, key: EntryKey): number | string | undefined {
    const own = this.own.get(key);
    const base = this.base.get(key);
    if (base === undefined)
      return own === undefined ? statisticOfNothing(name) : own.statistic(name);
    if (own === undefined) return base.statistic(name);
    const both = this.makeCell();
    both.absorb(base.share());
    both.absorb(own.share());
    return both.statistic(name);
  }

  protected rank(key: EntryKey): Scalar {
    return this.get(key);
  }
}

function statisticOfNothing(name: Statistic): number | string | undefined {
  if (name === 'hist' || name === 'lhist') return '';
  return name === 'count' || name === 'sum' ? 0 : undefined;
}
