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

// What V8 allows this thread, its `resourceLimits` included; it hardly ever changes.
const limitSnippet = `process.getBuiltinModule('node:v8').getHeapStatistics().heap_size_limit`;
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
    // Measured by the inspector itself: neither script nor room on that heap is needed.
    const { usedSize: usedBytes } = await session.post('Runtime.getHeapUsage');
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
