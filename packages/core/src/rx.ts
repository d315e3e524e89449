/** The door `./rx`: listening on this thread as an Observable. RxJS is an optional peer. */
import { Observable } from 'rxjs';
import type { EventType } from './event-type.ts';
import { getRegistry } from './global.ts';
import type { Listening, ListenOptions, PostedEvent } from './listen.ts';
import type { Fields, Payload, PayloadOf } from './types.ts';

/** Events by pattern; cold: each subscription listens, unsubscribing unlistens. */
export function fromEvents<N extends string>(
  pattern: N,
  options: ListenOptions<PayloadOf<N>> = {},
): Observable<PostedEvent<PayloadOf<N>>> {
  return stream((next, onError) =>
    getRegistry().listen(pattern, next as (event: PostedEvent) => void, {
      ...(options as ListenOptions),
      onError,
    }),
  );
}

/** The payloads of one event type; cold. */
export function fromEventType<F extends Fields>(
  type: EventType<F>,
  options: ListenOptions<Payload<F>> = {},
): Observable<Payload<F>> {
  return stream((next, onError) => type.listen(next, { ...options, onError }));
}

function stream<T>(
  listen: (next: (value: T) => void, onError: (error: unknown) => void) => Listening,
): Observable<T> {
  return new Observable((subscriber) => {
    const listening = listen(
      (value) => subscriber.next(value),
      (error) => subscriber.error(error),
    );
    return () => listening.unlisten();
  });
}
