import { compilePattern, type EventTypeDescriptor, isExactPattern } from '@extension-events/core';
import type { TargetConnection } from '@extension-events/session';
import { say } from './output.ts';

/** What matters of a process here. */
export type HeardTarget = Pick<TargetConnection, 'pid' | 'eventTypes'>;

/** Notices when everything that a pattern stands for refuses: nobody should wait for it. */
export class Unheard {
  readonly #targets: readonly HeardTarget[];
  readonly #patterns: readonly string[];
  /** `pid event` */
  readonly #refused: Set<string> = new Set();
  readonly #told: Set<string> = new Set();

  constructor(targets: readonly HeardTarget[], patterns: readonly string[]) {
    this.#targets = targets;
    this.#patterns = patterns.filter((pattern) => !isExactPattern(pattern));
  }

  /** An event type of a process refuses. */
  add(pid: number, event: string): void {
    this.#refused.add(`${pid} ${event}`);
    for (const { eventTypes, pid: own } of this.#targets) {
      if (own !== pid) continue;
      for (const pattern of this.#patterns) {
        const names = matching(pattern, eventTypes).heard;
        const isAll =
          names.length > 0 && names.every((name) => this.#refused.has(`${pid} ${name}`));
        const key = `${pid} ${pattern}`;
        if (!isAll || this.#told.has(key)) continue;
        this.#told.add(key);
        const who = names.length === 1 ? `${names[0]} refuses` : `all ${names.length} event types refuse`; // prettier-ignore
        say(`nothing that is known is heard of ${pattern} in process ${pid}: ${who}; of what is registered later something may be`); // prettier-ignore
      }
    }
  }
}

/** The known names that a pattern matches: what it hears, and what is heard by its full name only. */
export function matching(
  pattern: string,
  types: readonly { readonly descriptor: Pick<EventTypeDescriptor, 'name' | 'kind'> }[],
): { readonly heard: readonly string[]; readonly requested: readonly string[] } {
  const matches = compilePattern(pattern);
  const found = types.map(({ descriptor }) => descriptor).filter(({ name }) => matches(name));
  const namesOf = (isHeard: boolean): string[] =>
    found.filter(({ kind }) => (kind === 'filtered') === isHeard).map(({ name }) => name);
  return { heard: namesOf(true), requested: namesOf(false) };
}
