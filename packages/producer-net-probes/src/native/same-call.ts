/**
 * Several listeners hear one and the same call by events of their own, while what is known of it is
 * taken out of the book by the first. The others get the same answer.
 */
import type { Told } from './internal-types.ts';

interface Answer {
  readonly signature: string;
  readonly timeNs: number;
  readonly told: Told | undefined;
  /** Who has had it: whoever comes twice comes for another call. */
  readonly takenBy: Set<number>;
}

// The kernel records for one listener after the other, at the same place.
const spanNs = 200_000;
const most = 1000;

export class SameCall {
  readonly #answers: Map<string, Answer> = new Map();

  /**
   * @param place - where it happens: the thread and the kind of call
   * @param signature - what else tells two calls apart
   */
  take(
    place: string,
    signature: string,
    timeNs: number,
    armId: number,
    find: () => Told | undefined,
  ): Told | undefined {
    // prettier-ignore
    const last = this.#answers.get(place);
    const isSame = last?.signature === signature && timeNs - last.timeNs < spanNs && !last.takenBy.has(armId); // prettier-ignore
    if (last !== undefined && isSame) {
      last.takenBy.add(armId);
      return last.told;
    }
    const told = find();
    if (this.#answers.size >= most) this.#answers.clear();
    this.#answers.set(place, { signature, timeNs, told, takenBy: new Set([armId]) });
    return told;
  }
}
