import type { ProfileNode, ProfileWindow } from '@extension-events/platform-v8';
import type { Interval, Place, Sample } from './internal-types.ts';
import { readMeaning } from './places.ts';
import type { Meaning, PlaceTable } from './places.ts';

/**
 * Turns a window of the profile into samples of the busy thread, in order. Left out: idle time, our
 * own snippets, and what was sampled while a debugger held the thread.
 */
export function decodeWindow(
  window: ProfileWindow,
  places: PlaceTable,
  held: readonly Interval[] = [],
): Sample[] {
  const meanings = new Map<ProfileNode, Meaning>();
  const lines = new Map<ProfileNode, LineDealer>();
  const samples: Sample[] = [];
  for (const [index, node] of window.samples.entries()) {
    const timeNs = window.timesNs[index] ?? window.toNs;
    let meaning = meanings.get(node);
    if (meaning === undefined) meanings.set(node, (meaning = readMeaning(node)));
    if (meaning.kind === 'idle' || meaning.kind === 'own') continue;
    if (held.some(({ fromNs, toNs }) => timeNs >= fromNs && timeNs <= toNs)) continue;
    if (meaning.kind === 'elsewhere') {
      // Only (program) may turn out to be code that the profiler cannot name.
      const native = meaning.name === '(program)' ? '' : meaning.name;
      samples.push({ timeNs, place: places.get(undefined, 0, native), node });
      continue;
    }
    let line = 0;
    if (meaning.hasLines) {
      let dealer = lines.get(node);
      if (dealer === undefined) lines.set(node, (dealer = new LineDealer(node)));
      line = dealer.next();
    }
    samples.push({ timeNs, place: places.get(meaning.function, line, meaning.native), node });
  }
  return samples;
}

// The protocol tells how many samples of a node fell on each line, not which: they are dealt evenly over
// the node's samples, each time to the line that is furthest behind.
class LineDealer {
  readonly #lines: { readonly line: number; readonly hits: number; dealt: number }[];
  #dealt = 0;
  readonly #total: number;

  constructor(node: ProfileNode) {
    const hitsOf = new Map<number, number>();
    // Node 26 tells a line more than once.
    for (const { line, hits } of node.lineHits) hitsOf.set(line, (hitsOf.get(line) ?? 0) + hits);
    this.#lines = [...hitsOf].map(([line, hits]) => ({ line, hits, dealt: 0 }));
    this.#total = this.#lines.reduce((sum, { hits }) => sum + hits, 0);
  }

  next(): number {
    this.#dealt++;
    let best: { line: number; dealt: number } | undefined;
    let bestBehind = -Infinity;
    for (const each of this.#lines) {
      const behind = (each.hits / this.#total) * this.#dealt - each.dealt;
      if (behind <= bestBehind) continue;
      best = each;
      bestBehind = behind;
    }
    if (best === undefined) return 0;
    best.dealt++;
    return best.line;
  }
}

/**
 * Leaves out samples that were waiting rather than working. The profiler samples wall time: a thread inside
 * `execFileSync` or `Atomics.wait` looks busy there, while the kernel says it hardly ran.
 *
 * @param cpuShare - part of the window in which the thread ran or wanted to
 * @param expected - samples that a window of this length has when the thread is busy all the time
 */
export function dropWaiting(
  samples: readonly Sample[],
  cpuShare: number,
  expected: number,
): Sample[] {
  const tolerance = 0.15;
  let excess = Math.round(samples.length - (cpuShare + tolerance) * expected);
  if (excess <= 0) return [...samples];
  const byPlace = new Map<Place, Sample[]>();
  for (const sample of samples) {
    const others = byPlace.get(sample.place);
    if (others === undefined) byPlace.set(sample.place, [sample]);
    else others.push(sample);
  }
  // A wait is one long stay in a native call, so it is where most samples are.
  const suspects = [...byPlace].toSorted(
    ([a, x], [b, y]) => Number(b.native !== '') - Number(a.native !== '') || y.length - x.length,
  );
  const dropped = new Set<Sample>();
  for (const [, each] of suspects) {
    if (excess <= 0) break;
    // A small excess is chance, or the thread waited for memory: then only so many are left out.
    const count = excess * 2 >= each.length ? each.length : excess;
    for (const sample of each.slice(0, count)) dropped.add(sample);
    excess -= count;
  }
  return samples.filter((sample) => !dropped.has(sample));
}
