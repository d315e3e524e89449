import type { ScriptBudget } from '../program/wire.ts';
import { Overrun } from './errors.ts';

/** What the state of one instance may take, and the time that its writes are stamped with. */
export class Account {
  memoryBytes = 0;
  readonly budget: ScriptBudget;
  readonly nowNs: () => number;

  constructor(budget: ScriptBudget, nowNs: () => number) {
    this.budget = budget;
    this.nowNs = nowNs;
  }

  /** Counts memory that is taken (or, negative, given back). */
  charge(bytes: number): void {
    this.memoryBytes += bytes;
    const { memoryBytes } = this.budget;
    if (this.memoryBytes <= memoryBytes) return;
    throw new Overrun(`The state of the script takes more than ${memoryBytes} bytes (memory) in one thread.`, 'delete entries that are done with, for example in a timer probe, or keep fewer.'); // prettier-ignore
  }

  /** May a map have so many entries? */
  admit(name: string, size: number): void {
    const { entriesPerMap } = this.budget;
    if (size <= entriesPerMap) return;
    throw new Overrun(`The map ${name} has more than ${entriesPerMap} entries (map entries).`, 'use keys with fewer different values, or delete entries that are done with.'); // prettier-ignore
  }
}
