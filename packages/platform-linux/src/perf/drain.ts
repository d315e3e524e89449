import { recordType } from './constants.ts';
import type { OpenEvent } from './internal-types.ts';
import type { PerfOpener } from './opener.ts';
import { readLost, readTask, readThrottledId, recordId, recordTime } from './record.ts';
import type { Ring, Rings } from './rings.ts';

/** What a drain needs of its session. */
export interface DrainParts {
  readonly pid: number;
  readonly opener: PerfOpener;
  readonly rings: Rings;
}

/**
 * Reads all rings in the order of time and hands each sample to its arming.
 *
 * A thread writes to the rings of all CPUs that it visits. What it did comes out in order, because
 * nothing is taken that happened after the rings were first looked at: what an earlier ring could
 * have got meanwhile is not overtaken by what a later one has.
 */
export class Drain {
  readonly #parts: DrainParts;
  readonly #events: Map<number, OpenEvent> = new Map();
  // Samples come in runs: most are of the event that the one before was of.
  #lastId = -1;
  #lastEvent: OpenEvent | undefined;
  #isRunning = false;
  #haveThreadsChanged = false;
  #fullness = 0;

  constructor(parts: DrainParts) {
    this.#parts = parts;
  }

  add(event: OpenEvent): void {
    this.#lastId = -1;
    this.#events.set(event.id, event);
    event.ring.events.add(event);
  }

  remove(event: OpenEvent): void {
    this.#lastId = -1;
    this.#events.delete(event.id);
    event.ring.events.delete(event);
  }

  /** Has a thread come or gone since the last call? */
  takeThreadsChanged(): boolean {
    const haveChanged = this.#haveThreadsChanged;
    this.#haveThreadsChanged = false;
    return haveChanged;
  }

  /** Reads what is there; returns how full the fullest ring was. Within a callback it does nothing. */
  run(): number {
    if (this.#isRunning || !this.#hasRecords()) return 0;
    this.#isRunning = true;
    this.#fullness = 0;
    let held: Disposable | undefined;
    try {
      held = this.#parts.rings.hold();
      // What came while the rings were read is left for another round; a flood for another time.
      for (let round = 0; round < 4; round++) if (!this.#runOnce()) break;
    } finally {
      held?.[Symbol.dispose]();
      this.#isRunning = false;
    }
    return this.#fullness;
  }

  /** Most looks find nothing: that must cost next to nothing. */
  #hasRecords(): boolean {
    for (const { reader } of this.#parts.rings.all) if (reader.hasRecords) return true;
    return false;
  }

  /** Returns whether something was left. */
  #runOnce(): boolean {
    const rings = [...this.#parts.rings.all];
    const untilNs = rings.length > 1 ? Number(process.hrtime.bigint()) : Number.POSITIVE_INFINITY;
    const filled = rings.filter((ring) => this.#begin(ring));
    if (filled.length === 0) return false;
    const isLeft = this.#merge(filled, untilNs);
    for (const ring of filled) {
      ring.reader.end();
      if (ring.lost !== 0) this.#tellLost(ring);
    }
    return isLeft;
  }

  #begin(ring: Ring): boolean {
    const { reader } = ring;
    const used = reader.begin();
    this.#fullness = Math.max(this.#fullness, used / reader.capacityBytes);
    // Lost samples leave a record only before the next one that finds room.
    if (used + ring.recordBytes > reader.capacityBytes && ring.lost === 0) ring.lost = Number.NaN;
    return used > 0;
  }

  /** Takes records by time until the end, or until that time. */
  #merge(rings: readonly Ring[], untilNs: number): boolean {
    const open = rings.filter(({ reader }) => reader.next());
    const times = open.map((ring) => timeOf(ring));
    let isLeft = false;
    while (open.length > 0) {
      const first = indexOfLeast(times);
      const ring = open[first] as Ring;
      let until = untilNs;
      for (let i = 0; i < times.length; i++) {
        if (i !== first && (times[i] as number) < until) until = times[i] as number;
      }
      const next = this.#take(ring, times[first] as number, until);
      if (next === undefined || next > untilNs) {
        isLeft ||= next !== undefined;
        open.splice(first, 1);
        times.splice(first, 1);
      } else {
        times[first] = next;
      }
    }
    return isLeft;
  }

  /** Takes records of one ring up to a time; returns the time of the next one. */
  #take(ring: Ring, firstNs: number, untilNs: number): number | undefined {
    const { reader } = ring;
    let timeNs = firstNs;
    while (timeNs <= untilNs) {
      this.#handle(ring);
      reader.advance();
      if (!reader.next()) return undefined;
      timeNs = timeOf(ring);
    }
    return timeNs;
  }

  #handle(ring: Ring): void {
    const { type, view, offset, sizeBytes } = ring.reader;
    switch (type) {
      case recordType.sample: {
        const event = this.#find(ring, recordId(view, offset, sizeBytes, true));
        if (event !== undefined) this.#deliver(event, view, offset, sizeBytes);
        break;
      }
      case recordType.lost:
        ring.lost = (Number.isNaN(ring.lost) ? 0 : ring.lost) + readLost(view, offset, sizeBytes);
        break;
      case recordType.throttle:
      case recordType.unthrottle: {
        const { arming } = this.#events.get(readThrottledId(view, offset, sizeBytes)) ?? {};
        arming?.guard(() => arming.request.onThrottle?.(type === recordType.throttle));
        break;
      }
      case recordType.fork:
      case recordType.exit:
        if (readTask(view, offset, sizeBytes)?.pid === this.#parts.pid)
          this.#haveThreadsChanged = true;
        break;
      default:
    }
  }

  /** By its identifier, except in a lane of its own: see `Rings`. */
  #find(ring: Ring, id: number): OpenEvent | undefined {
    if (id !== this.#lastId) {
      this.#lastId = id;
      this.#lastEvent = this.#events.get(id);
    }
    const event = this.#lastEvent;
    if (event?.ring === ring) return event;
    const [any] = ring.events;
    return any !== undefined && any.arming.lane > 0 ? any : undefined;
  }

  #deliver(event: OpenEvent, view: DataView, offset: number, sizeBytes: number): void {
    const { arming } = event;
    const { decoder, request } = arming;
    if (!decoder.decode(view, offset, sizeBytes)) return;
    // Before Linux 5.13 processes that the target started inherit events too.
    if (arming.coverage === 'inherited' && decoder.sample.pid !== this.#parts.pid) return;
    if (request.signalsThread === true) event.isOn = false;
    arming.deliver();
  }

  /** By each event's own count where the kernel keeps one; else by the ring's records. */
  #tellLost(ring: Ring): void {
    const { lost } = ring;
    ring.lost = 0;
    const { opener } = this.#parts;
    if (!opener.features.hasLost) {
      const [event] = ring.events;
      if (lost > 0 && event !== undefined) event.arming.tellLost(lost);
      return;
    }
    for (const event of ring.events) {
      const total = opener.readCount(event.fd, event.members.length > 0).lost;
      const count = total - event.lost;
      if (count <= 0) continue;
      event.lost = total;
      // A one-shot event is off after its sample, lost or not.
      if (event.arming.request.signalsThread === true) event.isOn = false;
      event.arming.tellLost(count);
    }
  }
}

function timeOf({ reader }: Ring): number {
  const { view, offset, sizeBytes, type } = reader;
  return recordTime(view, offset, sizeBytes, type === recordType.sample);
}

function indexOfLeast(times: readonly number[]): number {
  let least = 0;
  for (let i = 1; i < times.length; i++)
    if ((times[i] as number) < (times[least] as number)) least = i;
  return least;
}
