import { Observable, type Subscription } from 'rxjs';
import type { EventItem } from './items.ts';

/**
 * The items of several listens as one stream. What a thread has recorded comes in pieces of some
 * milliseconds, and each listen hears its part of a piece at once: here the parts of what arrives
 * together are put in the order of their time. A loss stays behind the event that it came after.
 *
 * Hot and cold as its sources are. An error of one source ends it.
 */
export function mergeInOrder<L extends { readonly kind: 'loss' }>(
  sources: readonly Observable<EventItem | L>[],
): Observable<EventItem | L> {
  const [only] = sources;
  if (only !== undefined && sources.length === 1) return only;
  return new Observable<EventItem | L>((subscriber) => {
    let arrived: { readonly item: EventItem | L; readonly timeNs: number }[] = [];
    let open = sources.length;
    const flush = (): void => {
      const together = arrived;
      arrived = [];
      for (const { item } of together.toSorted((a, b) => a.timeNs - b.timeNs))
        subscriber.next(item);
    };
    const follow = (source: Observable<EventItem | L>): Subscription => {
      let timeNs = 0;
      return source.subscribe({
        next: (item) => {
          if (item.kind === 'event') timeNs = item.timestampNs;
          if (arrived.length === 0) queueMicrotask(flush);
          arrived.push({ item, timeNs });
        },
        error: (error) => {
          flush();
          subscriber.error(error);
        },
        complete: () => {
          if (--open > 0) return;
          flush();
          subscriber.complete();
        },
      });
    };
    if (open === 0) subscriber.complete();
    const parts = sources.map(follow);
    return () => {
      for (const part of parts) part.unsubscribe();
    };
  });
}
