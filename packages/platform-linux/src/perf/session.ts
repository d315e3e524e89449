import { existsSync, readlinkSync } from 'node:fs';
import { ExtensionEventError } from '@extension-events/core';
import type { Native } from '../native/native.ts';
import type { ThreadFollower } from '../proc/thread-follower.ts';
import { PerfRequestArming } from './arming.ts';
import { areBreakpointsSilent } from './breakpoint-check.ts';
import { checkRequest } from './check-request.ts';
import { needsOwnLane } from './coverage.ts';
import { Drain } from './drain.ts';
import type { OpenEvent } from './internal-types.ts';
import { PerfOpener } from './opener.ts';
import { silentBreakpoints } from './perf-error.ts';
import { readOnlineCpus, Rings } from './rings.ts';
import type { RingOptions } from './rings.ts';
import type { PerfArming, PerfRequest, PerfSession } from './session-types.ts';
import { Wake } from './wake.ts';

/** What armings need of their session. */
export interface SessionParts {
  readonly pid: number;
  readonly arch: string;
  readonly cpus: readonly number[];
  readonly opener: PerfOpener;
  readonly rings: Rings;
  listTids(): readonly number[];
  /** The address of a uprobe's path, as the kernel is to see it. */
  uprobePath(path: string, isSystemWide: boolean): bigint;
  register(event: OpenEvent): void;
  unregister(event: OpenEvent): void;
  onClosed(arming: PerfRequestArming): void;
  /** An arming covers its threads in another way now. */
  onChanged(): void;
}

/** Sizes of a session's rings; both are lowered when the kernel grants less. */
export type PerfSessionOptions = Partial<RingOptions>;

/**
 * Opens perf events of one process. Rings, wake-ups and the following of threads exist only while
 * events are open.
 */
export function createPerfSession(
  native: Native,
  threads: ThreadFollower,
  options: PerfSessionOptions = {},
): PerfSession & Disposable {
  return new Session(native, threads, options);
}

class Session implements PerfSession, Disposable {
  readonly #parts: SessionParts;
  readonly #drain: Drain;
  readonly #wake: Wake;
  readonly #armings: Set<PerfRequestArming> = new Set();
  readonly #threads: ThreadFollower;
  #following: Disposable | undefined;
  #isClosed = false;

  constructor(native: Native, threads: ThreadFollower, options: PerfSessionOptions) {
    const opener = new PerfOpener(native);
    const cpus = readOnlineCpus();
    const rings = new Rings(opener, {
      cpuPages: options.cpuPages ?? sizeRings(cpus.length),
      threadPages: options.threadPages ?? sizeRings(threads.threads.length),
    });
    this.#threads = threads;
    this.#wake = new Wake(() => this.#drainNow());
    this.#drain = new Drain({ pid: threads.pid, opener, rings });
    const paths = new Map<string, Buffer>();
    this.#parts = {
      pid: threads.pid,
      arch: process.arch,
      cpus,
      opener,
      rings,
      listTids: () => threads.list(),
      uprobePath: (path, isSystemWide) => {
        // Kept: the kernel reads the path from there in each call.
        const seen = isSystemWide ? path : resolvePath(threads.pid, path);
        const buffer = paths.get(seen) ?? Buffer.from(`${seen}\0`);
        paths.set(seen, buffer);
        return native.addressOf(buffer);
      },
      register: (event) => this.#drain.add(event),
      unregister: (event) => this.#drain.remove(event),
      onChanged: () => this.#update(),
      onClosed: (arming) => {
        this.#armings.delete(arming);
        this.#update();
      },
    };
  }

  open(request: PerfRequest): PerfArming {
    if (this.#isClosed) throw new ExtensionEventError('EE_PERF_CLOSED', 'The session has been closed.', 'Open another one.'); // prettier-ignore
    checkRequest(request);
    const { pid } = this.#parts;
    if (request.tid !== undefined && !existsSync(`/proc/${pid}/task/${request.tid}`)) {
      throw new ExtensionEventError('EE_PERF_NO_THREAD', `Process ${pid} has no thread ${request.tid}.`, 'It may have ended; list the threads again.'); // prettier-ignore
    }
    if (request.event.type === 'breakpoint' && areBreakpointsSilent(this.#parts.opener)) throw silentBreakpoints(request.event); // prettier-ignore
    const arming = new PerfRequestArming(this.#parts, request, this.#findLane(request));
    // Followed before it is opened: a thread that is born meanwhile is in one of the two lists.
    this.#armings.add(arming);
    this.#update();
    try {
      arming.open();
      if (arming.events.size === 0) throw noThread(this.#parts.pid);
    } catch (error) {
      this.#armings.delete(arming);
      this.#update();
      throw error;
    }
    return arming;
  }

  #findLane(request: PerfRequest): number {
    if (!needsOwnLane(request)) return 0;
    const taken = new Set([...this.#armings].map(({ lane }) => lane));
    let lane = 1;
    while (taken.has(lane)) lane++;
    return lane;
  }

  #update(): void {
    const isFollowing = [...this.#armings].some(({ coverage }) => coverage === 'followed');
    this.#wake.update(this.#armings.size > 0, [...this.#armings].some(({ isUrgent }) => isUrgent)); // prettier-ignore
    if (isFollowing) {
      this.#following ??= this.#threads.onChange(({ added, removed }) => {
        for (const { tid } of added) for (const arming of this.#armings) arming.addThread(tid);
        if (removed.length > 0) this.drain();
        for (const { tid } of removed) for (const arming of this.#armings) arming.removeThread(tid);
      });
    } else {
      this.#following?.[Symbol.dispose]();
      this.#following = undefined;
    }
  }

  rearm(tid: number): void {
    // Which events have fired is known from their samples.
    this.drain();
    for (const arming of this.#armings) arming.rearm(tid);
  }

  drain(): void {
    this.#drainNow();
  }

  settle(): void {
    this.drain();
    for (const arming of this.#armings) arming.settle();
  }

  #drainNow(): number {
    const fullness = this.#drain.run();
    if (this.#drain.takeThreadsChanged() && this.#following !== undefined) this.#threads.scan();
    return fullness;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const arming of this.#armings) arming[Symbol.dispose]();
  }
}

/** Pages of each ring of so many: together some 16 MB, a power of two from 8 to 128. */
function sizeRings(count: number): number {
  const share = 2 ** Math.floor(Math.log2(4096 / Math.max(1, count)));
  return Math.min(128, Math.max(8, share));
}

/** A path as the process has it, from here: a container has its own root. */
function resolvePath(pid: number, path: string): string {
  const root = `/proc/${pid}/root`;
  try {
    return readlinkSync(root) === '/' ? path : `${root}${path}`;
  } catch {
    return path;
  }
}

function noThread(pid: number): ExtensionEventError {
  return new ExtensionEventError('EE_PERF_NO_THREAD', `Process ${pid} has no thread any more.`, 'It has ended; start it again.'); // prettier-ignore
}
