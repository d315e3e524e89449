import type { Connection, ListenOptions } from '@extension-events/session';

const nothing: Disposable = { [Symbol.dispose]: () => undefined };

/**
 * A type that waits for a threshold may have a companion `NAME.candidate`, which says what comes
 * nearest: then the user is told after a while, and how to ask for less.
 */
export function watchCandidates(
  connection: Connection,
  { pattern, request }: ListenOptions,
  tell: (line: string) => void,
): Disposable {
  const name = `${pattern}.candidate`;
  if (!connection.eventTypes.some((type) => type.descriptor.name === name)) return nothing;
  const listening = connection.open({
    pattern: name,
    ...(request === undefined ? {} : { request }),
  });
  listening.ready.catch(() => undefined);
  listening.items$.subscribe({
    next: (item) => {
      if (item.kind !== 'event') return;
      const { function: where, line, share, url } = item.payload;
      if (typeof share !== 'number') return;
      const less = Math.max(0.01, Math.floor(share * 90) / 100);
      tell(`nothing reached the threshold of ${pattern} yet; the hottest is ${String(where)} at ${String(url)}:${String(line)} with ${(share * 100).toFixed(1)} %: ask for less with --request share=${less}`); // prettier-ignore
    },
    error: () => undefined,
  });
  return { [Symbol.dispose]: () => void listening.unlisten() };
}
