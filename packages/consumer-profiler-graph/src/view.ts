import { defer, finalize, type Observable, Observable as RxObservable, ReplaySubject, share } from 'rxjs'; // prettier-ignore

/** Something that can be looked at again and again. */
export interface View<T> {
  /** Differs when `read` would tell something else. */
  stamp(): string;
  read(): T;
  close(): void;
}

/** Looks at views when the clock ticks, and tells those that have changed. Equal views are one. */
export class Views {
  readonly #ticks$: Observable<unknown>;
  readonly #shared: Map<string, Observable<unknown>> = new Map();

  constructor(ticks$: Observable<unknown>) {
    this.#ticks$ = ticks$;
  }

  /**
   * @param key - equal for equal views
   * @param open - called at the first subscription; what it throws is the error of the stream
   */
  watch<T>(key: string, open: () => View<T>): Observable<T> {
    // Looked up at each subscription: an Observable that is kept for later finds the others again.
    return defer(() => {
      const known = this.#shared.get(key) as Observable<T> | undefined;
      if (known !== undefined) return known;
      const shared = this.#follow(open).pipe(
        finalize(() => this.#shared.delete(key)),
        share({ connector: () => new ReplaySubject<T>(1) }),
      );
      this.#shared.set(key, shared);
      return shared;
    });
  }

  #follow<T>(open: () => View<T>): Observable<T> {
    return new RxObservable<T>((subscriber) => {
      const view = open();
      subscriber.add(() => view.close());
      let stamp = view.stamp();
      subscriber.next(view.read());
      const ticking = this.#ticks$.subscribe({
        next: () => {
          const now = view.stamp();
          if (now === stamp) return;
          stamp = now;
          subscriber.next(view.read());
        },
        complete: () => subscriber.complete(),
      });
      subscriber.add(ticking);
    });
  }
}
