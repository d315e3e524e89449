import type { Closure } from './types.ts';

/** Knows when a depot hands out parcels. */
export class Calendar {
  readonly #closures: readonly Closure[];

  constructor(closures: readonly Closure[]) {
    this.#closures = closures;
  }

  /** Can parcels leave the depot on that day? */
  isOpen(depot: string, day: number): boolean {
    const isSunday = (day + 4) % 7 === 0;
    return (
      !isSunday &&
      !this.#closures.some(
        (closure) =>
          closure.depot === depot &&
          day >= closure.firstDay &&
          day < closure.firstDay + closure.days,
      )
    );
  }

  /** The day on which work that takes `days` open days is done. */
  addOpenDays(depot: string, from: number, days: number): number {
    let day = from;
    for (let left = days; left > 0;) {
      day += 1;
      if (this.isOpen(depot, day)) left -= 1;
    }
    return day;
  }
}
