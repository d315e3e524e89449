import type { LinuxHost, PerfArming, PerfSample } from '@extension-events/platform-linux';
import { splitKernelFilter, type Tracepoint, type Tracepoints } from '@extension-events/platform-linux/tracefs'; // prettier-ignore
import type { Heard, Knowledge, NetArming, Values } from './internal-types.ts';
import { explainRefusal, isWithheld, noSuchTracepoint, statesWithheld } from './refusal.ts';
import { SameCall } from './same-call.ts';
import { SocketBook } from './socket-book.ts';
import { SocketTable } from './socket-table.ts';
import { helpersOf, sourcesOf } from './sources.ts';

/** A native thread has no number of Node's. */
const noThreadId = -1;

interface Helper {
  readonly open: PerfArming;
  users: number;
}

/** All or nothing. */
function openAll(openers: readonly (() => Disposable | undefined)[]): readonly Disposable[] {
  const opened: Disposable[] = [];
  try {
    for (const open of openers) {
      const each = open();
      if (each !== undefined) opened.push(each);
    }
    return opened;
  } catch (error) {
    for (const each of opened) each[Symbol.dispose]();
    throw error;
  }
}

/** The kernel's events that are open for one process: those of each arming, and what all of them need beside. */
export class KernelEar implements Disposable {
  readonly #host: LinuxHost;
  readonly #tracepoints: Tracepoints;
  readonly #known: Knowledge;
  readonly #same: SameCall = new SameCall();
  readonly #armed: Map<number, readonly Disposable[]> = new Map();
  readonly #helpers: Map<string, Helper> = new Map();

  constructor(host: LinuxHost, tracepoints: Tracepoints) {
    this.#host = host;
    this.#tracepoints = tracepoints;
    this.#known = { book: new SocketBook(), table: new SocketTable(host.pid), isBlind: false };
  }

