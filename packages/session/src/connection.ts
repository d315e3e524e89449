import { BehaviorSubject, EMPTY, type Observable, Subject } from 'rxjs';
import {
  type EventTypeDescriptor,
  ExtensionEventError,
  type Subject as EventSubject,
} from '@extension-events/core';
import {
  type ArmFrame,
  type Budget,
  type ByeFrame,
  type DebugMethod,
  type Frame,
  type Grant,
  type HelloFrame,
  type ListenFrame,
  protocolVersion,
  type StopFrame,
  type ThreadInfo,
  type TypeInfo,
} from '@extension-events/protocol';
import type { ScriptSpec } from '@extension-events/script/runtime';
import { watchForStop } from './attach/find-stop.ts';
import { FrameSocket, openSocket } from './frame-socket.ts';
import { Listening, type ListenOptions } from './listening.ts';
import { ProducerLoading } from './producer-loading.ts';
import { RecordStream } from './record-stream.ts';
import { ScriptLink, type TargetScript } from './script-link.ts';
import type { TargetConnection, TargetNotice } from './target-connection.ts';

/** Who connects, and what for. */
export interface ConnectOptions {
  /** What this consumer calls itself, for other users of the process and the audit log. */
  readonly name?: string;
  readonly grants?: readonly Grant[];
  readonly budget?: Budget;
  /** Time for the agent's hello, in milliseconds; 5 000 when left out. */
  readonly timeoutMs?: number;
}

/** A producer that can be loaded into a process: beside its threads, inside them, or both. */
export interface ProducerSource {
  readonly id: string;
  /** URL of its built, self-contained `./inject` file: what stands beside the threads. */
  readonly injectUrl?: string;
  /**
   * URL of its built, self-contained `./thread` file: what runs inside the threads. A producer with one
   * is loaded when one of its names, or a name of its schemes, is first asked for.
   */
  readonly threadUrl?: string;
  /** What it posts; needed of one that is loaded on demand. */
  readonly eventTypes?: readonly EventTypeDescriptor[];
  /** Schemes of the names that it provides on demand: `channel`. */
  readonly schemes?: readonly string[];
}

/** A producer that a host can load. */
export interface HostProducerSource {
  readonly id: string;
  /** URL of the package's `./host` file. */
  readonly hostUrl: string;
  /** What it posts; known beforehand, a host is started only when one of these is asked for. */
  readonly eventTypes?: readonly EventTypeDescriptor[];
  /** Schemes of the names that it provides on demand: `tracepoint`. */
  readonly schemes?: readonly string[];
}

/** How a connection ended: `bye` said by the other side, `closed` by this one, or `lost`. */
export interface ConnectionEnd {
  readonly reason: 'bye' | 'closed' | 'lost';
  readonly bye?: ByeFrame;
  /** Of `lost`: what the other side said was wrong. */
  readonly error?: ExtensionEventError;
}

const closeMs = 1000;

