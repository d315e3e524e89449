/** For tests: a registry that records, and what its ring holds. */
import { createPayloadReader, createStackReader, recordAt, walkRecords } from './decode.ts';
import { Registry } from './registry.ts';
import { createRingBuffer, recordHeaderBytes, recordKind, ringLossReasons } from './ring.ts';
import { RingReader } from './ring-reader.ts';
import type { AnyPayload, EventTypeDescriptor } from './types.ts';

export interface ReadEvent {
  readonly name: string;
  readonly payload: AnyPayload;
  readonly slots: readonly number[];
  readonly armId: number;
  readonly subjectTid: number;
  readonly timestampNs: number;
  readonly stack: string | undefined;
}

export interface ReadLoss {
  readonly slot: number;
  readonly reason: string;
  readonly count: number;
}

export class TestRing {
  readonly registry: Registry = new Registry({ tid: 7, threadId: 0 }, 'main');
  readonly reader: RingReader;
  readonly #definitions: Map<number, EventTypeDescriptor> = new Map();

  constructor(bytes = 65_536) {
    const buffer = createRingBuffer(bytes);
    this.registry.setRing(buffer);
    this.reader = new RingReader(buffer);
  }

  /** Reads all that waits: events, losses in between, each at its place. */
  read(): (ReadEvent | ReadLoss)[] {
    const items: (ReadEvent | ReadLoss)[] = [];
    this.reader.read((shared) => {
      const bytes = Uint8Array.from(shared);
      const end = walkRecords(bytes, (view, at) => items.push(...this.#decode(view, at)));
      if (end !== bytes.length) throw new Error(`records make no sense from byte ${end}`);
    });
    return items;
  }

  #decode(view: DataView, at: number): (ReadEvent | ReadLoss)[] {
    const { kind, set, typeIndex, armId, subjectTid, timestampNs } = recordAt(view, at);
    const slots = Array.from({ length: 32 }, (_, slot) => slot).filter((slot) => (set >>> slot) & 1); // prettier-ignore
    const body = at + recordHeaderBytes;
    if (kind === recordKind.define) {
      const length = view.getUint32(body, true);
      const json = new Uint8Array(view.buffer, view.byteOffset + body + 4, length);
      this.#definitions.set(typeIndex, JSON.parse(new TextDecoder().decode(json)));
      return [];
    }
    if (kind === recordKind.loss) {
      const reason = ringLossReasons[view.getUint32(body, true)] ?? '?';
      return slots.map((slot) => ({ slot, reason, count: view.getUint32(body + 4, true) }));
    }
    const descriptor = this.#definitions.get(typeIndex);
    if (descriptor === undefined) throw new Error(`type ${typeIndex} is not defined`);
    const payload = createPayloadReader(descriptor)(view, at);
    const stack = createStackReader(descriptor)(view, at);
    return [{ name: descriptor.name, payload, slots, armId, subjectTid, timestampNs, stack }];
  }
}
