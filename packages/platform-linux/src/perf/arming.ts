import { ExtensionEventError } from '@extension-events/core';
import { fileSignal, perfIoctl, stopSignal } from './constants.ts';
import { addCounts, noCount, readThread, readThreads } from './count.ts';
import type { Count } from './count.ts';
import { chooseCoverage } from './coverage.ts';
import type { Coverage } from './coverage.ts';
import type { OpenEvent } from './internal-types.ts';
import { makeAttr, makeMemberAttr } from './make-attr.ts';
import { toPerfError } from './perf-error.ts';
import type { PerfStep } from './perf-error.ts';
import { RingRefused } from './rings.ts';
import type { Ring } from './rings.ts';
import { createSampleDecoder, userRegisterMask } from './sample-decoder.ts';
import type { SampleDecoder } from './sample-decoder.ts';
import type { SessionParts } from './session.ts';
import type { PerfArming, PerfGroupMember, PerfRequest } from './session-types.ts';
import { isSignalBlocked } from '../proc/status.ts';

/** How long a new thread is given to unblock its signals. */
const bornWithinMs = 50;

/** One request and the events that are open for it. */
export class PerfRequestArming implements PerfArming {
  coverage: Coverage;
  /** Which of a place's rings its events write to. */
  readonly lane: number;
  /** Are samples to be told soon rather than in batches? */
  readonly isUrgent: boolean;
  readonly decoder: SampleDecoder;
  readonly events: Set<OpenEvent> = new Set();
  isClosed = false;
  #request: PerfRequest;
  #hasWarned = false;
  /** Samples that were handed over, and those that were told lost. */
  #handedOver = 0;
  #told = 0;
  /** Why a thread was left out of an event that is to stop. */
  #deaf: ExtensionEventError | undefined;
  readonly #parts: SessionParts;
  #retired: Count = noCount;

  constructor(parts: SessionParts, request: PerfRequest, lane: number) {
    this.#parts = parts;
    this.lane = lane;
    this.#request = request;
    this.coverage = chooseCoverage(request);
    // New threads that need an event of their own are told by records: those are urgent, too.
    this.isUrgent = this.coverage === 'followed' || (request.isUrgent ?? 'period' in request.rate);
    const mask = userRegisterMask(parts.arch);
    this.decoder = createSampleDecoder(request, {
      registerCount: countBits(mask),
      hasLost: parts.opener.features.hasLost,
    });
  }

  /** As it was asked for, with the period as it is now. */
  get request(): PerfRequest {
    return this.#request;
  }

  /** Opens everything, or nothing and throws. */
  open(): void {
    try {
      if (this.coverage === 'inherited') this.#openInherited();
      else {
        for (const tid of this.#firstTids()) this.#openOn(tid);
        // Threads that no stop can reach are left out; where there are no others, nothing would stop.
        if (this.events.size === 0 && this.#deaf !== undefined) throw this.#deaf;
      }
      for (const event of this.events) this.enable(event);
    } catch (error) {
      this.#closeEvents();
      throw error;
    }
  }

  #firstTids(): readonly number[] {
    if (this.coverage === 'machine') return [-1];
    return this.request.tid === undefined ? this.#parts.listTids() : [this.request.tid];
  }

  /** On one thread; on each CPU where the coverage says so. */
  #openOn(tid: number): void {
    if (this.coverage === 'thread') {
      this.#openEvent(tid, -1);
      return;
    }
    try {
      if (this.coverage === 'followed') this.#openFollowed(tid);
      else for (const cpu of this.#parts.cpus) this.#openEvent(tid, cpu);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code === 'EE_PERF_SIGNAL_BLOCKED') this.#tellDeaf(tid);
      // It ended since the list was made; there are others.
      else if (code !== 'EE_PERF_NO_THREAD' || tid === -1) throw error;
    }
  }

  #tellDeaf(tid: number): void {
    const error = this.#deaf;
    if (error !== undefined) this.guard(() => this.request.onRefused?.(tid, error));
  }

  #openFollowed(tid: number): void {
    if (this.#request.leavesOut?.(tid) === true) return;
    // Making the list of threads may have brought news of this one already.
    for (const event of this.events) if (event.tid === tid) return;
    this.#openEvent(tid, -1);
  }

  /**
   * A thread that is born while events are opened may or may not inherit one: only a list that is the
   * same before and after is sure. The events are off meanwhile, so nothing is seen twice.
   */
  #openInherited(): void {
    const attempts = 8;
    for (let attempt = 1; ; attempt++) {
      const before = this.#parts.listTids();
      for (const tid of before) this.#openOn(tid);
      const known = new Set(before);
      if (this.#parts.listTids().every((tid) => known.has(tid))) break;
      // Threads come faster than events are opened: those few are left to chance.
      if (attempt === attempts) break;
      this.#closeEvents();
    }
    if (this.events.size === 0) throw this.#refuse(this.#parts.pid, 'open', -3);
  }

