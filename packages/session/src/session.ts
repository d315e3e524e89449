import {
  BehaviorSubject,
  combineLatest,
  map,
  type Observable,
  of,
  Observable as RxObservable,
  switchMap,
} from 'rxjs';
import type { ExtensionEventError } from '@extension-events/core';
import type { ThreadInfo, TypeInfo } from '@extension-events/protocol';
import { agentThreadFile } from './agent-files.ts';
import { attachAgent, listProcesses, waitForAgent, type ProcessEntry } from './attach/index.ts';
import { type ConnectOptions, Connection, type ProducerSource } from './connection.ts';
import type { EventItem, LossItem } from './items.ts';
import type { ListenOptions } from './listening.ts';

/** How a session looks at the user's processes. */
export interface SessionOptions {
  /** What this consumer calls itself. */
  readonly name?: string;
  /** Producers to load into each process that the session attaches to. */
  readonly producers?: readonly ProducerSource[];
  /** How often to look for processes that came or went, in milliseconds; 1 000 when left out. */
  readonly lookMs?: number;
  /** Told when a producer cannot work in a process: its event types are missing from the name space there. */
  readonly onProducerRefused?: (producer: string, pid: number, error: ExtensionEventError) => void;
}

/** How to attach to one process. */
export interface AttachSettings extends Omit<ConnectOptions, 'name'> {
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** All processes of the user, and connections to those that are attached. */
export class Session {
  readonly #options: SessionOptions;
  readonly #processes: BehaviorSubject<readonly ProcessEntry[]> = new BehaviorSubject<
    readonly ProcessEntry[]
  >([]);
  readonly #connections: BehaviorSubject<readonly Connection[]> = new BehaviorSubject<
    readonly Connection[]
  >([]);
  #timer: NodeJS.Timeout | undefined;

  /** @internal Use {@link openSession}. */
  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** @internal */
  async start(): Promise<void> {
    this.#processes.next(await listProcesses());
    this.#timer = setInterval(() => {
      void listProcesses()
        .then((found) => this.#processes.next(found))
        .catch(() => undefined);
    }, this.#options.lookMs ?? 1000).unref();
  }

  /** The processes now and at each look; those without an agent are listed, never touched. */
  get processes$(): Observable<readonly ProcessEntry[]> {
    return this.#processes;
  }

  get processes(): readonly ProcessEntry[] {
    return this.#processes.value;
  }

  /** The connected processes, now and at each change. */
  get connections$(): Observable<readonly Connection[]> {
    return this.#connections;
  }

  /** The threads of all connected processes. */
  get threads$(): Observable<readonly (ThreadInfo & { readonly pid: number })[]> {
    return this.#each((connection) =>
      connection.threads$.pipe(
        map((threads) => threads.map((thread) => ({ ...thread, pid: connection.pid }))),
      ),
    );
  }

  /** The name spaces of all connected processes. */
  get eventTypes$(): Observable<readonly (TypeInfo & { readonly pid: number })[]> {
    return this.#each((connection) =>
      connection.eventTypes$.pipe(
        map((types) => types.map((type) => ({ ...type, pid: connection.pid }))),
      ),
    );
  }

  #each<T>(pick: (connection: Connection) => Observable<readonly T[]>): Observable<readonly T[]> {
    return this.#connections.pipe(
      switchMap((all) =>
        all.length === 0 ? of([]) : combineLatest(all.map(pick)).pipe(map((lists) => lists.flat())),
      ),
    );
  }

  /**
   * Attaches to a process, injecting the agent when it has none, and loads the session's producers.
   *
   * @throws ExtensionEventError a code of `sessionErrorCodes`
   */
  async attach(pid: number, settings: AttachSettings = {}): Promise<Connection> {
    const { log, signal, ...connect } = settings;
    const { socketPath } = await attachAgent(pid, {
      agentThreadFile: agentThreadFile(),
      ...(settings.timeoutMs === undefined ? {} : { timeoutMs: settings.timeoutMs }),
      ...(log === undefined ? {} : { log }),
      ...(signal === undefined ? {} : { signal }),
    });
    return this.connect(pid, socketPath, connect);
  }

  /**
   * Connects to a process whose agent was preloaded: waits for its socket and never signals.
   *
   * @throws ExtensionEventError `EE_CONNECTION_LOST` when no agent has appeared in time
   */
  async attachPreloaded(pid: number, settings: AttachSettings = {}): Promise<Connection> {
    return this.connect(pid, await waitForAgent(pid, settings.timeoutMs ?? 10_000), settings);
  }

  /** Connects to a socket that exists; `processes` tells where. */
  async connect(
    pid: number,
    socketPath: string,
    options: Omit<ConnectOptions, 'name'> = {},
  ): Promise<Connection> {
    const connection = await Connection.open(pid, socketPath, {
      name: this.#options.name ?? 'session',
      ...options,
    });
    for (const producer of this.#options.producers ?? []) {
      // A producer that does not fit this process leaves its event types out of the name space.
      await connection.loadProducer(producer).catch((error: unknown) => {
        this.#options.onProducerRefused?.(producer.id, pid, error as ExtensionEventError);
      });
    }
    this.#connections.next([...this.#connections.value, connection]);
    void connection.ended.then(() => this.#connections.next(this.#connections.value.filter((other) => other !== connection))); // prettier-ignore
    return connection;
  }

  /**
   * Events of all connected processes, present and future, whose name matches. Cold: each
   * subscription listens, unsubscribing unlistens. Losses come in band, unless `onLoss` takes them.
   */
  listen(
    pattern: string,
    options: Omit<ListenOptions, 'pattern' | 'catch'> & { onLoss?: (loss: LossItem) => void } = {},
  ): Observable<EventItem> {
    const { onLoss, ...rest } = options;
    return new RxObservable<EventItem>((subscriber) => {
      const served = new Set<Connection>();
      const subscription = this.#connections.subscribe((connections) => {
        for (const connection of connections) {
          if (served.has(connection)) continue;
          served.add(connection);
          const listening = connection.open({ pattern, ...rest });
          subscription.add(() => void listening.unlisten());
          subscription.add(
            listening.items$.subscribe({
              next: (item) => (item.kind === 'event' ? subscriber.next(item) : onLoss?.(item)),
              error: (error) => subscriber.error(error),
            }),
          );
        }
      });
      return subscription;
    });
  }

  /** Closes all connections; the processes go on, nothing of ours stays in force. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#connections.value.map((connection) => connection.close()));
    this.#processes.complete();
    this.#connections.complete();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Opens a session: a view of all processes of the user that follows changes. Attaches to none by itself. */
export async function openSession(options: SessionOptions = {}): Promise<Session> {
  const session = new Session(options);
  await session.start();
  return session;
}
