import type { Observable, Subscription } from 'rxjs';
import { codecs } from './codecs/index.ts';
import { toPlainError } from './errors.ts';
import type { View, ViewKind, ViewUpdate } from './messages.ts';

/** A page reads no faster; what is costly to send or to draw comes less often. */
const leastMs: Readonly<Record<ViewKind, number>> = {
  processes: 500,
  catalogue: 1000,
  scripts: 200,
  held: 200,
  state: 200,
  series: 200,
  histogram: 500,
  top: 500,
  heat: 500,
  incidents: 400,
  flame: 1000,
};

/** One view of one page: of what it shows, the newest is kept, and what the page has. */
export class LiveView {
  readonly view: View;
  readonly #id: number;
  readonly #following: Subscription;
  #newest: unknown;
  #sent: unknown;
  #error: ReturnType<typeof toPlainError> | undefined;
  #isDirty = false;
  #lastMs = -Infinity;

  constructor(id: number, view: View, values$: Observable<unknown>, onDirty: () => void) {
    this.#id = id;
    this.view = view;
    const touch = (): void => {
      this.#isDirty = true;
      onDirty();
    };
    this.#following = values$.subscribe({
      next: (value) => {
        this.#newest = value;
        this.#error = undefined;
        touch();
      },
      error: (error: unknown) => {
        this.#error = toPlainError(error);
        touch();
      },
    });
  }

  /** The newest value, whole. */
  get value(): unknown {
    return this.#newest;
  }

  /** When it may be sent, on `performance.now()`'s clock; `undefined` when there is nothing. */
  get dueMs(): number | undefined {
    return this.#isDirty ? this.#lastMs + leastMs[this.view.of] : undefined;
  }

  /** What the page does not know yet. */
  take(nowMs: number): ViewUpdate | undefined {
    this.#isDirty = false;
    this.#lastMs = nowMs;
    if (this.#error !== undefined) return { id: this.#id, error: this.#error };
    const codec = codecs[this.view.of];
    const delta = codec.diff(this.#sent, this.#newest);
    if (delta === undefined) return undefined;
    this.#sent = codec.apply(this.#sent, delta);
    return { id: this.#id, delta };
  }

  close(): void {
    this.#following.unsubscribe();
  }
}