  /**
   * Opens what an event needs, unless it is open for this arming already; all or nothing.
   *
   * @throws ExtensionEventError `EE_NET_PROBES_KERNEL`, `EE_NET_PROBES_PERMISSION` and others of `platform-linux`
   */
  arm(event: string, arming: NetArming): void {
    if (this.#armed.has(arming.armId)) return;
    const helpers = helpersOf(event, arming.isStop, this.#known);
    let refusal: unknown;
    for (const sources of sourcesOf(event, this.#known, this.#same)) {
      // What cannot stop a thread is of no use to a catchpoint.
      const wanted = arming.isStop ? sources.filter(({ stops }) => stops) : sources;
      try {
        const openers = [
          ...helpers.map((heard) => () => this.#help(event, heard)),
          ...wanted.map((heard) => () => this.#open(event, heard, arming)),
        ];
        this.#armed.set(arming.armId, openAll(openers));
        return;
      } catch (error) {
        refusal ??= error; // of what tells most
        if (!isWithheld(error)) break;
      }
    }
    throw refusal;
  }

  disarm(armId: number): void {
    const opened = this.#armed.get(armId) ?? [];
    this.#armed.delete(armId);
    for (const each of opened) each[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    for (const armId of this.#armed.keys()) this.disarm(armId);
  }

  #open(event: string, heard: Heard, arming: NetArming): Disposable | undefined {
    const tracepoint = this.#tracepoints.tryGet(heard.tracepoint);
    if (tracepoint === undefined && heard.isOptional === true) return undefined;
    if (tracepoint === undefined) throw noSuchTracepoint(event, heard.tracepoint);
    if (heard.needsStates === true && this.#known.isBlind) throw statesWithheld(event);
    const { armId, isStop, narrow, subject } = arming;
    const isAbout = (tid: number): boolean => subject === undefined || subject.tid === tid;
    const filter = [heard.filter, splitKernelFilter(tracepoint.format, heard.translate?.(narrow) ?? []).filter]; // prettier-ignore
    return this.#tryOpen(event, heard, tracepoint, {
      filter: filter.filter((part) => part !== '').join(' && '),
      // A thread that works for another one is not the one that was chosen.
      ...(subject !== undefined && heard.isSystemWide !== true && { tid: subject.tid }),
      signalsThread: isStop,
      leavesOut: (tid) => this.#host.isScripted(tid),
      onSample: (values, sample) => {
        const told = heard.take(values, sample, armId);
        const tid = told?.tid ?? sample.tid;
        // An agent in the program sees the sockets of its JavaScript threads better.
        if (told === undefined || !isAbout(tid) || this.#host.isScripted(tid)) return;
        arming.post(told.payload, { tid, threadId: noThreadId }, sample.timeNs);
      },
      onLost: (count) => arming.lose(count),
    });
  }

  /** Shares what others have opened. What this kernel does not have is done without. */
  #help(event: string, heard: Heard): Disposable | undefined {
    const tracepoint = this.#tracepoints.tryGet(heard.tracepoint);
    if (tracepoint === undefined) return undefined;
    const key = `${heard.tracepoint} ${heard.filter}`;
    let helper = this.#helpers.get(key);
    if (helper === undefined) {
      const onSample = (values: Values, sample: PerfSample): void => void heard.take(values, sample, 0); // prettier-ignore
      const open = this.#tryOpen(event, heard, tracepoint, { filter: heard.filter, onSample });
      if (open === undefined) return undefined;
      helper = { open, users: 0 };
      this.#helpers.set(key, helper);
    }
    helper.users++;
    return { [Symbol.dispose]: () => this.#release(key) };
  }

  #tryOpen(
    event: string,
    heard: Heard,
    tracepoint: Tracepoint,
    rest: Rest,
  ): PerfArming | undefined {
    // prettier-ignore
    try {
      return this.#openEvent(event, heard, tracepoint, rest);
    } catch (error) {
      if (heard.isOptional !== true || !isWithheld(error)) throw error;
      this.#known.isBlind = true;
      return undefined;
    }
  }

  #release(key: string): void {
    const helper = this.#helpers.get(key);
    if (helper === undefined || --helper.users > 0) return;
    this.#helpers.delete(key);
    helper.open[Symbol.dispose]();
  }

  #openEvent(
    event: string,
    { isSystemWide = false, stackBytes = 0, tracepoint: name }: Heard,
    { decode, id }: Tracepoint,
    rest: Rest,
  ): PerfArming {
    const { filter, leavesOut, onLost, onSample, signalsThread = false, tid } = rest;
    const open = (includesKernel: boolean): PerfArming =>
      this.#host.perf.open({
        event: { type: 'tracepoint', id },
        rate: { period: 1 },
        includesKernel,
        raw: true,
        userRegisters: true,
        signalsThread,
        ...(stackBytes > 0 && { userStackBytes: stackBytes }),
        ...(isSystemWide && { isSystemWide }),
        ...(tid !== undefined && { tid }),
        ...(leavesOut !== undefined && { leavesOut }),
        ...(filter !== '' && { filter }),
        ...(onLost !== undefined && { onLost }),
        onSample: (sample) => {
          const values = decode(sample.raw());
          if (values === undefined) onLost?.(1);
          else onSample(values, sample);
        },
      });
    try {
      return open(true);
    } catch (error) {
      const refusal = explainRefusal(error, event, name);
      // System calls are the program's own: an ordinary user may hear them without the kernel.
      if (!isWithheld(refusal) || !name.startsWith('syscalls:')) throw refusal;
    }
    try {
      return open(false);
    } catch (error) {
      throw explainRefusal(error, event, name);
    }
  }
}

interface Rest {
  readonly filter: string;
  readonly tid?: number;
  readonly signalsThread?: boolean;
  readonly leavesOut?: (tid: number) => boolean;
  readonly onSample: (values: Values, sample: PerfSample) => void;
  readonly onLost?: (count: number) => void;
}
