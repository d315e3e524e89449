import { setTimeout as delay } from 'node:timers/promises';
import { BroadcastChannel, threadId as ownThreadId } from 'node:worker_threads';
import { ExtensionEventError, type Subject } from '@extension-events/core';
import { RingReader } from '@extension-events/core/ring';
import {
  type CdpSession,
  connectToMainThread,
  oneAtATime,
  workerSessions,
} from '@extension-events/platform-v8';
import type { ScriptInstall } from './thread-scripts.ts';
import type { TapSpec, ThreadMessage } from './tap-spec.ts';
import { RemoteLink, type ThreadLink, type ThreadProducerText } from './thread-link.ts';
import { TracedThread } from './traced-thread.ts';

/** What the agent does when threads come, go and speak. */
export interface ThreadEvents {
  /** It has a ring now: pump it. */
  ringOpened(thread: TracedThread): void;
  drain(thread: TracedThread): void;
  /** Is this listen for this thread? */
  accepts(spec: TapSpec, thread: TracedThread): boolean;
  /** It is inspected and joined. */
  joined(thread: TracedThread): Promise<void>;
  ended(thread: TracedThread): void;
  changed(thread: TracedThread): void;
  typesChanged(thread: TracedThread): void;
  /** @param thread - undefined when it has ended meanwhile */
  message(message: ThreadMessage, thread: TracedThread | undefined): void;
}

/** How to join; the taps are those in force at that moment. */
export interface JoinSettings {
  readonly agent: string;
  readonly channel: string;
  readonly file: string;
  readonly source: string;
  readonly ringBytes: number;
  readonly taps: () => TapSpec[];
  /** Producers that run in every thread of the program. */
  readonly producers: () => readonly ThreadProducerText[];
  readonly scripts: () => readonly ScriptInstall[];
}

const joinMs = 1000;

/** The threads of the process: main, workers as they come and go, and the agent's own. */
export class ThreadTable {
  readonly #events: ThreadEvents;
  readonly #settings: JoinSettings;
  readonly #byThreadId: Map<number, TracedThread> = new Map();
  #ended: TracedThread[] = [];
  #nextKey = 1;
  #channel: BroadcastChannel | undefined;
  #main: CdpSession | undefined;
  #workers: Disposable | undefined;

