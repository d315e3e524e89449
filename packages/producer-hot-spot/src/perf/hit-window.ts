import type { ChainEntry } from '@extension-events/platform-linux';
import { mostFrequent } from '../most-frequent.ts';
import type { Hit, NativeEvidence } from './internal-types.ts';

const maxHits = 65_536;

/** The hits of one window, oldest first, at most some ten thousand. */
export class HitWindow {
  readonly #windowNs: number;
  #hits: Hit[] = [];
  #first = 0;

  constructor(windowMs: number) {
    this.#windowNs = windowMs * 1e6;
  }

  /**
   * Adds hits whose times do not decrease. Those leave that were too old when the first of these came: any of
   * these may be the one that makes a place hot, however long the batch.
   */
  add(hits: readonly Hit[]): void {
    for (const hit of hits) this.#hits.push(hit);
    const fromNs = (hits[0]?.timeNs ?? -Infinity) - this.#windowNs;
    this.#first = Math.max(this.#first, this.#hits.length - maxHits);
    while ((this.#hits[this.#first]?.timeNs ?? Infinity) <= fromNs) this.#first++;
    if (this.#first <= 1024 || this.#first * 2 <= this.#hits.length) return;
    this.#hits = this.#hits.slice(this.#first);
    this.#first = 0;
  }

  /** What the hits of this key in the window that ends at a time say; `undefined` when there are none. */
  evidence(key: string, toNs: number): NativeEvidence | undefined {
    const hits: Hit[] = [];
    const fromNs = toNs - this.#windowNs;
    for (let at = this.#first; at < this.#hits.length; at++) {
      const hit = this.#hits[at];
      if (hit === undefined || hit.timeNs <= fromNs || hit.timeNs > toNs) continue;
      if (hit.place.function.key === key) hits.push(hit);
    }
    const tid = mostFrequent(hits.map((hit) => hit.tid));
    if (tid === undefined) return undefined;
    const ofThread = hits.filter((hit) => hit.tid === tid);
    const hottest = mostFrequent(ofThread.map(({ spot }) => spot.pc));
    const spot = ofThread.findLast((hit) => hit.spot.pc === hottest)?.spot;
    if (spot === undefined) return undefined;
    const alone = [{ address: spot.pc, isKernel: spot.isKernel }];
    return { tid, spot, chain: hottestChain(ofThread) ?? hottestChain(hits) ?? alone };
  }
}

/** The chain whose callers come most often; the innermost entries differ within a loop. */
function hottestChain(hits: readonly Hit[]): readonly ChainEntry[] | undefined {
  const chains = hits.flatMap(({ chain }) => (chain === undefined ? [] : [chain]));
  const keys = chains.map((chain) =>
    chain
      .slice(1)
      .map(({ address }) => address)
      .join(),
  );
  const key = mostFrequent(keys);
  return chains.findLast((_, at) => keys[at] === key);
}
