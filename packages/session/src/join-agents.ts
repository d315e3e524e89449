import { BehaviorSubject, type Observable } from 'rxjs';
import type { ExtensionEventError } from '@extension-events/core';
import type { ProcessEntry } from './attach/index.ts';
import type { JoinedConnection } from './joined-connection.ts';

/** What joining needs of its session. */
export interface JoinHost {
  /** Connects to what is there: an agent's socket, else a host's. Never injects. */
  connect(entry: ProcessEntry): Promise<JoinedConnection>;
  /** Is it connected already, or about to be, by somebody who asked for it? */
  isTaken(pid: number): boolean;
}

interface Joined {
  readonly startTime: number;
  readonly hasAgent: boolean;
  readonly connecting: Promise<JoinedConnection | undefined>;
  /** When it was refused, on `performance.now()`'s clock. */
  refusedAtMs?: number;
}

// Somebody who refuses is asked again after a while: an agent may have been too busy.
const againMs = 5000;

/** Connects to each process that is observed by anybody, now and as it appears. */
export class JoinAgents {
  readonly #host: JoinHost;
  readonly #joined: Map<number, Joined> = new Map();
  readonly #failures: BehaviorSubject<ReadonlyMap<number, ExtensionEventError>> =
    new BehaviorSubject<ReadonlyMap<number, ExtensionEventError>>(new Map());

  constructor(host: JoinHost) {
    this.#host = host;
  }

  /** Why processes that have an agent could not be joined, by pid. */
  get failures$(): Observable<ReadonlyMap<number, ExtensionEventError>> {
    return this.#failures;
  }

  /** The connection of a process that is joined, or being joined. */
  find(pid: number): Promise<JoinedConnection | undefined> | undefined {
    return this.#joined.get(pid)?.connecting;
  }

  /** Looks at what there is; resolves when all that were not joined before have answered. */
  async look(processes: readonly ProcessEntry[], nowMs: number = performance.now()): Promise<void> {
    const byPid = new Map(processes.map((entry) => [entry.pid, entry]));
    for (const [pid, { startTime }] of this.#joined)
      if (byPid.get(pid)?.startTime !== startTime) this.#forget(pid);
    await Promise.all(
      processes.filter((entry) => this.#isNew(entry, nowMs)).map((entry) => this.#join(entry)),
    );
  }

  #isNew({ agent, hostSocketPath, pid }: ProcessEntry, nowMs: number): boolean {
    const hasAgent = agent === 'attached';
    if (pid === process.pid || (!hasAgent && hostSocketPath === undefined)) return false;
    const known = this.#joined.get(pid);
    if (known === undefined) return !this.#host.isTaken(pid);
    if (known.refusedAtMs !== undefined) return nowMs - known.refusedAtMs >= againMs;
    return hasAgent && !known.hasAgent; // its host was joined before anybody attached
  }

  async #join(entry: ProcessEntry): Promise<void> {
    const { agent, pid, startTime } = entry;
    const before = this.#joined.get(pid)?.connecting;
    const joined: Joined = {
      startTime,
      hasAgent: agent === 'attached',
      connecting: this.#connect(entry, before).catch((error: unknown) => {
        joined.refusedAtMs = performance.now();
        if (this.#joined.get(pid) === joined) this.#tell(pid, error as ExtensionEventError);
        return undefined;
      }),
    };
    this.#joined.set(pid, joined);
    const connection = await joined.connecting;
    if (connection === undefined) return;
    this.#tell(pid, undefined);
    void this.#forgetAtEnd(pid, joined, connection);
  }

  async #forgetAtEnd(pid: number, joined: Joined, connection: JoinedConnection): Promise<void> {
    await connection.ended;
    if (this.#joined.get(pid) === joined) this.#joined.delete(pid);
  }

  async #connect(
    entry: ProcessEntry,
    before: Promise<JoinedConnection | undefined> | undefined,
  ): Promise<JoinedConnection> {
    await (await before)?.close();
    return this.#host.connect(entry);
  }

  #forget(pid: number): void {
    this.#joined.delete(pid);
    this.#tell(pid, undefined);
  }

  #tell(pid: number, error: ExtensionEventError | undefined): void {
    const failures = new Map(this.#failures.value);
    const isNews = failures.get(pid)?.code !== error?.code;
    if (error === undefined) failures.delete(pid);
    else failures.set(pid, error);
    if (isNews) this.#failures.next(failures);
  }
}
