import type { ExtensionEventError } from '@extension-events/core';
import type { WireError } from '../frames.ts';

/** The code and the hint of an error that nobody foresaw: a mistake of the server. */
export interface Fault {
  readonly code: string;
  readonly hint: string;
}

/** An error as it travels. */
export function wireError(error: unknown, fault: Fault): WireError {
  const { code, message, hint } = (error ?? {}) as Partial<ExtensionEventError>;
  if (typeof code === 'string' && typeof hint === 'string')
    return { code, message: message ?? '', hint };
  return { ...fault, message: error instanceof Error ? error.message : String(error) };
}
