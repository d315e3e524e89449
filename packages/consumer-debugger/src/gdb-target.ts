import { Subject } from 'rxjs';
import { debuggerError, isCodedError } from './errors.ts';
import { type MiRecord, type MiTuple, textOf, textsOf, tuplesOf } from './gdb-mi.ts';
import { endedError, GdbProcess, type GdbProcessOptions } from './gdb-process.ts';
import { checkAttachable, explainAttachFailure } from './gdb-refusals.ts';
import { guardAgainstKill } from './gdb-guard.ts';
import { isFreedFrom, wake } from './gdb-release.ts';
import { passUrgent, prepareGdb, stopAtUrgent } from './gdb-settings.ts';
import { GdbSymbols } from './gdb-symbols.ts';
import { listTids, readStatus } from './proc-tracing.ts';
import type { StandingProgram } from './standing-program.ts';

/** A thread that came to stand by itself: a breakpoint, a step's end, a signal, an interrupt. */
export interface GdbStop {
  readonly tid: number;
  /** gdb's word; empty when it gave none. */
  readonly reason: string;
  readonly signal: string;
  /** Somebody asked for it by {@link GdbTarget.interrupt}. */
  readonly isInterrupt: boolean;
  readonly fields: MiTuple;
}

/** What becomes of the target as a whole. */
export type GdbNews =
  /** `stoodMs` is left out of a program that has not begun: it stands on. */
  | { readonly type: 'attached'; readonly version: string; readonly stoodMs?: number }
  | { readonly type: 'gdb-ended' }
  | { readonly type: 'exited'; readonly signal: string; readonly exitCode: number | undefined };

interface GdbThread {
  readonly id: string;
  tid: number;
  isStopped: boolean;
  /** The stop that attaching makes has come, and the thread was let run again. */
  isSettled: boolean;
  isInterrupted: boolean;
}

export interface GdbTargetOptions extends GdbProcessOptions {
  /** Expressions may call functions of the program. */
  readonly mayWrite?: boolean;
  /** Before gdb attaches (true), and when it has left: another tracer can make room. */
  readonly onTracing?: (isTracing: boolean) => Promise<void>;
  /** The process has not begun: gdb takes over where it stands, and keeps it there. */
  readonly standing?: StandingProgram;
}

/** Threads whose stop by the attach is reported late are waited for so long. */
const settleMs = 3000;
/** How long a tracer that was asked to leave may take. */
const makeRoomMs = 300;

/**
 * One process under gdb: attached when it is first needed, each thread on its own (non-stop).
 *
 * gdb numbers threads as it meets them; here they are known by their tid. A stop that nobody asked
 * for, such as the one that attaching makes, is let go at once.
 */
export class GdbTarget {
  readonly pid: number;
  readonly #options: GdbTargetOptions;
  readonly #symbols: GdbSymbols;
  readonly #stops: Subject<GdbStop> = new Subject();
  readonly #news: Subject<GdbNews> = new Subject();
  readonly #byId = new Map<string, GdbThread>();
  readonly #changes: Subject<void> = new Subject();
  /** Threads whose next stop is for {@link whileStopped} alone. */
  readonly #silent = new Set<number>();
  #starting: Promise<GdbProcess> | undefined;
  #gdb: GdbProcess | undefined;
  #attaching: Promise<void> | undefined;
  #isAttached = false;
  #isClosed = false;
  /** Somebody had stopped the process before gdb came (SIGSTOP): it is left so. */
  #stoodBefore = false;
  #breakpoints = 0;
  /** The program has not begun. */
  #stands: boolean;

  constructor(pid: number, options: GdbTargetOptions = {}) {
    this.pid = pid;
    this.#options = options;
    this.#stands = options.standing !== undefined;
    this.#symbols = new GdbSymbols(pid);
  }

  get stops$(): Subject<GdbStop> {
    return this.#stops;
  }

  get news$(): Subject<GdbNews> {
    return this.#news;
  }

  get isAttached(): boolean {
    return this.#isAttached;
  }

  get gdbPid(): number | undefined {
    return this.#gdb?.pid;
  }

  /** Breakpoints that stand in the target; while there are any, a killed gdb takes it along. */
  set breakpoints(count: number) {
    this.#breakpoints = count;
  }

