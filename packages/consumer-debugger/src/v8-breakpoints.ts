import type { Subscription } from 'rxjs';
import type { Connection, ThreadInfo } from './internal-types.ts';
import type { BreakpointAnswer, BreakpointRequest, V8Requests } from './v8-requests.ts';

interface Inserted {
  readonly request: BreakpointRequest;
  readonly threads: Set<number>;
}

/**
 * Breakpoints stand in every thread: in those that are there, and in those that come. V8 names a
 * breakpoint after its place, hence by the same id in each thread.
 */
export class V8Breakpoints {
  readonly #connection: Connection;
  readonly #requests: V8Requests;
  readonly #handles: (thread: ThreadInfo) => boolean;
  readonly #inserted = new Map<string, Inserted>();
  readonly #threads: Subscription;

  constructor(
    connection: Connection,
    requests: V8Requests,
    handles: (thread: ThreadInfo) => boolean,
  ) {
    this.#connection = connection;
    this.#requests = requests;
    this.#handles = handles;
    this.#threads = connection.threads$.subscribe(() => this.#follow());
  }

  /** Sets it in every thread; a thread that cannot take it now is tried again when threads change. */
  async add(request: BreakpointRequest): Promise<BreakpointAnswer> {
    const keys = this.#keys();
    const answers = await Promise.allSettled(
      keys.map((key) => this.#requests.setBreakpoint(request, key)),
    );
    const inserted: Inserted = { request, threads: new Set() };
    const taken: BreakpointAnswer[] = [];
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'rejected') continue;
      inserted.threads.add(keys[index] ?? 0);
      taken.push(answer.value);
    }
    const [first] = taken;
    if (first === undefined) {
      const failed = answers.find((answer) => answer.status === 'rejected');
      throw failed?.reason ?? new Error('There is no thread to set a breakpoint in.');
    }
    this.#inserted.set(first.breakpoint, inserted);
    return { ...first, locations: taken.flatMap((answer) => answer.locations ?? []) };
  }

  async remove(id: string): Promise<void> {
    const inserted = this.#inserted.get(id);
    this.#inserted.delete(id);
    await Promise.all(
      [...(inserted?.threads ?? [])]
        .filter((key) => this.#keys().includes(key))
        .map((key) => this.#requests.ask('remove-breakpoint', { breakpoint: id }, key)),
    );
  }

  close(): void {
    this.#threads.unsubscribe();
  }

  #keys(): number[] {
    return this.#connection.threads
      .filter((thread) => this.#handles(thread) && thread.state !== 'ended')
      .map((thread) => thread.key);
  }

  #follow(): void {
    for (const { request, threads } of this.#inserted.values()) {
      for (const key of this.#keys()) {
        if (threads.has(key)) continue;
        threads.add(key);
        // A thread that is being born refuses; the change that completes it tries again.
        this.#requests.setBreakpoint(request, key).catch(() => threads.delete(key));
      }
    }
  }
}
