import type { CheckedGlobal, Globals } from '../program/checked.ts';
import type { GlobalShare, StateUpdate, ThreadShare } from '../program/wire.ts';
import type { Account } from './account.ts';
import { LastStore } from './last-store.ts';
import { StatsStore } from './stats-store.ts';
import type { Store, StoreSettings } from './store.ts';
import { SumStore } from './sum-store.ts';

/** The globals of a script, in one thread or in the coordinator. */
export class State {
  readonly stores: readonly Store[];

  constructor(globals: Globals, settings: StoreSettings) {
    this.stores = globals.map((global, index) => {
      const store = createStore(global, index, settings);
      if (global.initial !== undefined) store.replace([{ key: [], value: global.initial }], false);
      return store;
    });
  }

  /** The types of its globals are known better now. */
  settle(globals: Globals): void {
    for (const [index, store] of this.stores.entries())
      store.global = globals[index] ?? store.global;
  }

  /**
   * Hands over what was done here since the last time.
   *
   * @param isBusy - a body has been interrupted, and goes on when this returns
   */
  collect(isBusy = false): readonly GlobalShare[] {
    const shares: GlobalShare[] = [];
    for (let i = 0; i < this.stores.length; i++) {
      const share = this.stores[i]?.collect(isBusy);
      if (share !== undefined) shares[shares.length] = share;
    }
    return shares;
  }

  /**
   * Takes the shares of one round in. An entry that one thread deleted loses what was merged before
   * and what that thread had added; what other threads added in the same round stays.
   */
  merge(shares: readonly ThreadShare[]): void {
    for (const { globals } of shares) {
      for (const share of globals) this.stores[share.global]?.mergeResets(share);
    }
    for (const { globals } of shares) {
      for (const share of globals) this.stores[share.global]?.mergeEntries(share);
    }
  }

  /** @throws Overrun when a merge has made too much of it */
  check(account: Account): void {
    for (const { global, size } of this.stores) account.admit(global.name, size);
    account.charge(0);
  }

  /** What a merge has made of the globals that it names. */
  apply({ globals }: StateUpdate, isBusy = false): void {
    for (const { global, entries } of globals) this.stores[global]?.replace(entries, isBusy);
  }

  /** The globals that event probes read, as they are known here. */
  tell(): StateUpdate {
    const read = this.stores.flatMap((store, global) =>
      store.global.isReadByEvents ? [{ global, entries: store.tell() }] : [],
    );
    return { globals: read };
  }
}

function createStore(global: CheckedGlobal, index: number, settings: StoreSettings): Store {
  if (global.merge === 'stats') return new StatsStore(global, index, settings);
  if (global.merge === 'sum') return new SumStore(global, index, settings);
  return new LastStore(global, index, settings);
}
