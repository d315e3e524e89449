import type { CheckedGlobal } from '../program/checked.ts';
import type { GlobalShare } from '../program/wire.ts';
import { type Cell, cellBytes } from './cells.ts';
import { type EntryKey, keepText, readKey, tellKey } from './keys.ts';
import { Overrun } from './errors.ts';
import { SafeMap, SafeSet } from './safe-map.ts';
import { entryBytes, type EntryShare, type EntryUpdate, Store, type StoreSettings } from './store.ts'; // prettier-ignore

// Deletions of entries that nobody else is known to have; forgotten when there are too many.
const maxForeign = 1024;

/** What is only ever added to, so that shares add up exactly: `sum` and `stats`. */
export abstract class AddingStore<C extends Cell> extends Store {
  protected readonly own: SafeMap<EntryKey, C> = new SafeMap();
  protected base: SafeMap<EntryKey, C> = new SafeMap();
  /** Deleted here since the last share: entries that others know of, and others. */
  readonly #resets: SafeSet<EntryKey> = new SafeSet();
  readonly #foreign: SafeSet<EntryKey> = new SafeSet();
  #clearedNs = 0;
  /** Entries of `own` that are not in `base`. */
  #fresh = 0;
  #ownBytes = 0;
  #baseBytes = 0;
  readonly #bytesOfCell: number;

  constructor(global: CheckedGlobal, index: number, settings: StoreSettings) {
    super(global, index, settings);
    this.#bytesOfCell = entryBytes + cellBytes(global);
  }

  protected abstract makeCell(): C;

  get size(): number {
    return this.base.size + this.#fresh;
  }

  has(key: EntryKey): boolean {
    return this.own.has(key) || this.base.has(key);
  }

  /** The entry's cell in `own`, made when it is not there. */
  protected insert(key: EntryKey): C {
    const isFresh = !this.base.has(key);
    if (isFresh) this.account.admit(this.global.name, this.size + 1);
    const bytes = this.#bytesOf(key);
    this.account.charge(bytes);
    this.#ownBytes += bytes;
    const cell = this.makeCell();
    this.own.set(keepText(key), cell);
    if (isFresh) this.#fresh++;
    return cell;
  }

  remove(key: EntryKey): void {
    const wasOwn = this.own.delete(key);
    const wasKnown = this.base.delete(key);
    if (wasOwn && !wasKnown) this.#fresh--;
    if (this.isMaster || this.#clearedNs > 0) return;
    if (wasKnown || !this.keepsBase) {
      if (this.#resets.size >= this.account.budget.entriesPerMap) {
        throw new Overrun(`More than ${this.#resets.size} entries of ${this.global.name} were deleted between two merges (map entries).`, 'merge more often: add a timer probe.'); // prettier-ignore
      }
      this.#resets.add(keepText(key));
    } else {
      if (this.#foreign.size >= maxForeign) this.#foreign.clear();
      this.#foreign.add(keepText(key));
    }
  }

  clear(): void {
    this.own.clear();
    this.base.clear();
    this.#fresh = 0;
    this.#resets.clear();
    this.#foreign.clear();
    this.account.charge(-this.#ownBytes - this.#baseBytes);
    this.#ownBytes = 0;
    this.#baseBytes = 0;
    if (!this.isMaster) this.#clearedNs = this.account.nowNs();
  }

  collect(isBusy: boolean): GlobalShare | undefined {
    const isCleared = this.#clearedNs > 0;
    if (this.own.size + this.#resets.size + this.#foreign.size === 0 && !isCleared)
      return undefined;
    const entries: EntryShare[] = [];
    const deleted = (key: EntryKey): void => {
      if (!this.own.has(key)) entries[entries.length] = { key: tellKey(this.global, key), isReset: true }; // prettier-ignore
    };
    this.#resets.forEach(deleted);
    this.#foreign.forEach(deleted);
    this.own.forEach((cell, key) => {
      if (cell.isKept && cell.isEmpty) return;
      const share = { key: tellKey(this.global, key), ...cell.share() };
      const isReset = this.#resets.has(key) || this.#foreign.has(key);
      entries[entries.length] = isReset ? { ...share, isReset } : share;
      if (isBusy) cell.empty();
    });
    const share: GlobalShare = { global: this.index, entries };
    const handedOver = isCleared ? { ...share, clearedNs: this.#clearedNs } : share;
    this.#resets.clear();
    this.#foreign.clear();
    this.#clearedNs = 0;
    if (!isBusy) {
      this.own.clear();
      this.#fresh = 0;
      this.account.charge(-this.#ownBytes);
      this.#ownBytes = 0;
    }
    // What was deleted is out of the base already.
    if (this.keepsBase) this.mergeEntries(handedOver);
    return handedOver;
  }

  mergeResets({ clearedNs, entries }: GlobalShare): void {
    if (clearedNs !== undefined) this.base.clear();
    for (const { key, isReset } of entries)
      if (isReset === true) this.base.delete(readKey(this.global, key));
    this.#recount();
  }

  mergeEntries({ entries }: GlobalShare): void {
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as EntryShare;
      if (entry.value !== undefined || entry.stats !== undefined) this.#absorb(entry);
    }
    this.#recount();
  }

  replace(entries: readonly EntryUpdate[]): void {
    this.base = new SafeMap();
    // What was deleted here since the share was handed over is still to be told.
    for (const entry of this.#clearedNs > 0 ? [] : entries) this.#absorb(entry);
    this.#resets.forEach((key) => this.base.delete(key));
    this.#foreign.forEach((key) => this.base.delete(key));
    this.#recount();
  }

  tell(): EntryUpdate[] {
    const entries: EntryUpdate[] = [];
    this.base.forEach((cell, key) => {
      entries[entries.length] = { key: tellKey(this.global, key), ...cell.share() };
    });
    return entries;
  }

  /** Puts a value into the base, in the place of what was there. */
  protected assign(key: EntryKey): C {
    if (this.own.delete(key) && !this.base.has(key)) this.#fresh--;
    if (!this.base.has(key)) this.account.admit(this.global.name, this.size + 1);
    const cell = this.makeCell();
    this.base.set(keepText(key), cell);
    return cell;
  }

  protected collectKeys(into: EntryKey[]): void {
    this.base.forEach((_, key) => {
      into[into.length] = key;
    });
    this.own.forEach((_, key) => {
      if (!this.base.has(key)) into[into.length] = key;
    });
  }

  #absorb(entry: EntryShare | EntryUpdate): void {
    const key = readKey(this.global, entry.key);
    let cell = this.base.get(key);
    if (cell === undefined) {
      cell = this.makeCell();
      this.base.set(key, cell);
    }
    cell.absorb(entry);
  }

  #recount(): void {
    let bytes = 0;
    let fresh = 0;
    this.base.forEach((_, key) => (bytes += this.#bytesOf(key)));
    this.own.forEach((_, key) => (fresh += this.base.has(key) ? 0 : 1));
    this.#fresh = fresh;
    this.account.memoryBytes += bytes - this.#baseBytes;
    this.#baseBytes = bytes;
  }

  #bytesOf(key: EntryKey): number {
    return this.#bytesOfCell + (typeof key === 'string' ? key.length * 2 : 0);
  }
}
