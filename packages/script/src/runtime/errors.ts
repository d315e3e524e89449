import { ExtensionEventError } from '@extension-events/core';

/** How a running script ends against its will. */
export interface StopReason {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** What a probe is called. */
export interface ProbeLabel {
  /** What `probe_name()` says. */
  readonly name: string;
  /** For errors: `lucky13.ev:2`. */
  readonly place: string;
}

/**
 * Thrown through the code of a probe to leave it for good, and caught by that code; it never reaches
 * the program. Not an Error: it needs no stack, and the program may have replaced what captures one.
 */
export class Overrun {
  readonly reason: StopReason;

  constructor(message: string, hint: string) {
    this.reason = { code: 'EE_SCRIPT_BUDGET', message, hint };
  }

  /** The same, with the probe that it was in. */
  in({ name, place }: ProbeLabel): StopReason {
    const { message } = this.reason;
    return { ...this.reason, message: `${message} It was probe ${name} at ${place}.` };
  }
}

/** The words of anything that was thrown. */
export function reasonOf(error: unknown): StopReason {
  if (error instanceof Overrun) return error.reason;
  if (error instanceof ExtensionEventError) {
    const { code, message, hint } = error;
    return { code, message, hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'EE_SCRIPT_STOPPED', message, hint: 'this is a fault of the script runtime; please report it.' }; // prettier-ignore
}
