import type { EventTypeDescriptor } from '@extension-events/core';
import {
  recordHeaderBytes,
  recordKind,
  ringLossReasons,
  walkRecords,
} from '@extension-events/core/ring';
import type { Consumer } from './consumer.ts';
import type { RoutedListen } from './listen-book.ts';
import { maxRoundBytes, nextNapMs } from './naps.ts';
import type { RecordedThread } from './recorded-thread.ts';

const idleMs = 1000;

/** What the pump needs to know of listens. */
export interface Routes {
  atSlot(slot: number): RoutedListen | undefined;
}

/** Records that follow each other and go to the same consumers, for whichever of their listens. */
interface Run {
  readonly consumers: ReadonlySet<Consumer>;
  readonly start: number;
  end: number;
  /** The set of listens and the type of its last record. */
  set: number;
  type: number;
  /** How many there are for each set of listens; those since the set changed are in `count`. */
  readonly counts: Map<number, number>;
  count: number;
  readonly types: number[];
}

/** Carries records from the threads' rings to the consumers, as raw bytes. */
export class Pump {
  readonly #routes: Routes;
  readonly #consumers: () => Iterable<Consumer>;

  constructor(routes: Routes, consumers: () => Iterable<Consumer>) {
    this.#routes = routes;
    this.#consumers = consumers;
  }

  /** Serves one thread's ring until the thread gets another or none. */
  async serve(thread: RecordedThread): Promise<void> {
    const { reader } = thread;
    if (reader === undefined) return;
    let napMs = 0;
    while (thread.reader === reader) {
      const bytes = this.drain(thread);
      if (bytes > 0) {
        napMs = nextNapMs(napMs, bytes);
        // When the ring gets half full, the thread ends the nap early.
        await reader.nap(napMs);
      } else if (thread.state === 'ended') return;
      else {
        napMs = 0;
        await reader.ring(idleMs);
      }
    }
  }

  /** Carries what is in the ring now; returns how many bytes that was. */
  drain(thread: RecordedThread): number {
    return thread.reader?.read((shared) => this.#route(thread, shared)) ?? 0;
  }

  // The bytes are the ring's own: encoding a frame copies them, and the thread overwrites none of
  // them before this has returned.
  #route(thread: RecordedThread, bytes: Uint8Array): void {
    let run: Run | undefined;
    const flush = (): void => {
      if (run !== undefined) this.#send(thread, bytes, run);
      run = undefined;
    };
    walkRecords(bytes, (view, at, size) => {
      const kind = view.getUint8(at + 6);
      const index = view.getUint16(at + 4, true);
      if (kind === recordKind.event) {
        const set = view.getUint32(at + 8, true);
        if (
          run === undefined ||
          run.end !== at ||
          at - run.start >= maxRoundBytes ||
          !this.#fits(set, run)
        ) {
          flush();
          run = { consumers: this.#consumersOf(set), start: at, end: at, set, type: -1, counts: new Map(), count: 0, types: [] }; // prettier-ignore
        }
        run.end = at + size;
        if (run.set !== set) countSet(run, set);
        run.count++;
        if (run.type !== index && !run.types.includes(index)) run.types.push(index);
        run.type = index;
        return;
      }
      flush();
      if (kind === recordKind.define) this.#define(thread, index, view, at);
      else this.#lose(thread, view, at);
    });
    flush();
  }

  #fits(set: number, run: Run): boolean {
    return run.set === set || run.counts.has(set) || this.#isFor(set, run.consumers);
  }

  #define(thread: RecordedThread, index: number, view: DataView, at: number): void {
    const length = view.getUint32(at + recordHeaderBytes, true);
    const json = Buffer.from(
      view.buffer,
      view.byteOffset + at + recordHeaderBytes + 4,
      length,
    ).toString();
    thread.definitions.set(index, JSON.parse(json) as EventTypeDescriptor);
    for (const consumer of this.#consumers()) consumer.forgetDefinition(thread.key, index);
  }

  #lose(thread: RecordedThread, view: DataView, at: number): void {
    const set = view.getUint32(at + 8, true);
    const reason = ringLossReasons[view.getUint32(at + recordHeaderBytes, true)] ?? 'ring-full';
    const count = view.getUint32(at + recordHeaderBytes + 4, true);
    for (const { consumer, number, spec } of this.#listensOf(set)) {
      thread.told.set(spec.id, (thread.told.get(spec.id) ?? 0) + count);
      consumer.lose(number, thread.key, reason, count);
      consumer.tellLosses();
    }
  }

  #send(thread: RecordedThread, bytes: Uint8Array, run: Run): void {
    for (const consumer of run.consumers) {
      if (consumer.isBehind) {
        this.#drop(thread, consumer, run);
        continue;
      }
      consumer.tellLosses();
      this.#sendDefinitions(thread, consumer, run.types);
      consumer.send({
        kind: 'records',
        thread: thread.key,
        bytes: bytes.subarray(run.start, run.end),
      });
    }
  }

  #drop(thread: RecordedThread, behind: Consumer, run: Run): void {
    countSet(run, run.set);
    for (const [set, count] of run.counts) {
      for (const { consumer, number, spec } of this.#listensOf(set)) {
        if (consumer !== behind) continue;
        consumer.lose(number, thread.key, 'queue-full', count);
        thread.drop(spec.id, count);
      }
    }
  }

  #sendDefinitions(thread: RecordedThread, consumer: Consumer, types: readonly number[]): void {
    const define = types.flatMap((index) => {
      const descriptor = thread.definitions.get(index);
      return descriptor !== undefined && consumer.needsDefinition(thread.key, index) ? [{ thread: thread.key, index, descriptor }] : []; // prettier-ignore
    });
    if (define.length > 0) consumer.send({ kind: 'types', define });
  }

  #consumersOf(set: number): Set<Consumer> {
    return new Set(this.#listensOf(set).map(({ consumer }) => consumer));
  }

  #isFor(set: number, consumers: ReadonlySet<Consumer>): boolean {
    const others = this.#consumersOf(set);
    return others.size === consumers.size && [...others].every((other) => consumers.has(other));
  }

  #listensOf(set: number): RoutedListen[] {
    const listens: RoutedListen[] = [];
    for (let slot = 0, rest = set; rest !== 0; slot++, rest >>>= 1) {
      const listen = (rest & 1) === 0 ? undefined : this.#routes.atSlot(slot);
      if (listen !== undefined) listens.push(listen);
    }
    return listens;
  }
}

// What was counted goes to its set, and those of the next one are counted.
function countSet(run: Run, next: number): void {
  run.counts.set(run.set, (run.counts.get(run.set) ?? 0) + run.count);
  run.count = 0;
  run.set = next;
}