  constructor(settings: JoinSettings, events: ThreadEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  get all(): TracedThread[] {
    return [...this.#byThreadId.values(), ...this.#ended];
  }

  /** Threads that can be called. */
  get reachable(): TracedThread[] {
    return [...this.#byThreadId.values()].filter((thread) => thread.link !== undefined);
  }

  get main(): CdpSession | undefined {
    return this.#main;
  }

  /** Resolves when all threads that there are can be called, or after this time. */
  async allReached(limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs;
    const isReached = (): boolean => [...this.#byThreadId.values()].every(({ link }) => link !== undefined); // prettier-ignore
    while (!isReached() && performance.now() < deadline) await delay(2);
  }

  byKey(key: number | undefined): TracedThread | undefined {
    return this.all.find((thread) => thread.key === key);
  }

  /**
   * Finds a thread as a user names it: Node's number, or `tid:N`.
   *
   * @throws ExtensionEventError `EE_THREAD_UNKNOWN`
   */
  findSubject(name: string | undefined): TracedThread | undefined {
    if (name === undefined) return undefined;
    const tid = /^tid:(\d+)$/.exec(name)?.[1];
    const found = this.reachable.find(({ isAgent, subject }) => !isAgent && (tid === undefined ? String(subject.threadId) === name : subject.tid === Number(tid))); // prettier-ignore
    if (found !== undefined) return found;
    const known = this.reachable
      .filter((t) => !t.isAgent)
      .map((t) => `${t.subject.threadId} (${t.name}, tid ${t.subject.tid})`);
    throw new ExtensionEventError('EE_THREAD_UNKNOWN', `There is no thread ${name} in this process.`, `Threads: ${known.join('; ')}.`); // prettier-ignore
  }

  drain(thread: TracedThread): void {
    this.#events.drain(thread);
  }

  /** Opens sessions with every thread and joins them. */
  async connect(own: ThreadLink, ownSubject: Subject): Promise<void> {
    this.#channel = new BroadcastChannel(this.#settings.channel);
    this.#channel.addEventListener('message', (event) =>
      this.#receive((event as unknown as { data: ThreadMessage }).data),
    );
    const raw = connectToMainThread();
    const main = oneAtATime(raw);
    this.#main = main;
    const agent = this.#obtain(ownSubject, 'extension-events');
    await this.#join(agent, own);
    // A main thread inside a blocking call joins when that is over; nobody waits for it.
    await Promise.race([this.#attach({ tid: process.pid, threadId: 0 }, 'main', main), delay(joinMs, undefined, { ref: false })]); // prettier-ignore
    const callbacks = {
      attached: ({ subject, name, session }: { subject: Subject; name: string; session: CdpSession }) => void this.#attach(subject, name, oneAtATime(session)), // prettier-ignore
      detached: ({ subject }: { subject: Subject }) => this.#end(subject.threadId),
    };
    this.#workers = await workerSessions(raw, callbacks, { skipThreadId: ownThreadId });
  }

  #obtain(subject: Subject, name: string): TracedThread {
    const present = this.#byThreadId.get(subject.threadId);
    if (present !== undefined) return present;
    const thread = new TracedThread(
      this.#nextKey++,
      subject,
      name,
      subject.threadId === ownThreadId,
    );
    this.#byThreadId.set(subject.threadId, thread);
    this.#events.changed(thread);
    return thread;
  }

  async #attach(subject: Subject, name: string, session: CdpSession): Promise<void> {
    const thread = this.#obtain(subject, name);
    thread.name = name; // one that inherited its listens had only a number until now
    thread.session = session;
    await this.#join(thread, new RemoteLink(session, this.#settings.source));
  }

  async #join(thread: TracedThread, link: ThreadLink): Promise<void> {
    const { agent, channel, file, producers, ringBytes, scripts, taps } = this.#settings;
    try {
      await link.prepare();
      // From here on listens are applied by calls; those that are open now go with the join.
      thread.link = link;
      const data = { agent, channel, file, ringBytes, scripts: scripts(), taps: taps().filter((spec) => this.#events.accepts(spec, thread)) }; // prettier-ignore
      const { tid, types } = await link.join(data, producers());
      thread.subject = { ...thread.subject, tid };
      thread.types = types;
      for (const { id } of data.taps) thread.listens.add(id);
      await this.#events.joined(thread);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EE_V8_CLOSED') throw error;
    }
  }

  #receive(message: ThreadMessage): void {
    const thread =
      message.kind === 'joined'
        ? this.#obtain(message, message.threadId === 0 ? 'main' : `worker ${message.threadId}`)
        : this.#byThreadId.get(message.threadId);
    // A thread that ends may be gone before its last word is here.
    if (message.kind === 'shares') return this.#events.message(message, thread);
    if (thread === undefined) return;
    if (message.kind === 'joined') this.#openRing(thread, message);
    else if (message.kind === 'types-changed') this.#events.typesChanged(thread);
    else this.#events.message(message, thread);
  }

  #openRing(thread: TracedThread, message: ThreadMessage & { kind: 'joined' }): void {
    thread.subject = { tid: message.tid, threadId: message.threadId };
    thread.words = message.words as Int32Array<SharedArrayBuffer>;
    thread.reader = new RingReader(message.ring);
    this.#events.ringOpened(thread);
  }

  #end(threadId: number): void {
    const thread = this.#byThreadId.get(threadId);
    if (thread === undefined) return;
    this.#byThreadId.delete(threadId);
    this.#ended.push(thread); // until the listens that are open have their accounts
    thread.state = 'ended';
    thread.link = undefined;
    thread.session = undefined;
    thread.reader?.wake();
    this.#events.drain(thread);
    thread.freeze(this.#settings.taps());
    this.#ended = this.#ended.filter((other) => !other.isDone);
    this.#events.ended(thread);
  }

  /** A listen is over: ended threads that were kept for its account can go. */
  forget(listen: number): void {
    for (const thread of this.all) thread.forget(listen);
    this.#ended = this.#ended.filter((thread) => !thread.isDone);
  }

  /** Undoes all in every thread and closes the sessions. */
  async disconnect(): Promise<void> {
    await Promise.all(
      this.reachable.map(async (thread) => thread.link?.leave().catch(() => undefined)),
    );
    this.close();
    for (const thread of this.all) {
      const { reader } = thread;
      thread.reader = undefined;
      reader?.wake();
    }
    this.#byThreadId.clear();
    this.#ended = [];
  }

  /** Closes the sessions at once. */
  close(): void {
    this.#workers?.[Symbol.dispose]();
    this.#workers = undefined;
    this.#main?.close();
    this.#main = undefined;
    this.#channel?.close();
    this.#channel = undefined;
  }
}
