import { signal, type Signal } from '@preact/signals';
import { codecs } from '../../../src/server/codecs/index.ts';
import type { PlainError } from '../../../src/server/errors.ts';
import type { View, ViewUpdate } from '../../../src/server/messages.ts';

/** Asks the server for a view, and tells it that nobody looks any more. */
interface Watching {
  open(): void;
  close(): void;
}

/** Who looks away for a moment, to change a tab, finds what was there. */
const lingerMs = 400;

/** One view as the page knows it; several parts of the page may hold it. */
export class Watched {
  readonly view: View;
  readonly value: Signal<unknown> = signal<unknown>(undefined);
  readonly error: Signal<PlainError | undefined> = signal<PlainError | undefined>(undefined);
  /** Its number in the present connection. */
  id = 0;
  readonly #watching: Watching;
  /** What deltas are for: of the present connection. */
  #base: unknown;
  #holders = 0;
  #isOpen = false;

  constructor(view: View, watching: Watching) {
    this.view = view;
    this.#watching = watching;
  }

  get isHeld(): boolean {
    return this.#isOpen;
  }

  /** @returns lets it go */
  hold(): () => void {
    this.#holders++;
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#watching.open();
    }
    return () => {
      this.#holders--;
      setTimeout(() => this.#rest(), lingerMs);
    };
  }

  #rest(): void {
    if (this.#holders > 0 || !this.#isOpen) return;
    this.#isOpen = false;
    this.#watching.close();
  }

  /** The connection is a new one: what comes next is whole. */
  restart(): void {
    this.#base = undefined;
  }

  take(update: ViewUpdate): void {
    if ('error' in update) {
      this.error.value = update.error;
      return;
    }
    this.#base = codecs[this.view.of].apply(this.#base, update.delta);
    this.error.value = undefined;
    this.value.value = this.#base;
  }
}
