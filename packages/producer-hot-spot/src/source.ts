import { monotonicNs } from '@extension-events/core';
import type { Subject } from '@extension-events/core';
import type { V8Host, V8Thread } from '@extension-events/platform-v8';
import { ScriptTexts } from './script-texts.ts';
import { ThreadJudge } from './thread-judge.ts';
import type { Watch } from './thread-judge.ts';
import { ThreadSampler } from './thread-sampler.ts';

/** Makes one arming's watch on one thread. */
export type WatchFactory = (thread: V8Thread) => Watch;

interface Watched {
  readonly subject: Subject | undefined;
  readonly make: WatchFactory;
  readonly watches: Map<V8Thread, Watch>;
}

interface Sampled {
  readonly sampler: ThreadSampler;
  readonly judge: ThreadJudge;
}

const firstLookMs = 100;
const lookMs = 250;

/**
 * All threads of the process and who watches them. A thread that nobody watches has no profile, and one that is
 * watched has it only while it uses CPU.
 */
export class HotSpotSource implements Disposable {
  readonly texts: ScriptTexts = new ScriptTexts();
  readonly #host: V8Host;
  readonly #watched = new Set<Watched>();
  readonly #sampled = new Map<V8Thread, Sampled>();
  readonly #threads: Disposable;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: V8Host) {
    this.#host = host;
    this.#threads = host.onThreads(({ added, removed }) => {
      for (const thread of removed) this.#removeThread(thread);
      for (const thread of added) for (const watched of this.#watched) this.#watch(watched, thread);
      this.#schedule(firstLookMs);
    });
  }

  /** Is this thread one of ours to watch? */
  has(subject: Subject): boolean {
    return this.#host.threads.some((thread) => isAbout(thread, subject));
  }

  /** Watches one thread, or all present and future ones, until disposed. */
  watch(subject: Subject | undefined, make: WatchFactory): Disposable {
    const watched: Watched = { subject, make, watches: new Map() };
    this.#watched.add(watched);
    for (const thread of this.#host.threads) this.#watch(watched, thread);
    this.#schedule(firstLookMs);
    return {
      [Symbol.dispose]: () => {
        if (!this.#watched.delete(watched)) return;
        for (const [thread, watch] of watched.watches) this.#unwatch(thread, watch);
      },
    };
  }

  [Symbol.dispose](): void {
    this.#threads[Symbol.dispose]();
    clearTimeout(this.#timer);
    for (const { sampler } of this.#sampled.values()) sampler[Symbol.dispose]();
    this.#sampled.clear();
    this.#watched.clear();
  }

  #watch(watched: Watched, thread: V8Thread): void {
    if (watched.subject !== undefined && !isAbout(thread, watched.subject)) return;
    if (watched.watches.has(thread)) return;
    const watch = watched.make(thread);
    watched.watches.set(thread, watch);
    const { judge } = this.#sampledFor(thread);
    judge.add(watch);
    this.#setFrequency(thread);
  }

  #unwatch(thread: V8Thread, watch: Watch): void {
    this.#sampled.get(thread)?.judge.remove(watch);
    this.#setFrequency(thread);
  }

  #sampledFor(thread: V8Thread): Sampled {
    const present = this.#sampled.get(thread);
    if (present !== undefined) return present;
    const sampler = new ThreadSampler(thread, monotonicNs(), (window) => judge.window(window));
    const judge = new ThreadJudge(sampler, this.texts);
    const sampled = { sampler, judge };
    this.#sampled.set(thread, sampled);
    return sampled;
  }

  #setFrequency(thread: V8Thread): void {
    const sampled = this.#sampled.get(thread);
    if (sampled === undefined) return;
    const { sampler, judge } = sampled;
    sampler.setFrequency(
      Math.max(0, ...[...judge.watches].map((each) => each.detector.options.frequencyHz)),
    );
    if (judge.watches.size > 0) return;
    sampler[Symbol.dispose]();
    this.#sampled.delete(thread);
  }

  #removeThread(thread: V8Thread): void {
    this.#sampled.get(thread)?.sampler[Symbol.dispose]();
    this.#sampled.delete(thread);
    for (const { watches } of this.#watched) watches.delete(thread);
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#sampled.size === 0) return;
    this.#timer = setTimeout(() => {
      const nowNs = monotonicNs();
      for (const { sampler } of this.#sampled.values()) sampler.look(nowNs);
      this.#schedule(lookMs);
    }, delayMs);
    this.#timer.unref();
  }
}

function isAbout(thread: V8Thread, subject: Subject): boolean {
  return thread.subject.tid === subject.tid && thread.subject.threadId === subject.threadId;
}
