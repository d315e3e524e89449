import { readFileSync } from 'node:fs';
import { errnoName } from '../native/native.ts';
import type { Mapping } from '../native/native.ts';
import type { AttrFlag } from './attr.ts';
import { commonSampleType, perfIoctl, perfType } from './constants.ts';
import { dummyConfig } from './event-spec.ts';
import type { OpenEvent } from './internal-types.ts';
import type { PerfOpener } from './opener.ts';
import { RingReader } from './ring-reader.ts';

/**
 * One ring and the event that carries it: a dummy, which counts nothing. The events that write here
 * come and go (`PERF_EVENT_IOC_SET_OUTPUT`), the dummy stays until the last one has gone.
 */
export interface Ring {
  readonly fd: number;
  readonly reader: RingReader;
  readonly events: Set<OpenEvent>;
  /** Stays although no event writes to it: another one is about to. */
  isKept: boolean;
  /** Samples that the kernel said it lost here and that belong to nobody yet. */
  lost: number;
  /** Bytes at most of one record; a ring with less room may have lost one. */
  recordBytes: number;
}

/** The kernel refused a ring: `-errno`. */
export class RingRefused extends Error {
  readonly result: number;
  readonly step: 'open' | 'ring';

  constructor(result: number, step: 'open' | 'ring') {
    super(errnoName(result));
    this.result = result;
    this.step = step;
  }
}

/** How much memory rings take. */
export interface RingOptions {
  /** Pages of a CPU's ring, a power of two. */
  readonly cpuPages: number;
  /** Pages of a thread's ring, a power of two. */
  readonly threadPages: number;
}

/**
 * The rings of a session: one for each thread, or one for each CPU, as its events need them.
 *
 * Most events of a place share the ring of lane 0. A software event has a lane of its own: since
 * Linux 6.2 the kernel prepares one sample for all of its listeners on a thread, also those of other
 * programs, and all get the identifier of the first (do_perf_sw_event, which does not reset
 * `sample_flags`). Whose record it is, only its ring tells.
 */
export class Rings {
  readonly all: Set<Ring> = new Set();
  readonly #opener: PerfOpener;
  readonly #options: RingOptions;
  readonly #byPlace: Map<string, Ring> = new Map();
  readonly #mappings: Map<Ring, Mapping> = new Map();
  #isHeld = false;
  readonly #dead: Mapping[] = [];

  constructor(opener: PerfOpener, options: RingOptions) {
    this.#opener = opener;
    this.#options = options;
  }

  /** The ring of a thread, for events that follow it over CPUs. It also tells of new threads. */
  ofThread(tid: number, lane: number): Ring {
    const place = `thread ${tid} ${lane}`;
    return this.#byPlace.get(place) ?? this.#create(place, tid, -1);
  }

  /** The ring of a CPU, for events of whatever thread on that CPU. */
  ofCpu(cpu: number, lane: number): Ring {
    const place = `cpu ${cpu} ${lane}`;
    return this.#byPlace.get(place) ?? this.#create(place, 0, cpu);
  }

  #create(place: string, tid: number, cpu: number): Ring {
    const { native } = this.#opener;
    const flags: AttrFlag[] = ['excludeKernel', 'excludeHypervisor', 'sampleIdAll'];
    const isThread = cpu === -1;
    if (isThread) flags.push('task');
    const attr = { type: perfType.software, config: dummyConfig, sampleType: commonSampleType, flags } as const; // prettier-ignore
    const fd = this.#opener.open(attr, tid, cpu);
    if (fd < 0) throw new RingRefused(fd, 'open');
    const mapping = this.#map(fd, isThread ? this.#options.threadPages : this.#options.cpuPages);
    if (typeof mapping === 'number') {
      native.close(fd);
      throw new RingRefused(mapping, 'ring');
    }
    const ring: Ring = { fd, reader: new RingReader(mapping.buffer), events: new Set(), isKept: false, lost: 0, recordBytes: 0 }; // prettier-ignore
    this.#byPlace.set(place, ring);
    this.#mappings.set(ring, mapping);
    this.all.add(ring);
    return ring;
  }

  /** The kernel counts the pages of a user's rings: halve them until they fit. */
  #map(fd: number, wantedPages: number): Mapping | number {
    const { native } = this.#opener;
    let result: Mapping | number = -1;
    for (let pages = wantedPages; pages >= 1; pages /= 2) {
      result = native.map(fd, (pages + 1) * native.pageBytes);
      if (typeof result !== 'number') return result;
      if (!['EPERM', 'ENOMEM'].includes(errnoName(result))) return result;
    }
    return result;
  }

  /** Closes a ring that no event writes to. */
  release(ring: Ring): void {
    const mapping = this.#mappings.get(ring);
    if (ring.events.size > 0 || ring.isKept || mapping === undefined) return;
    this.all.delete(ring);
    this.#mappings.delete(ring);
    for (const [place, other] of this.#byPlace) if (other === ring) this.#byPlace.delete(place);
    // The mapping holds the dummy beyond its descriptor.
    this.#opener.native.ioctl(ring.fd, perfIoctl.disable, 0);
    this.#opener.native.close(ring.fd);
    if (this.#isHeld) this.#dead.push(mapping);
    else mapping.unmap();
  }

  /** While held, rings that are closed stay readable: a callback may close what is being read. */
  hold(): Disposable {
    this.#isHeld = true;
    return {
      [Symbol.dispose]: () => {
        this.#isHeld = false;
        for (const mapping of this.#dead.splice(0)) mapping.unmap();
      },
    };
  }
}

/** Numbers of the CPUs that are switched on, from a list such as `0-3,8`. */
export function parseCpuList(text: string): number[] {
  const cpus: number[] = [];
  for (const [, first, last = first] of text.matchAll(/(\d+)(?:-(\d+))?/g)) {
    for (let cpu = Number(first); cpu <= Number(last); cpu++) cpus.push(cpu);
  }
  return cpus;
}

/** The CPUs that are switched on. */
export function readOnlineCpus(): number[] {
  return parseCpuList(readFileSync('/sys/devices/system/cpu/online', 'utf8'));
}
