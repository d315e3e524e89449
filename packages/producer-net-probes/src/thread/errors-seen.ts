import type { NetErrorPayload } from '../types.ts';

type Described = Pick<NetErrorPayload, 'code' | 'syscall' | 'message'>;

/** What an event says of an error, whatever the program has thrown or passed along as one. */
export function describeError(error: unknown): Described {
  if (typeof error !== 'object' || error === null) return { code: typeof error };
  const { code, name, syscall, message } = error as Record<string, unknown>;
  return {
    code: codeOf(code) ?? codeOf(name) ?? 'Error',
    ...(typeof syscall === 'string' && { syscall }),
    ...(typeof message === 'string' && { message }),
  };
}

/** Whom a connect has failed to reach, as Node tells it. */
export function describePeer(error: unknown): Pick<NetErrorPayload, 'remoteAddress' | 'remotePort'> {
  const { address, port, syscall } = error as Record<string, unknown>;
  if (syscall !== 'connect' || typeof address !== 'string') return {};
  return { remoteAddress: address, ...(typeof port === 'number' && port > 0 && { remotePort: port }) };
} // prettier-ignore

function codeOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
