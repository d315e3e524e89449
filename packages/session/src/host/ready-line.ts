/** What a host that starts says to its starter: one line on descriptor 3. */
import type { WireError } from '@extension-events/protocol';

/** Descriptor of the pipe in the host. */
export const readyFd = 3;

/** A host serves the socket, or there can be none. */
export type ReadyLine = { readonly socketPath: string } | { readonly error: WireError };

/** Reads the line back; `undefined` when it is none. */
export function parseReadyLine(text: string): ReadyLine | undefined {
  try {
    const value = JSON.parse(text) as Partial<{ socketPath: unknown; error: unknown }> | null;
    if (typeof value?.socketPath === 'string') return { socketPath: value.socketPath };
    const { code, message, hint } = (value?.error ?? {}) as Partial<WireError>;
    if (typeof code === 'string' && typeof message === 'string' && typeof hint === 'string')
      return { error: { code, message, hint } };
  } catch {
    // cut off: the host died while it wrote
  }
  return undefined;
}