  #refuse(tid: number, step: PerfStep, result: number): ExtensionEventError {
    return toPerfError({ request: this.request, tid, step, result });
  }

  // A tracer never sees a signal that its thread blocks, and sigwait(3) would take ours for its own.
  #checkSignal(tid: number): void {
    if (this.#request.signalsThread !== true || !isSignalBlocked(this.#parts.pid, tid, stopSignal)) return; // prettier-ignore
    this.#deaf = new ExtensionEventError('EE_PERF_SIGNAL_BLOCKED', `Thread ${tid} blocks SIGURG, by which it would be stopped.`, 'Listen to the event instead, or set a breakpoint with break.'); // prettier-ignore
    throw this.#deaf;
  }

  #openEvent(tid: number, cpu: number): void {
    this.#checkSignal(tid);
    const { opener, rings } = this.#parts;
    const attr = makeAttr(this.#request, { ...this.#parts, coverage: this.coverage });
    if (attr === undefined) throw this.#refuse(tid, 'open', -2);
    const fd = opener.open(attr, tid, cpu);
    if (fd < 0) throw this.#refuse(tid, 'open', fd);
    let ring: Ring | undefined;
    const members: number[] = [];
    try {
      for (const member of this.#request.group ?? [])
        members.push(this.#join(member, fd, tid, cpu));
      ring = cpu === -1 && tid !== -1 ? rings.ofThread(tid, this.lane) : rings.ofCpu(cpu, this.lane); // prettier-ignore
      const event = { fd, id: opener.readId(fd), tid, ring, members, arming: this, lost: 0, isOn: false }; // prettier-ignore
      this.#configure(event);
      this.events.add(event);
      this.#parts.register(event);
    } catch (error) {
      for (const each of [...members, fd]) opener.native.close(each);
      if (ring !== undefined) rings.release(ring);
      throw error instanceof RingRefused ? this.#refuse(tid, error.step, error.result) : error;
    }
  }

  #join(member: PerfGroupMember, leader: number, tid: number, cpu: number): number {
    const attr = makeMemberAttr(member, { ...this.#parts, coverage: this.coverage });
    const fd = attr === undefined ? -2 : this.#parts.opener.open(attr, tid, cpu, leader);
    if (fd >= 0) return fd;
    const request = { ...this.#request, ...member };
    throw toPerfError({ request, tid, step: 'join', result: fd });
  }

  #configure({ fd, ring, tid }: OpenEvent): void {
    const { native } = this.#parts.opener;
    const check = (step: PerfStep, result: number): void => {
      if (result < 0) throw this.#refuse(tid, step, result);
    };
    check('ring', native.ioctl(fd, perfIoctl.setOutput, ring.fd));
    if (this.request.filter !== undefined) {
      check('filter', native.ioctl(fd, perfIoctl.setFilter, this.request.filter));
    }
    ring.recordBytes = Math.max(ring.recordBytes, largestRecord(this.request));
    if (this.request.signalsThread === true) {
      const ownerTid = 0; // F_OWNER_TID
      check('arm', native.fcntl(fd, fileSignal.setOwnerEx, Int32Array.of(ownerTid, tid)));
      check('arm', native.fcntl(fd, fileSignal.setSignal, stopSignal));
      check('arm', native.fcntl(fd, fileSignal.setFlags, fileSignal.async));
    }
  }

  /** Switches an event on that is off: for one sample, or for good. */
  enable(event: OpenEvent): void {
    // A second REFRESH of an event that still waits would let it fire twice.
    if (event.isOn) return;
    const { native } = this.#parts.opener;
    event.isOn = true;
    const isOneShot = this.request.signalsThread === true;
    native.ioctl(event.fd, isOneShot ? perfIoctl.refresh : perfIoctl.enable, isOneShot ? 1 : 0);
  }

  /**
   * Switches a thread's one-shot events on again that have fired, by opening them anew: since Linux
   * 6.16 a breakpoint or tracepoint that has reached its limit stays stopped whatever REFRESH says
   * (hw_breakpoint_add does not clear `hw.state`).
   */
  rearm(tid: number): void {
    if (this.#request.signalsThread !== true) return;
    const fired = [...this.events].filter((event) => event.tid === tid && !event.isOn);
    for (const event of fired) {
      event.ring.isKept = true;
      this.#retire(event);
      this.#openLater(tid);
      event.ring.isKept = false;
      this.#parts.rings.release(event.ring);
    }
  }

  #openLater(tid: number): void {
    try {
      if (this.coverage === 'thread') this.#openEvent(tid, -1);
      else this.#openOn(tid);
      for (const event of this.events) if (event.tid === tid) this.enable(event);
    } catch (error) {
      if (!(error instanceof ExtensionEventError) || error.code === 'EE_PERF_NO_THREAD') return;
      this.guard(() => this.request.onRefused?.(tid, error));
    }
  }

  /** A thread was born. Its refusal is told, not thrown: nobody asked just now. */
  addThread(tid: number): void {
    if (this.isClosed || this.coverage !== 'followed') return;
    this.#openLater(tid);
    // A thread is born with all its signals blocked, for a moment.
    const isDeaf = this.#request.signalsThread === true && isSignalBlocked(this.#parts.pid, tid, stopSignal); // prettier-ignore
    if (isDeaf)
      setTimeout(() => void (this.isClosed || this.#openLater(tid)), bornWithinMs).unref();
  }

  /** A thread has ended; what it counted stays in the sum. */
  removeThread(tid: number): void {
    // Inherited events stay: closing one takes it from the threads that inherited it.
    if (this.coverage !== 'followed') return;
    for (const event of this.events) {
      if (event.tid === tid) this.#retire(event);
    }
  }

  #retire(event: OpenEvent): void {
    this.#retired = addCounts(this.#retired, readThread(this.#parts.opener, [event]));
    this.#closeEvent(event);
  }

  /** Hands on what the decoder holds. */
  deliver(): void {
    if (this.isClosed) return;
    this.#handedOver++;
    try {
      this.request.onSample(this.decoder.sample);
    } catch (error) {
      this.#warn(error);
    }
  }

  /**
   * Tells what was counted and of which neither a sample nor a loss came: a ring that was full when
   * the last thread ended has nothing after that to say so in. For events of which each is a sample.
   */
  settle(): void {
    if (this.isClosed || this.coverage !== 'inherited' || !isEachSampled(this.#request)) return;
    const missing = Number(this.read().value) - this.#handedOver - this.#told;
    if (missing > 0) this.tellLost(missing);
  }

  tellLost(count: number): void {
    this.#told += count;
    this.guard(() => this.request.onLost?.(count));
  }

  /** A callback that throws harms only itself. */
  guard(callBack: () => void): void {
    if (this.isClosed) return;
    try {
      callBack();
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    process.emitWarning(
      `A listener of perf samples threw: ${String(error)}`,
      'ExtensionEventsWarning',
    );
  }

  read(tid?: number): Count {
    this.#checkOpen();
    if (tid === undefined)
      return addCounts(this.#retired, readThreads(this.#parts.opener, this.events));
    const events = [...this.events].filter((event) => event.tid === tid);
    if (events.length === 0) throw this.#refuse(tid, 'open', -3);
    return readThread(this.#parts.opener, events);
  }

  setPeriod(period: number): void {
    this.#checkOpen();
    if (!Number.isSafeInteger(period) || period < 1) throw this.#refuse(this.request.tid ?? this.#parts.pid, 'open', -22); // prettier-ignore
    this.#request = { ...this.#request, rate: { period } };
    if (this.coverage === 'inherited') {
      // The kernel changes the event but not those that threads inherited from it.
      this.#retired = addCounts(this.#retired, readThreads(this.#parts.opener, this.events));
      this.#closeEvents();
      this.coverage = chooseCoverage(this.#request);
      this.open();
      this.#parts.onChanged();
      return;
    }
    for (const { fd, tid } of this.events) {
      const result = this.#parts.opener.setPeriod(fd, period);
      if (result < 0) throw this.#refuse(tid, 'open', result);
    }
  }

  #checkOpen(): void {
    if (this.isClosed) throw new ExtensionEventError('EE_PERF_CLOSED', 'The perf event has been closed.', 'Open it again.'); // prettier-ignore
  }

  #closeEvents(): void {
    for (const event of this.events) this.#closeEvent(event);
  }

  #closeEvent(event: OpenEvent): void {
    const { native } = this.#parts.opener;
    this.events.delete(event);
    this.#parts.unregister(event);
    native.ioctl(event.fd, perfIoctl.disable, 0);
    for (const fd of [...event.members, event.fd]) native.close(fd);
    this.#parts.rings.release(event.ring);
  }

  [Symbol.dispose](): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#closeEvents();
    this.#parts.onClosed(this);
  }
}

function isEachSampled({ event, rate }: PerfRequest): boolean {
  return 'period' in rate && rate.period === 1 && !('event' in event && event.event.endsWith('-clock')); // prettier-ignore
}

/** Bytes of the largest record: a call chain has at most some 140 entries, a tracepoint 8 KiB (PERF_MAX_TRACE_SIZE). */
function largestRecord({ raw, userStackBytes = 0 }: PerfRequest): number {
  return 2048 + (raw === true ? 8192 : 0) + userStackBytes;
}

function countBits(mask: bigint): number {
  return mask.toString(2).replaceAll('0', '').length;
}
