import { resourceLimits } from 'node:worker_threads';
import { evaluateSnippet, type V8Host, type V8Thread } from '@extension-events/platform-v8';
import type { HeapNearLimitPayload, RunningPlace } from '../types.ts';
import { type BesideArming, ThreadArmings } from './armings.ts';
import type { Places } from './places.ts';

/** What `heap.near-limit` is armed with. */
export interface HeapRequest {
  readonly share: number;
  readonly everyMs: number;
}

type HeapArming = BesideArming<HeapNearLimitPayload, HeapRequest>;

// What V8 tells of a heap's limit is that of both generations; a process ends where the old one is
// full. The young one is known of threads with `resourceLimits`, and of programs with a flag; the
// main thread has the one that is usual, which a worker such as this one is told.
const usualYoungMb = resourceLimits.maxYoungGenerationSizeMb ?? 0;
// Two semi-spaces, and as much for large objects.
const semiSpaces = 3;
// It hardly ever changes.
const limitSnippet = `(() => {
  const get = process.getBuiltinModule;
  const bothBytes = get('node:v8').getHeapStatistics().heap_size_limit;
  const flags = [...process.execArgv, process.env.NODE_OPTIONS].join(' ');
  const semiSpaceMb = Number(/--max[-_]semi[-_]space[-_]size[= ](\\d+)/.exec(flags)?.[1] ?? 0);
  const { maxYoungGenerationSizeMb = ${usualYoungMb} } = get('node:worker_threads').resourceLimits;
  const youngMb = semiSpaceMb > 0 ? semiSpaceMb * ${semiSpaces} : maxYoungGenerationSizeMb;
  const oldBytes = bothBytes - youngMb * 1048576;
  return oldBytes > 0 ? oldBytes : bothBytes;
})()`;
// Used by what has survived; the young generation comes and goes.
const oldSnippet = `process.getBuiltinModule('node:v8').getHeapSpaceStatistics().reduce(
  (sum, { space_name, space_used_size }) => (/^(?:new|read_only)_/.test(space_name) ? sum : sum + space_used_size), 0)`; // prettier-ignore
// A collection that frees less than this share of the limit does not make the next crossing news.
const releasedShare = 0.05;
// Interrupting allocates: not in the last megabytes.
const roomForStackBytes = 4e6;

/** When a heap that grows and shrinks is told to be nearly full. */
export class NearLimit {
  readonly #share: number;
  #next: number;

  constructor(share: number) {
    this.#share = share;
    this.#next = share;
  }

  /** Takes a measurement; is it to be told? */
  isNews(share: number): boolean {
    if (share < this.#share - releasedShare) this.#next = this.#share;
    if (share < this.#next) return false;
    this.#next = share + (1 - share) / 2;
    return true;
  }
}

/** Watches the heaps of all threads from beside: also of one that allocates and never returns to its loop. */
export function createHeapWatch(host: V8Host, places: Places): ThreadArmings<HeapArming> {
  return new ThreadArmings(host, async (thread, arming) => {
    const limitBytes = await evaluateSnippet<number>(thread.session, 'heap-limit', limitSnippet);
    return watch(thread, arming, limitBytes, places);
  });
}

function watch(thread: V8Thread, { post, request }: HeapArming, limitBytes: number, places: Places): Disposable {
  const { session, subject } = thread;
  const near = new NearLimit(request.share);
  let isAsking = false;
  const look = async (): Promise<void> => {
    // Measured by the inspector itself, with the young: neither script nor room on that heap is needed.
    const { usedSize } = await session.post('Runtime.getHeapUsage');
    if (usedSize / limitBytes < request.share) return void near.isNews(usedSize / limitBytes);
    const usedBytes = await evaluateSnippet<number>(session, 'heap-used', oldSnippet);
    const share = usedBytes / limitBytes;
    if (!near.isNews(share)) return;
    const hasRoom = limitBytes - usedBytes > roomForStackBytes;
    const place: RunningPlace = hasRoom ? (await places.capture(thread).catch(() => ({ place: {} }))).place : {};
    post({ usedBytes, limitBytes, share, ...place }, subject);
  };
  // A thread that does not answer is not asked again before it has.
  const timer = setInterval(() => {
    if (isAsking || thread.isHeld) return;
    isAsking = true;
    look().catch(() => undefined).finally(() => (isAsking = false));
  }, request.everyMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
} // prettier-ignore
