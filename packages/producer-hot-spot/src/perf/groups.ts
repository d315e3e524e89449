import { Detector } from '../detector.ts';
import type { DetectorOptions } from '../detector.ts';
import type { Finding } from '../internal-types.ts';
import { HitWindow } from './hit-window.ts';
import type { Hit, NativeCount } from './internal-types.ts';

/** Hits that are counted together: those of a thread, of the process or of the system. */
export interface Group {
  readonly detector: Detector<NativeCount>;
  readonly hits: HitWindow;
}

/** What a batch of hits brought up. */
export interface GroupFindings {
  readonly group: Group;
  readonly findings: readonly Finding<NativeCount>[];
  readonly toNs: number;
}

const maxGroups = 4096;

/** Gives each hit to the detector of its group. */
export class Groups {
  readonly #options: DetectorOptions;
  readonly #isByThread: boolean;
  readonly #groups = new Map<number, Group>();

  constructor(options: DetectorOptions, isByThread: boolean) {
    this.#options = { ...options, takesAll: true, isOfMany: !isByThread };
    this.#isByThread = isByThread;
  }

  /** Takes hits in the order of their times. */
  feed(hits: readonly Hit[]): GroupFindings[] {
    return [...this.#split(hits)].map(([key, part]) => {
      const group = this.#groupOf(key);
      const toNs = part.at(-1)?.timeNs ?? 0;
      group.hits.add(part);
      const findings = group.detector.feed(part, toNs);
      return { group, toNs, findings: findings.toSorted((a, b) => a.timeNs - b.timeNs || b.hits - a.hits) };
    });
  } // prettier-ignore

  /** A thread has ended. */
  forget(tid: number): void {
    if (this.#isByThread) this.#groups.delete(tid);
  }

  #split(hits: readonly Hit[]): Map<number, readonly Hit[]> {
    const parts = new Map<number, Hit[]>();
    if (!this.#isByThread) return new Map([[0, hits]]);
    for (const hit of hits) {
      const part = parts.get(hit.tid);
      if (part === undefined) parts.set(hit.tid, [hit]);
      else part.push(hit);
    }
    return parts;
  }

  #groupOf(key: number): Group {
    let group = this.#groups.get(key);
    if (group === undefined) {
      const [oldest] = this.#groups.keys();
      if (this.#groups.size >= maxGroups && oldest !== undefined) this.#groups.delete(oldest);
      group = {
        detector: new Detector(this.#options),
        hits: new HitWindow(this.#options.windowMs),
      };
      this.#groups.set(key, group);
    }
    return group;
  }
}
