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
import {
  type ConnectOptions,
  Connection,
  type HostProducerSource,
  type ProducerSource,
} from './connection.ts';
import { connectHost } from './host/connect-host.ts';
import { findHost } from './host/start-host.ts';
import type { EventItem, LossItem } from './items.ts';
import { JoinAgents } from './join-agents.ts';
import { JoinedConnection } from './joined-connection.ts';
import type { ListenOptions } from './listening.ts';
import { OpenSessionListening, type SessionListening } from './session-listening.ts';
import type { TargetConnection } from './target-connection.ts';

/** How a session looks at the user's processes. */
export interface SessionOptions {
  /** What this consumer calls itself. */
  readonly name?: string;
  /** Producers to load into each process that the session attaches to. */
  readonly producers?: readonly ProducerSource[];
  /** Producers to load into each host that {@link Session.open} connects to. */
  readonly hostProducers?: readonly HostProducerSource[];
  /** Programs that are not Node.js are among `processes$` too. */
  readonly allProcesses?: boolean;
  /** How often to look for processes that came or went, in milliseconds; 1 000 when left out. */
  readonly lookMs?: number;
  /**
   * `agents`: connects by itself to each process that has an agent (or, without one, a host), at the
   * start and as it appears. Never injects. Left out: connects to what it is told to.
   */
  readonly join?: 'agents';
  /** Told when a producer cannot work in a process: its event types are missing from the name space there. */
  readonly onProducerRefused?: (producer: string, pid: number, error: ExtensionEventError) => void;
}

