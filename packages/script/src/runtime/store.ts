/**
 * The state of one global. It has two layers: `own` is what was done here since the share was last
 * handed over, `base` is what was known before: in a thread the last merge and what it has handed
 * over itself, in the coordinator the merged state. Who reads sees both.
 *
 * Handing over puts the share into the base at once, as a merge would: a program of one thread reads
 * the same before, between and after.
 */
import type { CheckedGlobal, Statistic } from '../program/checked.ts';
import type { EntryShare, GlobalShare, StateUpdate } from '../program/wire.ts';
import type { Account } from './account.ts';
import type { EntryKey } from './keys.ts';
import { sortArray } from './safe-map.ts';

export type Scalar = number | string | boolean;
export type Order = 'none' | 'ascending' | 'descending';
export type EntryUpdate = StateUpdate['globals'][number]['entries'][number];

/** Where a state is. */
export interface StoreSettings {
  readonly account: Account;
  /** The coordinator's: it has the merged state and may assign to it. */
  readonly isMaster: boolean;
}

/** Rough bytes of an entry: its slots in the map, its cell. */
export const entryBytes = 120;

export abstract class Store {
  /** Its types are settled late where an awaited event tells them; it is empty until then. */
  global: CheckedGlobal;
  protected readonly index: number;
  protected readonly account: Account;
  protected readonly isMaster: boolean;
  /** What was handed over is read again here. */
  protected readonly keepsBase: boolean;

  constructor(global: CheckedGlobal, index: number, { account, isMaster }: StoreSettings) {
    this.global = global;
    this.index = index;
    this.account = account;
    this.isMaster = isMaster;
    this.keepsBase = isMaster || global.isReadByEvents;
  }

  abstract get size(): number;
  abstract has(key: EntryKey): boolean;
  abstract get(key: EntryKey): Scalar;
  abstract add(key: EntryKey, amount: number): void;
  abstract set(key: EntryKey, value: Scalar): void;
  abstract aggregate(key: EntryKey, value: number): void;
  abstract remove(key: EntryKey): void;
  abstract clear(): void;
  /** Undefined: there is none, as of the average of nothing. */
  abstract statistic(name: Statistic, key: EntryKey): number | string | undefined;
  /** What an order by value goes by. */
  protected abstract rank(key: EntryKey): Scalar;
  /** Every key once: those of the base first. */
  protected abstract collectKeys(into: EntryKey[]): void;

  /**
   * Hands over what was done here; undefined when that is nothing.
   *
   * @param isBusy - a body is in the middle of something: it was interrupted, and may hold a cell
   * that it is about to write to. Cells then stay where they are, emptied.
   */
  abstract collect(isBusy: boolean): GlobalShare | undefined;
  /** Takes a share into the base. All resets of a round come before all entries of that round. */
  abstract mergeResets(share: GlobalShare): void;
  abstract mergeEntries(share: GlobalShare): void;
  /** The base becomes what a merge has made of it. */
  abstract replace(entries: readonly EntryUpdate[], isBusy: boolean): void;
  /** The base, to be told to others. */
  abstract tell(): EntryUpdate[];

  /** The keys as they are now. */
  list(order: Order, limit: number): readonly EntryKey[] {
    const keys: EntryKey[] = [];
    this.collectKeys(keys);
    if (order !== 'none') this.#sort(keys, order === 'ascending' ? 1 : -1);
    const most = limit > 0 ? Math.trunc(limit) : 0;
    if (keys.length > most) keys.length = most;
    return keys;
  }

  #sort(keys: EntryKey[], sign: 1 | -1): void {
    const ranked: { readonly key: EntryKey; readonly rank: Scalar }[] = [];
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as EntryKey;
      ranked[i] = { key, rank: this.rank(key) };
    }
    sortArray(ranked, (a, b) => sign * compare(a.rank, b.rank));
    for (let i = 0; i < keys.length; i++) keys[i] = (ranked[i] as { readonly key: EntryKey }).key;
  }
}

// Numbers that are none come first.
function compare(a: Scalar, b: Scalar): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

/** What an entry that is not there reads as. */
export function emptyValue({ value }: CheckedGlobal): Scalar {
  if (value === 'string') return '';
  return value === 'bool' ? false : 0;
}

export type { EntryShare, GlobalShare };
