import * as fc from 'fast-check';
import { Subject, type Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Views } from './view.ts';

/** Views of one number, and how many of them are open. */
function counted() {
  const ticks$ = new Subject<void>();
  const views = new Views(ticks$);
  const state = { value: 0, open: 0, opened: 0, reads: 0 };
  const watch = (key: string) =>
    views.watch(key, () => {
      state.open++;
      state.opened++;
      return {
        stamp: () => String(state.value),
        read: () => {
          state.reads++;
          return state.value;
        },
        close: () => void state.open--,
      };
    });
  return { ticks$, watch, state };
}

describe('views', () => {
  it('are open once for each key that somebody subscribes to, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.nat(20))), (actions) => {
        const { state, watch } = counted();
        const kept = new Map(['a', 'b'].map((key) => [key, watch(key)]));
        const active: { key: string; subscription: Subscription }[] = [];
        for (const [key, at] of actions) {
          const index = at % (active.length + 2);
          if (index < active.length) active.splice(index, 1)[0]?.subscription.unsubscribe();
          else {
            // Both an Observable that was kept and a new one find the others.
            const source = at % 2 === 0 ? kept.get(key) : watch(key);
            const subscription = source?.subscribe();
            if (subscription !== undefined) active.push({ key, subscription });
          }
          expect(state.open).toBe(new Set(active.map((one) => one.key)).size);
        }
      }),
    );
  });

  it('tell what is there at once, and at a tick only what has changed, read once for all', () => {
    const { state, ticks$, watch } = counted();
    const [one, two]: number[][] = [[], []];
    watch('a').subscribe((value) => one?.push(value));
    state.value = 1;
    watch('a').subscribe((value) => two?.push(value));
    ticks$.next();
    ticks$.next();
    state.value = 2;
    ticks$.next();
    expect([one, two]).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(state.reads).toBe(3);
  });

  it('complete when there are no more ticks, and close', () => {
    const { state, ticks$, watch } = counted();
    let isComplete = false;
    watch('a').subscribe({ complete: () => (isComplete = true) });
    ticks$.complete();
    expect([isComplete, state.open]).toEqual([true, 0]);
  });
});
