/**
 * What a process that waits for its exec, its holder and its starter say to each other, a line each:
 * the starter writes {@link Order}s to the holder's standard input, the holder answers with
 * {@link News} on its standard output. The end of the input means that the starter is gone.
 */
import type { WireError } from '@extension-events/protocol';

/** `begin`: let it run. `step-aside`: leave it stopped for another tracer, until `begin`. */
export type Order = 'begin' | 'step-aside';

/** `seized`: the exec may come. `stands`: it has come. `aside`: the other tracer may come. */
export type News =
  | { readonly type: 'seized' | 'stands' | 'aside' | 'over' }
  | { readonly type: 'refused'; readonly error: WireError };

/** Reads a line of the holder back; `undefined` when it is none. */
export function parseNews(line: string): News | undefined {
  try {
    const { type, error } = JSON.parse(line) as { type?: unknown; error?: Partial<WireError> };
    if (type === 'seized' || type === 'stands' || type === 'aside' || type === 'over')
      return { type };
    const { code, hint, message } = error ?? {};
    if (type === 'refused' && code !== undefined && message !== undefined && hint !== undefined)
      return { type, error: { code, message, hint } };
  } catch {
    // cut off: the holder died while it wrote
  }
  return undefined;
}
