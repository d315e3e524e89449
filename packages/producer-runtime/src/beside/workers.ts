import { setTimeout as delay } from 'node:timers/promises';
import { threadId as ownThreadId } from 'node:worker_threads';
import { monotonicNs, type Subject } from '@extension-events/core';
import { type CdpSession, connectToMainThread, toPath, type V8Host } from '@extension-events/platform-v8'; // prettier-ignore
import type { WorkerExitedPayload, WorkerStartedPayload } from '../types.ts';
import type { BesideArming } from './armings.ts';
import { ExitCodes, type WorkerExit } from './exit-codes.ts';

type StartedArming = BesideArming<WorkerStartedPayload>;
type ExitedArming = BesideArming<WorkerExitedPayload>;

/** A worker thread, as the inspector announces it: before it has run anything. */
interface KnownWorker extends WorkerStartedPayload {
  /** Missing when it was there before we looked. */
  readonly startedNs?: number;
  /** Its Linux number, once the agent knows it; the worker may be gone by then. */
  tid: number;
  readonly identified: Promise<void>;
  readonly setTid: (tid: number) => void;
}

// How long an event waits for what comes by another way: the worker's tid, its exit code.
const patienceMs = 1000;

/** What replaces the inspector in tests. */
export type OpenSession = () => CdpSession;

/**
 * Worker threads as they come and go, also those of workers.
 *
 * The inspector announces every worker of the process at its birth, with its number, name and file.
 * The exit code is known to the parent thread alone.
 */
export class Workers implements Disposable {
  readonly #host: V8Host;
  readonly #openSession: OpenSession;
  readonly #started: Map<number, StartedArming> = new Map();
  readonly #exited: Map<number, ExitedArming> = new Map();
  #watching: Promise<Watching> | undefined;

  constructor(host: V8Host, openSession: OpenSession = connectToMainThread) {
    this.#host = host;
    this.#openSession = openSession;
  }

  armStarted(arming: StartedArming): Promise<unknown> {
    this.#started.set(arming.armId, arming);
    return this.#adjust();
  }

  armExited(arming: ExitedArming): Promise<unknown> {
    this.#exited.set(arming.armId, arming);
    return this.#adjust();
  }

  disarm({ armId }: Pick<BesideArming, 'armId'>): void {
    this.#started.delete(armId);
    this.#exited.delete(armId);
    void this.#adjust().catch(() => undefined);
  }

  [Symbol.dispose](): void {
    this.#started.clear();
    this.#exited.clear();
    void this.#adjust().catch(() => undefined);
  }

  async #adjust(): Promise<unknown> {
    const isWanted = this.#started.size + this.#exited.size > 0;
    if (isWanted) {
      this.#watching ??= Watching.open(this.#host, this.#openSession(), {
        started: (worker, timestampNs) => this.#tell(this.#started, worker, toStarted(worker), timestampNs),
        exited: (worker, exit, timestampNs) => this.#tell(this.#exited, worker, toExited(worker, exit, timestampNs), timestampNs),
      });
      return this.#watching;
    }
    const watching = this.#watching;
    this.#watching = undefined;
    (await watching)?.[Symbol.dispose]();
    return undefined;
  } // prettier-ignore

  #tell<P>(armings: ReadonlyMap<number, BesideArming<P>>, { threadId, tid }: KnownWorker, payload: P, timestampNs: number): void {
    // Of one that was gone before it could be asked, its main thread knows.
    const subject: Subject = { tid: tid === 0 ? process.pid : tid, threadId };
    for (const { post, subject: asked } of armings.values()) {
      if (asked === undefined || asked.threadId === threadId) post(payload, subject, timestampNs);
    }
  } // prettier-ignore
}

interface Told {
  started(worker: KnownWorker, timestampNs: number): void;
  exited(worker: KnownWorker, exit: WorkerExit | undefined, timestampNs: number): void;
}

/** The one session that hears of workers, while somebody listens. */
class Watching implements Disposable {
  readonly #session: CdpSession;
  readonly #told: Told;
  readonly #bySession: Map<string, KnownWorker> = new Map();
  readonly #exits: Map<number, WorkerExit> = new Map();
  readonly #waiting: Map<number, (exit: WorkerExit) => void> = new Map();
  readonly #codes: ExitCodes;
  readonly #following: Disposable[] = [];
  #isComplete = false;

  private constructor(session: CdpSession, told: Told) {
    this.#session = session;
    this.#told = told;
    this.#codes = new ExitCodes((exit) => this.#onExit(exit));
  }

  static async open(host: V8Host, session: CdpSession, told: Told): Promise<Watching> {
    const watching = new Watching(session, told);
    await watching.#open(host);
    return watching;
  }