/** One connection to a process's agent, or to its host: threads, event types, listens and stops. */
export class Connection implements TargetConnection {
  readonly #frames: FrameSocket;
  readonly #threads: BehaviorSubject<readonly ThreadInfo[]> = new BehaviorSubject<
    readonly ThreadInfo[]
  >([]);
  readonly #types: BehaviorSubject<readonly TypeInfo[]> = new BehaviorSubject<readonly TypeInfo[]>(
    [],
  );
  readonly #stops: Subject<StopFrame> = new Subject();
  readonly #arms: Subject<ArmFrame> = new Subject();
  readonly #listenings: Map<number, Listening> = new Map();
  readonly #scripts: Map<number, ScriptLink> = new Map();
  #nextScript = 1;
  readonly #byKey: Map<number, ThreadInfo> = new Map();
  readonly #records: RecordStream;
  #producers: ProducerLoading | undefined;
  #hello: HelloFrame | undefined;
  #welcome: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  #nextListen = 1;
  #bye: ByeFrame | undefined;
  #isClosing = false;
  /** Resolves when the connection has ended, for whatever reason. */
  readonly ended: Promise<ConnectionEnd>;
  #end: (end: ConnectionEnd) => void = () => undefined;
  readonly pid: number;

  private constructor(pid: number, socket: Awaited<ReturnType<typeof openSocket>>) {
    this.pid = pid;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#records = new RecordStream(
      pid,
      (key) => this.#byKey.get(key),
      (tid) => this.#threadOf(tid),
    );
    this.#frames = new FrameSocket(
      socket,
      (frame) => this.#receive(frame),
      (error) => this.#closed(error),
    );
  }

  /**
   * Connects to the socket of a process and says hello.
   *
   * @throws ExtensionEventError `EE_CONNECTION_LOST`, `EE_AGENT_SILENT`, `EE_ATTACH_STOPPED`, `EE_PROTOCOL_VERSION`
   */
  static async open(
    pid: number,
    socketPath: string,
    options: ConnectOptions = {},
  ): Promise<Connection> {
    const { name = 'session', grants = [], budget, timeoutMs = 5000 } = options;
    const connection = new Connection(pid, await openSocket(socketPath));
    let timer: NodeJS.Timeout | undefined;
    const welcome = new Promise<void>((resolve, reject) => {
      connection.#welcome = { resolve, reject };
      timer = setTimeout(() => {
        reject(new ExtensionEventError('EE_AGENT_SILENT', `The agent of process ${pid} did not say hello within ${timeoutMs} ms.`, 'Its machine may be overloaded, or a debugger holds it: try again when it runs.')); // prettier-ignore
      }, timeoutMs);
    });
    using _ = watchForStop(pid, socketPath, (error) => connection.#welcome?.reject(error));
    connection.#frames.send({ kind: 'hello', protocol: protocolVersion, role: 'consumer', pid: process.pid, name, grants, ...(budget === undefined ? {} : { budget }) }); // prettier-ignore
    try {
      await welcome;
    } catch (error) {
      connection.#frames.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return connection;
  }

  /** The agent's hello. */
  get hello(): HelloFrame {
    if (this.#hello === undefined) throw new TypeError('not connected yet');
    return this.#hello;
  }

  get threads(): readonly ThreadInfo[] {
    return this.#threads.value;
  }

  // A thread that ended before its last events were read has no entry; a host knows none that has
  // a number of Node's.
  #threadOf(tid: number): EventSubject {
    return (
      this.threads.find((thread) => thread.tid === tid) ?? {
        tid,
        threadId: this.#hello?.role === 'host' ? -1 : 0,
      }
    );
  }

  /** It is to one of them. */
  get sides(): { readonly agent: boolean; readonly host: boolean } {
    const isHost = this.#hello?.role === 'host';
    return { agent: !isHost, host: isHost };
  }

  /** It has none: what goes wrong ends it. */
  get notices$(): Observable<TargetNotice> {
    return EMPTY;
  }

  /** The threads now and at each change. */
  get threads$(): Observable<readonly ThreadInfo[]> {
    return this.#threads;
  }

  get eventTypes(): readonly TypeInfo[] {
    return this.#types.value;
  }

  /** The name space now and at each change. */
  get eventTypes$(): Observable<readonly TypeInfo[]> {
    return this.#types;
  }

  /** Threads that come to stand, and run again. */
  get stops$(): Observable<StopFrame> {
    return this.#stops;
  }

  /** What becomes of the sources of requested types. */
  get arms$(): Observable<ArmFrame> {
    return this.#arms;
  }

  /** Starts a listen; see its `ready` and `items$`. */
  open(options: ListenOptions): Listening {
    const id = this.#nextListen++;
    const listening = new Listening(id, options, {
      request: (frame, onAnswer) => this.#requestListen(frame, onAnswer),
      requestEnd: (frame) => this.#frames.request(frame),
      threadOf: (key) => this.#byKey.get(key),
      attach: (opened) => {
        if (opened.slot >= 0) this.#records.add(opened);
        else this.#records.abandon(); // a catchpoint has no records
      },
      detach: (closed) => {
        this.#records.remove(closed);
        this.#listenings.delete(closed.id);
      },
    });
    this.#listenings.set(id, listening);
    return listening;
  }

  async #requestListen(
    frame: ListenFrame,
    onAnswer: (answer: ListenFrame) => void,
  ): Promise<ListenFrame> {
    await this.#producers?.provideFor(frame.pattern ?? '');
    this.#records.expect();
    try {
      return await this.#frames.request(frame, onAnswer);
    } catch (error) {
      this.#records.abandon();
      throw error;
    }
  }

  /**
   * Makes one debugging request; see the protocol's `debugMethods`.
   *
   * @param thread - key of the thread
   */
  async debug(method: DebugMethod, params: object = {}, thread?: number): Promise<unknown> {
    const frame = {
      kind: 'debug',
      method,
      params: params as Record<string, unknown>,
      ...(thread === undefined ? {} : { thread }),
    } as const;
    return (await this.#frames.request<'debug'>(frame)).result;
  }

  /** Loads a producer into the process, or into its host, once; resolves with what it can post. */
  async loadProducer(
    source: ProducerSource | HostProducerSource,
  ): Promise<readonly EventTypeDescriptor[]> {
    const { id: producer } = source;
    const load = async (url: string, door?: 'thread'): Promise<readonly EventTypeDescriptor[]> => {
      const how = door === undefined ? {} : { door };
      const frame = { kind: 'load-producer', producer, url, ...how } as const;
      return (await this.#frames.request<'load-producer'>(frame)).types ?? [];
    };
    if ('hostUrl' in source) return load(source.hostUrl);
    const { injectUrl, threadUrl } = source;
    // What stands beside the threads may call what runs inside them.
    const inside = threadUrl === undefined ? [] : await load(threadUrl, 'thread');
    return [...inside, ...(injectUrl === undefined ? [] : await load(injectUrl))];
  }

  /**
   * Makes these producers available here: those beside the threads at once, those inside them when
   * they are first asked for.
   */
  async useProducers(
    sources: readonly ProducerSource[],
    onRefused: (id: string, error: ExtensionEventError) => void,
  ): Promise<void> {
    this.#producers = new ProducerLoading(
      sources,
      (source) => this.loadProducer(source),
      onRefused,
    );
    await this.#producers.loadQuiet();
  }

  /** What its producers could post here, were it asked for: not loaded yet. */
  get promisedTypes(): readonly EventTypeDescriptor[] {
    return this.#producers?.promisedTypes ?? [];
  }

  /** Could its producers post under this name, or already do? */
  mayProvide(name: string): boolean {
    return this.#producers?.mayProvide(name) ?? false;
  }

  /** Does one of its producers post this name from inside the threads? */
  isPostedInside(name: string): boolean {
    return this.#producers?.isPostedInside(name) ?? false;
  }

  /**
   * Loads what may post events of these names.
   *
   * @throws ExtensionEventError why the producer of this very name cannot work here
   */
  async provideFor(pattern: string): Promise<void> {
    await this.#producers?.provideFor(pattern);
  }

  /**
   * Runs a script in every thread, until it is removed or the connection ends. Producers that may post
   * what it probes are loaded first.
   *
   * @param patterns - what it probes
   * @throws ExtensionEventError why it cannot run there
   */
  async openScript(spec: ScriptSpec, patterns: readonly string[]): Promise<TargetScript> {
    for (const pattern of patterns) await this.provideFor(pattern);
    const script = this.#nextScript++;
    const link = new ScriptLink(
      (action, data) =>
        this.#frames.request<'script'>({
          kind: 'script',
          script,
          action,
          ...(data === undefined ? {} : { data: data as Record<string, unknown> }),
        }),
      () => void this.#scripts.delete(script),
    );
    this.#scripts.set(script, link);
    try {
      await link.install(spec, patterns);
      return link;
    } catch (error) {
      link.finish();
      throw error;
    }
  }

  /** The agent's own threads in its process. */
  get agentThreads(): readonly ThreadInfo[] {
    return [...this.#byKey.values()].filter(
      (thread) => thread.isAgent === true && thread.state !== 'ended',
    );
  }

  /** Tells a host which threads have an agent of their own. */
  async tellScripted(threads: readonly ThreadInfo[]): Promise<void> {
    await this.#frames.request<'threads'>({ kind: 'threads', threads });
  }

  /**
   * Asks for the name space with its counts as they are now.
   *
   * @param pattern - what may be there under such names is brought in and looked for first
   */
  async refreshEventTypes(pattern?: string): Promise<readonly TypeInfo[]> {
    if (pattern !== undefined) await this.provideFor(pattern);
    const asked = pattern === undefined ? {} : { pattern };
    const { types = [] } = await this.#frames.request<'types'>({ kind: 'types', ...asked });
    this.#types.next(types);
    return types;
  }

  /** Ends the connection; everything it asked for is undone by the agent. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#frames.end();
    // An agent whose process is stopped closes nothing.
    const timer = setTimeout(() => this.#frames.destroy(), closeMs);
    await this.ended;
    clearTimeout(timer);
  }

  #closed(error: ExtensionEventError | undefined): void {
    this.#welcome?.reject(new ExtensionEventError('EE_CONNECTION_LOST', `The agent of process ${this.pid} closed the connection.`, 'See extev ls: the process may have ended.')); // prettier-ignore
    const accounts = this.#bye?.accounts ?? [];
    for (const listening of this.#listenings.values()) listening.finish(accounts.filter((account) => account.listen === listening.id)); // prettier-ignore
    const reason = this.#bye !== undefined ? 'bye' : this.#isClosing ? 'closed' : 'lost';
    this.#end({ reason, ...(this.#bye && { bye: this.#bye }), ...(error && { error }) });
    for (const script of this.#scripts.values()) script.finish();
    this.#stops.complete();
    this.#arms.complete();
    this.#threads.complete();
    this.#types.complete();
  }

  #receive(frame: Frame): void {
    switch (frame.kind) {
      case 'records':
        return this.#records.push(frame);
      case 'loss':
        return this.#listenings.get(frame.listen)?.lose(frame);
      case 'hello':
        this.#hello = frame;
        return undefined;
      case 'threads':
        return this.#mergeThreads(frame.threads);
      case 'types':
        return this.#mergeTypes(frame);
      case 'stop':
        return this.#stops.next(frame);
      case 'arm':
        return this.#arms.next(frame);
      case 'bye':
        this.#bye = frame;
        if (frame.error !== undefined) this.#welcome?.reject(new ExtensionEventError(frame.error.code, frame.error.message, frame.error.hint)); // prettier-ignore
        if (frame.reason === 'exit') this.#frames.end();
        return undefined;
      case 'script':
        if (frame.re === undefined) this.#scripts.get(frame.script ?? 0)?.hear(frame);
        return undefined;
      case 'listen':
      case 'unlisten':
      case 'load-producer':
      case 'debug':
        return undefined; // answers are taken by their requests
      default:
        return frame satisfies never;
    }
  }

  #mergeThreads(changed: readonly ThreadInfo[]): void {
    for (const thread of changed) this.#byKey.set(thread.key, thread);
    this.#threads.next(
      [...this.#byKey.values()].filter(
        (thread) => thread.isAgent !== true && thread.state !== 'ended',
      ),
    );
  }

  #mergeTypes(frame: Extract<Frame, { kind: 'types' }>): void {
    for (const definition of frame.define ?? []) this.#records.define(definition);
    if (frame.types !== undefined) {
      this.#types.next(frame.types);
      this.#welcome?.resolve();
      return;
    }
    const { added = [], removed = [] } = frame;
    if (added.length === 0 && removed.length === 0) return;
    const merged = new Map(this.#types.value.map((type) => [type.descriptor.name, type]));
    for (const name of removed) merged.delete(name);
    for (const type of added) merged.set(type.descriptor.name, type);
    this.#types.next(
      [...merged.values()].toSorted((a, b) => (a.descriptor.name < b.descriptor.name ? -1 : 1)),
    );
  }
}
