import { AddingStore } from './adding-store.ts';
import { SumCell } from './cells.ts';
import type { EntryKey } from './keys.ts';
import type { Scalar } from './store.ts';

/** A number that event probes change only by adding to it. */
export class SumStore extends AddingStore<SumCell> {
  protected makeCell(): SumCell {
    return new SumCell();
  }

  get(key: EntryKey): Scalar {
    return (this.base.get(key)?.value ?? 0) + (this.own.get(key)?.value ?? 0);
  }

  add(key: EntryKey, amount: number): void {
    const cell = this.own.get(key) ?? this.insert(key);
    cell.value += amount;
  }

  set(key: EntryKey, value: Scalar): void {
    this.assign(key).value = Number(value);
  }

  aggregate(key: EntryKey, value: number): void {
    this.add(key, value);
  }

  statistic(): undefined {
    return undefined;
  }

  protected rank(key: EntryKey): Scalar {
    return this.get(key);
  }
}
