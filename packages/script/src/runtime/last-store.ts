import type { GlobalShare } from '../program/wire.ts';
import { Overrun } from './errors.ts';
import { type EntryKey, keepText, readKey, readNumber, tellKey, tellNumber } from './keys.ts';
import { SafeMap } from './safe-map.ts';
import { emptyValue, entryBytes, type EntryShare, type EntryUpdate, type Scalar, Store } from './store.ts'; // prettier-ignore

interface LastCell {
  value: Scalar;
  atNs: number;
}

// Deletions of entries that nobody else is known to have; forgotten when there are too many.
const maxForeign = 1024;
// The coordinator remembers deletions for writes that come later than they were made.
const rememberNs = 60e9;

/** What may be anything: of several writes to an entry the one with the later time stands. */
export class LastStore extends Store {
  readonly #own: SafeMap<EntryKey, LastCell> = new SafeMap();
  #base: SafeMap<EntryKey, LastCell> = new SafeMap();
  /** Deleted here since the last share, and when: entries that others know of, and others. */
  readonly #deleted: SafeMap<EntryKey, number> = new SafeMap();
  readonly #foreign: SafeMap<EntryKey, number> = new SafeMap();
  #clearedNs = 0;
  /** The coordinator's: when entries that are gone were deleted, one by one and all of them. */
  readonly #graves: SafeMap<EntryKey, number> = new SafeMap();
  #allGoneNs = 0;
  #latestNs = 0;
  /** Entries of `own` that are not in `base`. */
  #fresh = 0;
  #bytes = 0;
  get size(): number {
    return this.#base.size + this.#fresh;
  }

  has(key: EntryKey): boolean {
    return this.#own.has(key) || this.#base.has(key);
  }

  get(key: EntryKey): Scalar {
    const cell = this.#own.get(key) ?? this.#base.get(key);
    return cell === undefined ? emptyValue(this.global) : cell.value;
  }

  add(key: EntryKey, amount: number): void {
    this.set(key, Number(this.get(key)) + amount);
  }

  set(key: EntryKey, value: Scalar): void {
    const atNs = this.#stamp();
    const cell = this.#own.get(key);
    if (cell === undefined) {
      this.#insert(key, value, atNs);
      return;
    }
    if (typeof value === 'string') this.#charge((value.length - String(cell.value).length) * 2);
    cell.value = keepText(value);
    cell.atNs = atNs;
  }