  /** gdb with the program's symbols, not attached yet: the target notices nothing. */
  async load(): Promise<GdbProcess> {
    if (this.#isClosed) throw endedError();
    if (this.#gdb?.hasEnded === true) this.#starting = undefined;
    this.#starting ??= this.#start();
    try {
      return await this.#starting;
    } catch (error) {
      this.#starting = undefined;
      throw error;
    }
  }

  /**
   * Attaches unless it is attached. Every thread stands for a moment, then runs again.
   *
   * @throws ExtensionEventError `EE_GDB_MISSING`, `EE_GDB_BUSY`, `EE_GDB_PERMISSION`, `EE_TARGET_LOST`
   */
  async attach(): Promise<GdbProcess> {
    const isSettled = this.#isAttached && this.#attaching === undefined;
    if (isSettled && this.#gdb?.hasEnded === false) return this.#gdb;
    this.#attaching ??= this.#attach().finally(() => {
      this.#attaching = undefined;
    });
    await this.#attaching;
    return this.load();
  }

  /** gdb's number of a thread. @throws ExtensionEventError `EE_THREAD_NUMBER` */
  async idOf(tid: number): Promise<string> {
    const gdb = await this.attach();
    const known = this.#find(tid);
    if (known !== undefined) return known.id;
    await this.#readThreads(gdb);
    const found = this.#find(tid);
    if (found !== undefined) return found.id;
    throw debuggerError(
      'EE_THREAD_NUMBER',
      `gdb knows no thread with tid ${tid}.`,
      'It may have ended; info threads shows the threads.',
    );
  }

  isStopped(tid: number): boolean {
    return this.#find(tid)?.isStopped === true;
  }

  /** Asks the thread to stand; the stop comes by `stops$`. */
  async interrupt(tid: number): Promise<void> {
    const id = await this.idOf(tid);
    const thread = this.#byId.get(id);
    if (thread !== undefined && this.#stands) {
      this.#stops.next({ tid, reason: '', signal: '', isInterrupt: true, fields: {} });
    }
    if (thread === undefined || thread.isStopped) return;
    thread.isInterrupted = true;
    await (await this.attach()).command('exec-interrupt', '--thread', id);
  }

  /** Stops a thread, unless it stands, for as long as `work` takes. Nobody is told of it. */
  async whileStopped<T>(tid: number, work: () => Promise<T>): Promise<T> {
    await this.idOf(tid);
    if (this.isStopped(tid)) return work();
    const stopped = this.#nextStop(tid);
    this.#silent.add(tid);
    try {
      await this.interrupt(tid);
      await stopped;
      return await work();
    } finally {
      this.#silent.delete(tid);
      await this.resume(tid).catch(() => undefined);
    }
  }

  /** Lets a program begin that was started for this debugger. */
  async begin(): Promise<void> {
    if (!this.#stands) return;
    await this.#attaching?.catch(() => undefined);
    this.#stands = false;
    this.#options.standing?.begin();
    const stopped = [...this.#byId.values()].filter((thread) => thread.isStopped);
    await Promise.all(stopped.map((thread) => this.#letGo(thread)));
  }

  /** Lets a thread run; one that runs already, with gdb or without it, stays so. */
  async resume(tid: number): Promise<void> {
    await this.run(tid, 'exec-continue');
  }

  /** A command that lets the thread run: `exec-next` and its like. */
  async run(tid: number, operation: string, ...parameters: readonly string[]): Promise<void> {
    if (!this.#isAttached) return;
    const id = await this.idOf(tid);
    const gdb = await this.attach();
    const thread = this.#byId.get(id);
    this.#stands = false;
    try {
      await gdb.command(operation, '--thread', id, ...parameters);
      if (thread !== undefined) thread.isStopped = false;
    } catch (error) {
      if (!isRunning(error)) throw error;
      if (thread !== undefined) thread.isStopped = false;
    }
  }

  /** Lets a thread run with the signal that it was stopped at. */
  async passSignal(tid: number, signal: string): Promise<void> {
    if (!this.#isAttached) return;
    const id = await this.idOf(tid);
    // Without the ampersand gdb would wait for the next stop, deaf to everything else.
    await (await this.attach()).console(`signal ${signal} &`, id);
  }

  /** A command about a thread that stands, and one of its frames. */
  async ask(
    tid: number,
    level: number | undefined,
    operation: string,
    ...parameters: readonly string[]
  ): Promise<MiTuple> {
    const id = await this.idOf(tid);
    const frame = level === undefined ? [] : ['--frame', String(level)];
    const gdb = await this.attach();
    return gdb.command(operation, '--thread', id, ...frame, ...parameters);
  }

  /** Lets every thread run without gdb; the symbols stay loaded for the next time. */
  async detach(): Promise<void> {
    await this.#attaching?.catch(() => undefined);
    if (!this.#isAttached || this.#gdb === undefined) return;
    const gdb = this.#gdb;
    this.#stands = false;
    try {
      await gdb.command('break-delete').catch(() => undefined);
      this.#breakpoints = 0;
      await gdb.console(passUrgent);
      await gdb.command('target-detach');
    } catch (error) {
      // gdb detaches when it ends, too.
      if (!gdb.hasEnded) await gdb.close(false);
      if (await this.#isTraced()) throw error;
    }
    this.#forget();
    // gdb that said it detached and did not: at its end the kernel detaches.
    if (!(await isFreedFrom(this.pid, this.gdbPid))) await gdb.close(true);
    if (!this.#stoodBefore) await wake(this.pid);
  }

  /** Detaches and ends gdb. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.detach().catch(() => undefined);
    const gdb = this.#gdb ?? (await this.#starting?.catch(() => undefined));
    await gdb?.close(this.#breakpoints === 0);
    this.#stops.complete();
    this.#news.complete();
  }

  async #start(): Promise<GdbProcess> {
    const gdb = await GdbProcess.start(this.#options);
    this.#gdb = gdb;
    gdb.records$.subscribe((record) => this.#receive(record));
    void this.#followEnd(gdb);
    try {
      await prepareGdb(gdb, this.#options.mayWrite === true);
      await this.#symbols.read(gdb);
      await this.#symbols.fillShelf(gdb);
      return gdb;
    } catch (error) {
      await gdb.close(true);
      throw error;
    }
  }

  async #attach(): Promise<void> {
    const gdb = await this.load();
    await this.#symbols.fillShelf(gdb);
    await gdb.console(stopAtUrgent);
    await this.#options.onTracing?.(true);
    try {
      if (!this.#stands) await this.#waitUntilFree();
      await this.#attachWith(gdb);
    } catch (error) {
      await this.#options.onTracing?.(false);
      throw error;
    }
  }

  /** Whoever makes room for us may need a moment. */
  async #waitUntilFree(): Promise<void> {
    const deadline = performance.now() + makeRoomMs;
    for (;;) {
      try {
        checkAttachable(this.pid);
        return;
      } catch (error) {
        const isBusy = isCodedError(error) && error.code === 'EE_GDB_BUSY';
        if (!isBusy || performance.now() > deadline) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #attachWith(gdb: GdbProcess): Promise<void> {
    this.#stoodBefore = !this.#stands && readStatus(this.pid)?.state === 'T';
    const from = performance.now();
    this.#isAttached = true;
    if (!this.#stoodBefore && gdb.pid !== undefined) guardAgainstKill(gdb.pid, this.pid);
    try {
      // After the guard: whoever is killed from here on, the program does not stay stopped.
      if (this.#stands) await this.#options.standing?.stepAside();
      await gdb.command('target-attach', String(this.pid));
    } catch (error) {
      this.#forget();
      this.#stands = false;
      this.#options.standing?.begin();
      if (isCodedError(error) && error.code === 'EE_GDB_COMMAND') {
        throw explainAttachFailure(this.pid, error.message);
      }
      throw error;
    }
    await this.#settle(gdb);
    const stoodMs = performance.now() - from;
    // gdb holds it now: the stop signal that did so in between is taken back.
    if (this.#stands) this.#options.standing?.begin();
    await this.#symbols.clearShelf(gdb);
    this.#news.next({ type: 'attached', version: gdb.version, ...(this.#stands ? {} : { stoodMs }) }); // prettier-ignore
  }

  /** Waits until each thread that was there has made the attach's stop and runs again. */
  async #settle(gdb: GdbProcess): Promise<void> {
    const deadline = performance.now() + settleMs;
    const waited = [...this.#byId.values()];
    while (waited.some((thread) => !thread.isSettled && this.#byId.has(thread.id))) {
      const left = deadline - performance.now();
      if (left <= 0 || gdb.hasEnded) break;
      await this.#nextChange(left);
    }
    await this.#readThreads(gdb).catch(() => undefined);
    // What has not settled in time settles when its stop comes.
    for (const thread of this.#byId.values()) {
      if (!thread.isStopped) thread.isSettled = true;
    }
  }

  async #readThreads(gdb: GdbProcess): Promise<void> {
    const { threads } = await gdb.command('thread-info');
    for (const thread of tuplesOf(threads)) {
      const tid = readTid(textOf(thread['target-id']));
      if (tid !== undefined) this.#thread(textOf(thread['id'])).tid = tid;
    }
  }

  #receive(record: MiRecord): void {
    if (record.kind === 'exec' && record.class === 'running') this.#noteRunning(record.results);
    else if (record.kind === 'exec' && record.class === 'stopped')
      void this.#noteStop(record.results);
    else if (record.kind === 'notify') this.#noteNews(record.class, record.results);
    this.#changes.next();
  }

  #noteRunning(results: MiTuple): void {
    const id = textOf(results['thread-id']);
    const threads = id === 'all' ? this.#byId.values() : [this.#thread(id)];
    for (const thread of threads) thread.isStopped = false;
  }

  #noteNews(name: string, results: MiTuple): void {
    const id = textOf(results['id']);
    if (name === 'thread-created') this.#thread(id);
    else if (name === 'thread-exited') this.#byId.delete(id);
    else if (name === 'thread-group-exited') this.#forget();
  }

  async #noteStop(fields: MiTuple): Promise<void> {
    const reason = textOf(fields['reason']);
    if (reason.startsWith('exited')) {
      this.#forget();
      // In octal; of an end without an error there is none.
      const code = reason === 'exited-normally' ? '0' : textOf(fields['exit-code']);
      const exitCode = code === '' ? undefined : Number.parseInt(code, 8);
      this.#news.next({ type: 'exited', signal: textOf(fields['signal-name']), exitCode });
      return;
    }
    const signal = textOf(fields['signal-name']);
    const named = textOf(fields['thread-id']);
    const ids = textsOf(fields['stopped-threads']).filter((id) => id !== 'all');
    for (const id of new Set([named, ...ids])) {
      if (id === '') continue;
      const thread = this.#thread(id);
      thread.isStopped = true;
      if (id === named) await this.#judge(thread, { reason, signal, fields });
    }
  }

  async #judge(
    thread: GdbThread,
    stop: { readonly reason: string; readonly signal: string; readonly fields: MiTuple },
  ): Promise<void> {
    const isInterrupt = thread.isInterrupted;
    const isPlain = stop.reason === '' || stop.signal === '0' || stop.signal === 'SIGSTOP';
    if (isPlain && !isInterrupt) {
      await this.#letGo(thread);
      return;
    }
    thread.isInterrupted = false;
    thread.isSettled = true;
    if (thread.tid === 0 && this.#gdb !== undefined) {
      await this.#readThreads(this.#gdb).catch(() => undefined);
    }
    this.#stops.next({
      tid: thread.tid,
      reason: stop.reason,
      signal: stop.signal,
      isInterrupt: isInterrupt && isPlain,
      fields: stop.fields,
    });
    // An interrupt that was overtaken by another stop comes to nothing.
  }

  /** A stop by a silent interrupt is for whoever waits for it, not for the user. */
  isSilent(tid: number): boolean {
    return this.#silent.has(tid);
  }

  async #letGo(thread: GdbThread): Promise<void> {
    try {
      if (!this.#stands) {
        await this.#gdb?.command('exec-continue', '--thread', thread.id);
        thread.isStopped = false;
      }
    } catch (error) {
      if (isRunning(error)) thread.isStopped = false;
    }
    thread.isSettled = true;
    this.#changes.next();
  }

  #thread(id: string): GdbThread {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const thread: GdbThread = {
      id,
      tid: 0,
      isStopped: false,
      isSettled: false,
      isInterrupted: false,
    };
    this.#byId.set(id, thread);
    return thread;
  }

  #find(tid: number): GdbThread | undefined {
    return [...this.#byId.values()].find((thread) => thread.tid === tid);
  }

  #nextStop(tid: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        subscription.unsubscribe();
        reject(
          debuggerError(
            'EE_THREAD_SILENT',
            `The thread with tid ${tid} did not come to stand within ${settleMs / 1000} s.`,
            'It may be in an uninterruptible wait of the kernel (state D in ps).',
          ),
        );
      }, settleMs);
      const subscription = this.#stops.subscribe((stop) => {
        if (stop.tid !== tid) return;
        clearTimeout(timer);
        subscription.unsubscribe();
        resolve();
      });
    });
  }

  #nextChange(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        subscription.unsubscribe();
        resolve();
      };
      const timer = setTimeout(done, ms);
      const subscription = this.#changes.subscribe(done);
    });
  }

  #forget(): void {
    if (this.#isAttached && this.#attaching === undefined) {
      void this.#options.onTracing?.(false).catch(() => undefined);
    }
    this.#isAttached = false;
    this.#byId.clear();
    this.#changes.next();
  }

  async #followEnd(gdb: GdbProcess): Promise<void> {
    await gdb.ended;
    if (this.#gdb !== gdb) return;
    this.#symbols.forget();
    this.#stands = false;
    const wasAttached = this.#isAttached;
    this.#forget();
    this.#breakpoints = 0;
    if (!wasAttached) return;
    this.#news.next({ type: 'gdb-ended' });
    if (!this.#stoodBefore) await wake(this.pid);
  }

  async #isTraced(): Promise<boolean> {
    return listTids(this.pid).some((tid) => (readStatus(this.pid, tid)?.tracer ?? 0) !== 0);
  }
}

function isRunning(error: unknown): boolean {
  return isCodedError(error) && /\bthread is running|is running\b/i.test(error.message);
}

/** `Thread 0x7f… (LWP 4242)`, `LWP 4242`, `process 4242`. */
export function readTid(targetId: string): number | undefined {
  const digits = /\b(?:LWP|process) (\d{1,10})/.exec(targetId)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
