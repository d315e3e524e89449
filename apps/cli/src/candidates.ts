import type { AnyPayload } from '@extension-events/core';
import type { TargetConnection, ListenOptions } from '@extension-events/session';
import { say } from './output.ts';
import { makePrintable } from './printable.ts';

/**
 * A type that waits for a threshold may have a companion `NAME.candidate`, which says what comes
 * nearest: while nothing is heard the user is told, and how to ask for less.
 *
 * @param isSilent - has nothing been heard yet?
 */
export function tellCandidates(
  connection: TargetConnection,
  { pattern, request, thread }: ListenOptions,
  isSilent: () => boolean,
): Disposable {
  const name = `${pattern}.candidate`;
  const type = connection.eventTypes.find(({ descriptor }) => descriptor.name === name);
  if (type === undefined) return { [Symbol.dispose]: () => undefined };
  const known = Object.keys(type.descriptor.request ?? {});
  const shared = Object.entries(request ?? {}).filter(([key]) => known.includes(key));
  const listening = connection.open({
    pattern: name,
    ...(thread === undefined ? {} : { thread }),
    ...(shared.length === 0 ? {} : { request: Object.fromEntries(shared) }),
  });
  listening.ready.catch(() => undefined); // it is only a courtesy
  listening.items$.subscribe({
    next: (item) => {
      const line =
        item.kind === 'event' && isSilent() ? describe(pattern, item.payload) : undefined;
      if (line !== undefined) say(line);
    },
    error: () => undefined,
  });
  return { [Symbol.dispose]: () => void listening.unlisten() };
}

/** The sentence about a candidate; `undefined` when it says nothing of a share. */
export function describe(pattern: string, payload: AnyPayload): string | undefined {
  const { function: where, line, share, url } = payload;
  if (typeof share !== 'number') return undefined;
  const place = makePrintable(`${String(where)} (${String(url)}:${String(line)})`);
  const less = Math.max(0.01, Math.floor(share * 90) / 100);
  return `nothing has reached the threshold of ${pattern} yet; the nearest is ${place} with ${(share * 100).toFixed(1)} %: ask for less with --request share=${less}`;
}
