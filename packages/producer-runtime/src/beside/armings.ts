import { setTimeout as delay } from 'node:timers/promises';
import { type Arming, ExtensionEventError, type RequestValues } from '@extension-events/core';
import type { V8Host, V8Thread } from '@extension-events/platform-v8';

/** An arming as the sources beside the threads see it. */
export type BesideArming<P = never, R = RequestValues> = Pick<Arming<P, R>, 'armId' | 'isStop' | 'post' | 'request' | 'subject'>; // prettier-ignore

/** Begins to watch one thread for one arming. */
export type Watch<A> = (thread: V8Thread, arming: A) => Disposable | Promise<Disposable>;

// A thread inside a blocking call answers when that is over; nobody waits for it.
const patienceMs = 1000;

/** Which arming watches which thread: threads come and go, and so do armings. */
export class ThreadArmings<A extends Pick<BesideArming, 'armId' | 'subject'>> implements Disposable {
  readonly #host: V8Host;
  readonly #watch: Watch<A>;
  readonly #armed: Map<number, { readonly arming: A; readonly threads: Map<V8Thread, Promise<Disposable>> }> = new Map();
  readonly #following: Disposable;

  constructor(host: V8Host, watch: Watch<A>) {
    this.#host = host;
    this.#watch = watch;
    this.#following = host.onThreads(({ added, removed }) => {
      for (const { arming, threads } of this.#armed.values()) {
        for (const thread of removed) end(threads, thread);
        for (const thread of added) void this.#join(arming, threads, thread).catch(() => undefined);
      }
    });
  }

  /** @throws ExtensionEventError `EE_RUNTIME_NO_THREAD` */
  async arm(arming: A): Promise<void> {
    if (this.#armed.has(arming.armId)) return;
    const chosen = this.#host.threads.filter((thread) => isAbout(thread, arming));
    if (arming.subject !== undefined && chosen.length === 0) throw noThread(arming.subject.tid);
    const threads = new Map<V8Thread, Promise<Disposable>>();
    this.#armed.set(arming.armId, { arming, threads });
    try {
      const joined = Promise.all(chosen.map((thread) => this.#join(arming, threads, thread)));
      await Promise.race([joined, delay(patienceMs, undefined, { ref: false })]);
    } catch (error) {
      this.disarm(arming);
      throw error;
    }
  }

  disarm({ armId }: Pick<A, 'armId'>): void {
    const armed = this.#armed.get(armId);
    this.#armed.delete(armId);
    for (const thread of armed?.threads.keys() ?? []) end(armed?.threads, thread);
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
    for (const { arming } of this.#armed.values()) this.disarm(arming);
  }

  async #join(arming: A, threads: Map<V8Thread, Promise<Disposable>>, thread: V8Thread): Promise<void> {
    if (!isAbout(thread, arming) || threads.has(thread)) return;
    const watching = Promise.resolve(this.#watch(thread, arming));
    threads.set(thread, watching);
    try {
      await watching;
    } catch (error) {
      threads.delete(thread);
      // A thread that ended meanwhile has nothing to tell any more.
      if (!thread.session.isClosed && (error as { code?: string }).code !== 'EE_V8_CLOSED') throw error;
    }
  }
} // prettier-ignore

function end(threads: Map<V8Thread, Promise<Disposable>> | undefined, thread: V8Thread): void {
  const watching = threads?.get(thread);
  threads?.delete(thread);
  watching?.then(
    (watched) => watched[Symbol.dispose](),
    () => undefined,
  );
}

function isAbout({ subject }: V8Thread, { subject: asked }: Pick<BesideArming, 'subject'>): boolean {
  return asked === undefined || (subject.tid === asked.tid && subject.threadId === asked.threadId);
} // prettier-ignore

function noThread(tid: number): ExtensionEventError {
  return new ExtensionEventError(
    'EE_RUNTIME_NO_THREAD',
    `Thread ${tid} is not a JavaScript thread of this process.`,
    'Listen without a thread to watch all of them, or choose one that extev ls shows.',
  );
}
