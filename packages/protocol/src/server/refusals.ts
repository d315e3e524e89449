import { ExtensionEventError } from '@extension-events/core';
import type { WireError } from '../frames.ts';

/**
 * The event types that match a listen and cannot serve it. Threads find it out one by one; it is told
 * once for all of them, and only when the listen is in force all the same.
 */
export class Refusals {
  readonly #byEvent: Map<string, WireError> = new Map();
  readonly #tell: (event: string, error: WireError) => void;
  #isInForce = false;

  constructor(tell: (event: string, error: WireError) => void) {
    this.#tell = tell;
  }

  add(event: string, error: WireError): void {
    const isKnown = this.#byEvent.get(event)?.message === error.message;
    this.#byEvent.set(event, error);
    if (this.#isInForce && !isKnown) this.#tell(event, error);
  }

  /** It can serve after all: should it refuse again, that is news. */
  forget(event: string): void {
    this.#byEvent.delete(event);
  }

  /** The listen is in force: what was refused so far is told. */
  release(): void {
    this.#isInForce = true;
    for (const [event, error] of this.#byEvent) this.#tell(event, error);
  }

  /** The error of a pattern that nothing serves; undefined when nothing has refused. */
  ofAll(pattern: string): ExtensionEventError | undefined {
    const errors = [...this.#byEvent.values()];
    const told = errors.find(({ hint }) => hint.startsWith('did you mean')) ?? errors[0];
    if (told === undefined) return undefined;
    const { code, hint, message } = told;
    const rest = `Nothing else that matches ${pattern} here can be heard so (${errors.length - 1} more).`;
    return new ExtensionEventError(code, message, errors.length > 1 ? `${hint} ${rest}` : hint);
  }
}
