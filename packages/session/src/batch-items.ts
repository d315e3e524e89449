import { Observable, share } from 'rxjs';
import type { EventItem } from './items.ts';
import type { RecordBatch } from './record-batch.ts';

/** A stream of batches and losses as one of events and losses: decoded while somebody subscribes, once for all. */
export function toItems<L extends { readonly kind: 'loss' }>(
  records$: Observable<RecordBatch | L>,
): Observable<EventItem | L> {
  return new Observable<EventItem | L>((subscriber) =>
    records$.subscribe({
      next: (batch) => {
        if (batch.kind === 'loss') return subscriber.next(batch);
        batch.forEachItem((item) => subscriber.next(item));
      },
      error: (error) => subscriber.error(error),
      complete: () => subscriber.complete(),
    }),
  ).pipe(share());
}