  #insert(key: EntryKey, value: Scalar, atNs: number): void {
    const isFresh = !this.#base.has(key);
    if (isFresh) this.account.admit(this.global.name, this.size + 1);
    this.#charge(bytesOf(key, value));
    this.#own.set(keepText(key), { value: keepText(value), atNs });
    if (isFresh) this.#fresh++;
    if (this.#deleted.size > 0) this.#deleted.delete(key);
    if (this.#foreign.size > 0) this.#foreign.delete(key);
  }

  aggregate(key: EntryKey, value: number): void {
    this.add(key, value);
  }

  statistic(): undefined {
    return undefined;
  }

  remove(key: EntryKey): void {
    const wasOwn = this.#own.delete(key);
    const wasKnown = this.#base.delete(key);
    if (wasOwn && !wasKnown) this.#fresh--;
    if (wasKnown || !this.keepsBase) {
      if (this.#deleted.size >= this.account.budget.entriesPerMap) {
        throw new Overrun(`More than ${this.#deleted.size} entries of ${this.global.name} were deleted between two merges (map entries).`, 'merge more often: add a timer probe.'); // prettier-ignore
      }
      this.#deleted.set(keepText(key), this.#stamp());
      return;
    }
    if (this.#foreign.size >= maxForeign) this.#foreign.clear();
    this.#foreign.set(keepText(key), this.#stamp());
  }

  clear(): void {
    this.#own.clear();
    this.#base.clear();
    this.#deleted.clear();
    this.#foreign.clear();
    this.#fresh = 0;
    this.#charge(-this.#bytes);
    this.#clearedNs = this.#stamp();
  }

  collect(isBusy: boolean): GlobalShare | undefined {
    const isCleared = this.#clearedNs > 0;
    if (this.#own.size + this.#deleted.size + this.#foreign.size === 0 && !isCleared) return undefined; // prettier-ignore
    const entries: EntryShare[] = [];
    const bury = (atNs: number, key: EntryKey): void => {
      entries[entries.length] = { key: tellKey(this.global, key), atNs };
    };
    this.#deleted.forEach(bury);
    this.#foreign.forEach(bury);
    this.#own.forEach(({ value, atNs }, key) => {
      entries[entries.length] = { key: tellKey(this.global, key), value: tellNumber(value), atNs };
    });
    const share: GlobalShare = { global: this.index, entries };
    const handedOver = isCleared ? { ...share, clearedNs: this.#clearedNs } : share;
    // What is told twice is no harm: its time is the same.
    if (!isBusy) this.#own.clear();
    this.#deleted.clear();
    this.#foreign.clear();
    this.#clearedNs = 0;
    if (this.keepsBase) this.mergeEntries(handedOver);
    else this.#recount();
    return handedOver;
  }

  mergeResets(): void {
    // Times decide, and not the order of the shares.
  }

  mergeEntries({ clearedNs, entries }: GlobalShare): void {
    if (clearedNs !== undefined) this.#mergeClear(clearedNs);
    for (let i = 0; i < entries.length; i++) {
      const { key: parts, value, atNs = 0 } = entries[i] as EntryShare;
      const key = readKey(this.global, parts);
      const known = this.#base.get(key)?.atNs ?? this.#graves.get(key) ?? 0;
      if (atNs < known || atNs < this.#allGoneNs) continue;
      if (value !== undefined) {
        this.#base.set(key, { value: this.#read(value), atNs });
        this.#graves.delete(key);
      } else {
        this.#base.delete(key);
        if (this.isMaster) this.#graves.set(key, atNs);
      }
    }
    this.#forget();
    this.#recount();
  }

  #mergeClear(atNs: number): void {
    const gone: EntryKey[] = [];
    this.#base.forEach((cell, key) => {
      if (cell.atNs <= atNs) gone[gone.length] = key;
    });
    for (const key of gone) this.#base.delete(key);
    if (this.isMaster && atNs > this.#allGoneNs) this.#allGoneNs = atNs;
  }

  #forget(): void {
    if (this.#graves.size === 0) return;
    const beforeNs = this.account.nowNs() - rememberNs;
    const old: EntryKey[] = [];
    this.#graves.forEach((atNs, key) => {
      if (atNs < beforeNs) old[old.length] = key;
    });
    for (const key of old) this.#graves.delete(key);
  }

  replace(entries: readonly EntryUpdate[], isBusy: boolean): void {
    this.#base = new SafeMap();
    for (const { key: parts, value, atNs = 0 } of entries) {
      if (value === undefined || (this.#clearedNs > 0 && atNs <= this.#clearedNs)) continue;
      const key = readKey(this.global, parts);
      this.#base.set(key, { value: this.#read(value), atNs });
      const own = this.#own.get(key);
      if (!isBusy && own !== undefined && own.atNs < atNs) this.#own.delete(key);
    }
    // What was deleted here since the share was handed over is still to be told.
    this.#deleted.forEach((_, key) => this.#base.delete(key));
    this.#foreign.forEach((_, key) => this.#base.delete(key));
    this.#recount();
  }

  tell(): EntryUpdate[] {
    const entries: EntryUpdate[] = [];
    this.#base.forEach(({ value, atNs }, key) => {
      entries[entries.length] = { key: tellKey(this.global, key), value: tellNumber(value), atNs };
    });
    return entries;
  }

  protected rank(key: EntryKey): Scalar {
    return this.get(key);
  }

  protected collectKeys(into: EntryKey[]): void {
    this.#base.forEach((_, key) => {
      into[into.length] = key;
    });
    this.#own.forEach((_, key) => {
      if (!this.#base.has(key)) into[into.length] = key;
    });
  }

  #read(value: Scalar): Scalar {
    return readNumber(this.global.value === 'number', value);
  }

  // Of two writes of one thread the later one stands, also when its clock has not moved.
  #stamp(): number {
    this.#latestNs = Math.max(this.#latestNs, this.account.nowNs());
    return this.#latestNs;
  }

  #charge(bytes: number): void {
    this.account.charge(bytes);
    this.#bytes += bytes;
  }

  #recount(): void {
    let bytes = 0;
    let fresh = 0;
    this.#base.forEach(({ value }, key) => (bytes += bytesOf(key, value)));
    this.#own.forEach(({ value }, key) => {
      bytes += bytesOf(key, value);
      if (!this.#base.has(key)) fresh++;
    });
    this.#fresh = fresh;
    this.account.memoryBytes += bytes - this.#bytes;
    this.#bytes = bytes;
  }
}

function bytesOf(key: EntryKey, value: Scalar): number {
  const units = (typeof key === 'string' ? key.length : 0) + (typeof value === 'string' ? value.length : 0); // prettier-ignore
  return entryBytes + units * 2;
}