/** How to attach to one process. */
export interface AttachSettings extends Omit<ConnectOptions, 'name'> {
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Which sides of a process to speak to; `auto`: the agent of a Node process, and a host for everything, started when it is first needed. */
export type Sides = 'agent' | 'host' | 'both' | 'auto';

/** How to open one process, whatever it runs. */
export interface OpenSettings extends AttachSettings {
  /** Default `auto`. */
  readonly sides?: Sides;
  /** The agent was preloaded: wait for its socket, and never signal. */
  readonly isPreloaded?: boolean;
  /** Default: those of the session. */
  readonly hostProducers?: readonly HostProducerSource[];
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
  /** Whatever is connected as a whole: connections to agents, and joined ones. */
  readonly #targets: BehaviorSubject<readonly TargetConnection[]> = new BehaviorSubject<
    readonly TargetConnection[]
  >([]);
  /** Processes that somebody is opening just now. */
  readonly #opening: Set<number> = new Set();
  readonly #join: JoinAgents;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @internal Use {@link openSession}. */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.#join = new JoinAgents({
      connect: ({ agent, pid }) =>
        this.#openNew(pid, agent === 'attached' ? { isPreloaded: true } : { sides: 'host' }),
      isTaken: (pid) =>
        this.#opening.has(pid) || this.#targets.value.some((target) => target.pid === pid),
    });
  }

  /** @internal */
  async start(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => {
      void this.#look().catch(() => undefined);
    }, this.#options.lookMs ?? 1000).unref();
  }

  async #look(): Promise<void> {
    const found = await listProcesses({ all: this.#options.allProcesses === true });
    if (this.#isClosed) return;
    this.#processes.next(found);
    if (this.#options.join === 'agents') await this.#join.look(found);
  }

  /** Why processes that have an agent could not be joined, by pid; see {@link SessionOptions.join}. */
  get joinFailures$(): Observable<ReadonlyMap<number, ExtensionEventError>> {
    return this.#join.failures$;
  }

  /** The processes now and at each look; those without an agent are listed, never touched. */
  get processes$(): Observable<readonly ProcessEntry[]> {
    return this.#processes;
  }

  get processes(): readonly ProcessEntry[] {
    return this.#processes.value;
  }

  /** All connected processes, now and at each change: those of `connections$`, and opened ones. */
  get targets$(): Observable<readonly TargetConnection[]> {
    return this.#targets;
  }

  /** The processes that are attached to through their agent, now and at each change. */
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

  #each<T>(
    pick: (connection: TargetConnection) => Observable<readonly T[]>,
  ): Observable<readonly T[]> {
    return this.#targets.pipe(
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
    const { log: _log, signal: _signal, ...connect } = settings;
    return this.connect(pid, await this.#attachAgent(pid, settings), connect);
  }

  async #attachAgent(pid: number, { log, signal, timeoutMs }: AttachSettings): Promise<string> {
    const { socketPath } = await attachAgent(pid, {
      agentThreadFile: agentThreadFile(),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(log === undefined ? {} : { log }),
      ...(signal === undefined ? {} : { signal }),
    });
    return socketPath;
  }

  /**
   * Connects to a process whose agent was preloaded: waits for its socket and never signals.
   *
   * @throws ExtensionEventError `EE_CONNECTION_LOST` when no agent has appeared in time
   */
  async attachPreloaded(pid: number, settings: AttachSettings = {}): Promise<Connection> {
    return this.connect(pid, await waitForAgent(pid, settings.timeoutMs ?? 10_000), settings);
  }

  /**
   * Opens a process of any kind: through an agent, which is injected when there is none, through a
   * host beside it, or through both. One that this session has joined by itself is given as it is,
   * unless more is asked of it: it is not heard twice.
   *
   * @throws ExtensionEventError a code of `sessionErrorCodes`
   */
  async open(pid: number, settings: OpenSettings = {}): Promise<JoinedConnection> {
    const { grants = [], sides = 'auto' } = settings;
    const joined = grants.length === 0 && sides === 'auto' ? await this.#join.find(pid) : undefined;
    if (joined?.sides.agent === true) return joined;
    this.#opening.add(pid);
    try {
      await joined?.close(); // it has a host alone, and nothing is to be heard twice
      return await this.#openNew(pid, settings);
    } finally {
      this.#opening.delete(pid);
    }
  }

  async #openNew(pid: number, settings: OpenSettings): Promise<JoinedConnection> {
    const { sides = 'auto', hostProducers = this.#options.hostProducers ?? [] } = settings;
    const agent = sides === 'host' ? undefined : await this.#openAgent(pid, settings);
    const openHost = (): Promise<Connection> => this.#openHost(pid, settings, hostProducers);
    const joined = new JoinedConnection(pid, agent, { hostProducers, ...(sides === 'agent' ? {} : { openHost }) }); // prettier-ignore
    const isNeeded = sides === 'both' || agent === undefined;
    try {
      // One that is there already costs nothing, and may hear what somebody else posts into it.
      if (isNeeded || (sides === 'auto' && (await isHostThere(pid)))) await joined.startHost();
    } catch (error) {
      if (isNeeded) {
        await joined.close();
        throw error;
      }
    }
    this.#add(this.#targets, joined);
    return joined;
  }

  /** The agent of a process; `undefined` of a program that can have none, unless it was asked for. */
  async #openAgent(pid: number, settings: OpenSettings): Promise<Connection | undefined> {
    const { hostProducers: _producers, isPreloaded, log: _log, sides = 'auto', signal: _signal, ...connect } = settings; // prettier-ignore
    try {
      const path =
        isPreloaded === true
          ? await waitForAgent(pid, settings.timeoutMs ?? 10_000)
          : await this.#attachAgent(pid, settings);
      return await this.#connectAgent(pid, path, connect);
    } catch (error) {
      if (sides === 'auto' && (error as ExtensionEventError).code === 'EE_NOT_NODE')
        return undefined;
      throw error;
    }
  }

  async #openHost(
    pid: number,
    { budget, grants, signal, timeoutMs }: OpenSettings,
    producers: readonly HostProducerSource[],
  ): Promise<Connection> {
    const limit = timeoutMs === undefined ? {} : { timeoutMs };
    const connect = { name: this.#options.name ?? 'session', ...limit, ...(grants === undefined ? {} : { grants }), ...(budget === undefined ? {} : { budget }) }; // prettier-ignore
    const host = await connectHost(pid, connect, { ...limit, ...(signal === undefined ? {} : { signal }) }); // prettier-ignore
    for (const producer of producers) {
      // A producer that does not fit this process leaves its event types out of the name space.
      await host.loadProducer(producer).catch((error: unknown) => {
        this.#options.onProducerRefused?.(producer.id, pid, error as ExtensionEventError);
      });
    }
    return host;
  }

  /** Connects to a socket that exists; `processes` tells where. */
  async connect(
    pid: number,
    socketPath: string,
    options: Omit<ConnectOptions, 'name'> = {},
  ): Promise<Connection> {
    const connection = await this.#connectAgent(pid, socketPath, options);
    this.#add(this.#connections, connection);
    this.#add(this.#targets, connection);
    return connection;
  }

  async #connectAgent(
    pid: number,
    socketPath: string,
    options: Omit<ConnectOptions, 'name'>,
  ): Promise<Connection> {
    const name = this.#options.name ?? 'session';
    const connection = await Connection.open(pid, socketPath, { name, ...options });
    await connection.useProducers(this.#options.producers ?? [], (id, error) =>
      this.#options.onProducerRefused?.(id, pid, error),
    );
    return connection;
  }

  #add<T extends TargetConnection>(list: BehaviorSubject<readonly T[]>, connection: T): void {
    list.next([...list.value, connection]);
    void connection.ended.then(() => list.next(list.value.filter((other) => other !== connection)));
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
      const served = new Set<TargetConnection>();
      const subscription = this.#targets.subscribe((connections) => {
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

  /**
   * The same with an account of each process: what refuses there is told and ends nothing. Listens
   * until it is unlistened or the session is closed.
   *
   * @param filter - only in these
   */
  openListening(
    options: ListenOptions,
    filter?: (target: TargetConnection) => boolean,
  ): SessionListening {
    return new OpenSessionListening(this.#targets, options, filter);
  }

  /** Closes all connections; the processes go on, nothing of ours stays in force. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await Promise.all(this.#targets.value.map((connection) => connection.close()));
    this.#processes.complete();
    this.#connections.complete();
    this.#targets.complete();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function isHostThere(pid: number): Promise<boolean> {
  return (await findHost(pid).catch(() => undefined)) !== undefined;
}

/** Opens a session: a view of all processes of the user that follows changes. Attaches to none by itself. */
export async function openSession(options: SessionOptions = {}): Promise<Session> {
  const session = new Session(options);
  await session.start();
  return session;
}