  async #open(host: V8Host): Promise<void> {
    const session = this.#session;
    // The agent closes its sessions when the program exits: one that stays open would make Node wait for it.
    host.threads.find(({ subject }) => subject.threadId === 0)?.session.onClosed(() => session.close());
    this.#following.push(
      session.on('NodeWorker.attachedToWorker', ({ sessionId, workerInfo }) => this.#onAttached(host, sessionId, workerInfo)),
      session.on('NodeWorker.detachedFromWorker', ({ sessionId }) => void this.#onDetached(sessionId)),
      host.onThreads(({ added, removed }) => {
        for (const thread of removed) this.#codes.remove(thread);
        for (const thread of added) {
          for (const worker of this.#bySession.values()) if (worker.threadId === thread.subject.threadId) worker.setTid(thread.subject.tid);
          void this.#codes.add(thread).catch(() => undefined);
        }
      }),
    );
    const codes = Promise.all(host.threads.map((thread) => this.#codes.add(thread).catch(() => undefined)));
    await Promise.race([codes, delay(patienceMs, undefined, { ref: false })]);
    // Those that are there already are announced before this is answered.
    await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
    this.#isComplete = true;
  } // prettier-ignore

  #onAttached(host: V8Host, sessionId: string, { title, url }: { title: string; url: string }): void {
    const timestampNs = monotonicNs();
    const [, number = '0', name = ''] = /^\[worker (\d+)\]\s*(.*)$/.exec(title) ?? [];
    const threadId = Number(number);
    if (threadId === ownThreadId) return;
    const worker = createWorker({ threadId, name: name || `worker ${threadId}`, ...(url === '' ? {} : { file: toPath(url) }) }, this.#isComplete ? timestampNs : undefined);
    const known = host.threads.find(({ subject }) => subject.threadId === threadId);
    if (known !== undefined) worker.setTid(known.subject.tid);
    this.#bySession.set(sessionId, worker);
    if (worker.startedNs !== undefined) void worker.identified.then(() => this.#told.started(worker, timestampNs));
  } // prettier-ignore

  async #onDetached(sessionId: string): Promise<void> {
    const timestampNs = monotonicNs();
    const worker = this.#bySession.get(sessionId);
    if (worker === undefined || !this.#bySession.delete(sessionId)) return;
    const exit = await this.#exitOf(worker.threadId);
    worker.setTid(0); // it never told
    await worker.identified;
    this.#told.exited(worker, exit, timestampNs);
  }

  // The parent is told by its own loop, before or after the inspector has seen the worker go.
  #exitOf(threadId: number): Promise<WorkerExit | undefined> {
    const present = this.#exits.get(threadId);
    this.#exits.delete(threadId);
    if (present !== undefined) return Promise.resolve(present);
    return new Promise((resolve) => {
      const done = (exit?: WorkerExit): void => {
        this.#waiting.delete(threadId);
        clearTimeout(timer);
        resolve(exit);
      };
      const timer = setTimeout(done, patienceMs).unref();
      this.#waiting.set(threadId, done);
    });
  }

  #onExit(exit: WorkerExit): void {
    const { threadId } = exit;
    const waiting = this.#waiting.get(threadId);
    if (waiting !== undefined) return waiting(exit);
    this.#exits.set(threadId, exit);
    const timestampNs = monotonicNs();
    setTimeout(() => this.#tellUnborn(exit, timestampNs), patienceMs).unref();
  }

  // One that was ended before its inspector was there has run nothing, and is announced to nobody.
  #tellUnborn(exit: WorkerExit, timestampNs: number): void {
    const { threadId } = exit;
    const isKnown = [...this.#bySession.values()].some((worker) => worker.threadId === threadId);
    if (isKnown || this.#exits.get(threadId) !== exit) return;
    this.#exits.delete(threadId);
    const worker = createWorker({ threadId, name: `worker ${threadId}` }, undefined);
    this.#told.exited(worker, exit, timestampNs);
  }

  [Symbol.dispose](): void {
    for (const each of this.#following) each[Symbol.dispose]();
    this.#codes[Symbol.dispose]();
    this.#session.close();
  }
}

function createWorker(payload: WorkerStartedPayload, startedNs: number | undefined): KnownWorker {
  let resolve: () => void = Function.prototype as () => void;
  const identified = new Promise<void>((done) => (resolve = done));
  const timer = setTimeout(resolve, patienceMs).unref();
  const worker: KnownWorker = {
    ...payload,
    ...(startedNs === undefined ? {} : { startedNs }),
    tid: 0,
    identified,
    setTid: (tid) => {
      if (worker.tid === 0) worker.tid = tid;
      clearTimeout(timer);
      resolve();
    },
  };
  return worker;
}

function toStarted({ threadId, name, file }: KnownWorker): WorkerStartedPayload {
  return { threadId, name, ...(file === undefined ? {} : { file }) };
}

function toExited(
  worker: KnownWorker,
  exit: WorkerExit | undefined,
  endedNs: number,
): WorkerExitedPayload {
  // prettier-ignore
  const { startedNs } = worker;
  return {
    ...toStarted(worker),
    ...(exit === undefined ? {} : { exitCode: exit.exitCode }),
    ...(exit?.error === undefined ? {} : { error: exit.error }),
    ...(startedNs === undefined ? {} : { durationMs: (endedNs - startedNs) / 1e6 }),
  };
}
