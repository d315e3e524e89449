import { setTimeout as delay } from 'node:timers/promises';
import { BehaviorSubject, type Observable, ReplaySubject, Subject } from 'rxjs';
import { ExtensionEventError } from '@extension-events/core';
import type { ArmFrame, DebugMethod, HelloFrame, StopCause, StopFrame, ThreadInfo, TypeInfo, Verdict } from '@extension-events/protocol'; // prettier-ignore
import type { Connection, ConnectionEnd, HostProducerSource } from './connection.ts';
import type { LossItem } from './items.ts';
import { connectionLost } from './frame-socket.ts';
import { JoinedListening } from './joined-listening.ts';
import { chooseSides, isNamed, type Reach } from './joined-routing.ts';
import { JoinedScript } from './joined-script.ts';
import { JoinedStops } from './joined-stops.ts';
import type { ScriptSpec } from '@extension-events/script/runtime';
import type { TargetScript } from './script-link.ts';
import { JoinedThreads } from './joined-threads.ts';
import { joinTypes } from './joined-types.ts';
import type { ListenOptions } from './listening.ts';
import type { RecordBatch } from './record-batch.ts';
import type { Side, TargetConnection, TargetListening, TargetNotice } from './target-connection.ts';

/** How a joined connection comes to its host. */
export interface JoinSettings {
  /** Finds the host of the process, or starts it, and connects; left out: there is to be none. */
  readonly openHost?: () => Promise<Connection>;
  /** What the host will be able to post. */
  readonly hostProducers: readonly HostProducerSource[];
}

// After the end of an agent, its process's host has so long to tell the rest.
const restMs = 3000;

/** One process through its agent and its host, as one connection; either may be missing. */
export class JoinedConnection implements TargetConnection {
  readonly pid: number;
  /** Resolves when the process has ended, or the connection to all that served it. */
  readonly ended: Promise<ConnectionEnd>;
  readonly #settings: JoinSettings;
  readonly #joined: JoinedThreads = new JoinedThreads();
  readonly #stopping: JoinedStops;
  readonly #threads: BehaviorSubject<readonly ThreadInfo[]> = new BehaviorSubject<
    readonly ThreadInfo[]
  >([]);
  readonly #types: BehaviorSubject<readonly TypeInfo[]> = new BehaviorSubject<readonly TypeInfo[]>(
    [],
  );
  readonly #stops: Subject<StopFrame> = new Subject();
  readonly #arms: Subject<ArmFrame> = new Subject();
  readonly #notices: ReplaySubject<TargetNotice> = new ReplaySubject();
  readonly #listenings: Map<number, JoinedListening> = new Map();
  /** `side:number` of a part → its listen. */
  readonly #parts: Map<string, JoinedListening> = new Map();
  readonly #connections: Map<Side, Connection> = new Map();
  #hello: HelloFrame | undefined;
  #opening: Promise<void> | undefined;
  #hostRefusal: ExtensionEventError | undefined;
  #isLeftToDebugger = false;
  #nextListen = 1;
  #isClosing = false;
  #isOver = false;
  #agentEnd: ConnectionEnd | undefined;
  /** Listens that will open their part on the host themselves. */
  readonly #awaitingHost: Set<JoinedListening> = new Set();
  #resolveEnded: (end: ConnectionEnd) => void = () => undefined;

  /** @internal Made by {@link Session.open}. */
  constructor(pid: number, agent: Connection | undefined, settings: JoinSettings) {
    this.pid = pid;
    this.#settings = settings;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#stopping = new JoinedStops({
      threads: this.#joined,
      agent: () => this.#connections.get('agent'),
      host: () => this.#connections.get('host'),
      publish: (frame) => this.#stops.next(frame),
    });
    if (agent !== undefined) this.#adopt('agent', agent);
  }

  get hello(): HelloFrame {
    if (this.#hello === undefined) throw new TypeError('not connected yet');
    return this.#hello;
  }

  get threads(): readonly ThreadInfo[] {
    return this.#threads.value;
  }

  /** The threads now and at each change, each once, whoever serves it. */
  get threads$(): Observable<readonly ThreadInfo[]> {
    return this.#threads;
  }

  get eventTypes(): readonly TypeInfo[] {
    return this.#types.value;
  }

  get eventTypes$(): Observable<readonly TypeInfo[]> {
    return this.#types;
  }

  get stops$(): Observable<StopFrame> {
    return this.#stops;
  }

  get arms$(): Observable<ArmFrame> {
    return this.#arms;
  }

  get notices$(): Observable<TargetNotice> {
    return this.#notices;
  }

  get sides(): { readonly agent: boolean; readonly host: boolean } {
    return { agent: this.#connections.has('agent'), host: this.#connections.has('host') };
  }

  // ---- sides come and go

  /**
   * Connects to the host, starting it when there is none; a second call shares the first.
   *
   * @throws ExtensionEventError why there can be none
   */
  async startHost(): Promise<void> {
    if (this.#connections.has('host')) return;
    this.#opening ??= this.#openHost().finally(() => {
      this.#opening = undefined;
    });
    await this.#opening;
  }

  async #openHost(): Promise<void> {
    try {
      const host = await this.#settings.openHost?.();
      if (host === undefined) throw noHost(this.pid);
      if (this.#isClosing || this.#isOver) {
        await host.close();
        throw noHost(this.pid);
      }
      this.#hostRefusal = undefined;
      this.#adopt('host', host);
    } catch (error) {
      const refusal = error as ExtensionEventError;
      const isNews = this.#hostRefusal?.code !== refusal.code;
      this.#hostRefusal = refusal;
      if (isNews && this.sides.agent && !this.#isClosing) this.#notices.next({ kind: 'host-refused', error: refusal }); // prettier-ignore
      this.#showTypes();
      throw error;
    }
  }

  #adopt(side: Side, connection: Connection): void {
    this.#connections.set(side, connection);
    if (side === 'agent' || this.#hello === undefined) this.#hello = connection.hello;
    // The threads come first: everything else names them.
    connection.threads$.subscribe((threads) => {
      this.#joined.update(side, threads);
      this.#threads.next(this.#joined.all);
      if (side === 'agent') this.#tellScripted();
    });
    connection.eventTypes$.subscribe(() => this.#showTypes());
    connection.arms$.subscribe((frame) => this.#onArm(side, frame));
    connection.stops$.subscribe((frame) => this.#onStop(side, frame));
    void connection.ended.then((end) => this.#sideEnded(side, end));
    if (side !== 'host') return;
    this.#tellScripted();
    if (this.#isLeftToDebugger) void connection.debug('leave-to-debugger', { isLeft: true }).catch(() => undefined); // prettier-ignore
    this.#openLateParts();
  }

  #tellScripted(): void {
    const agent = this.#connections.get('agent');
    const host = this.#connections.get('host');
    if (agent !== undefined) void host?.tellScripted([...agent.threads, ...agent.agentThreads]).catch(() => undefined); // prettier-ignore
  }

  #showTypes(): void {
    if (this.#isOver) return;
    const view = (side: Side) => {
      const connection = this.#connections.get(side);
      if (connection === undefined) return undefined;
      return {
        types: connection.eventTypes,
        keyOf: (key: number) => this.#joined.keyOf(side, key),
      };
    };
    const [agent, host] = [view('agent'), view('host')];
    const isPromised = host === undefined && this.#canStartHost;
    this.#types.next(
      joinTypes(
        { ...(agent === undefined ? {} : { agent }), ...(host === undefined ? {} : { host }) },
        [
          ...(isPromised
            ? this.#settings.hostProducers.flatMap(({ eventTypes = [] }) => eventTypes)
            : []),
          ...(this.#connections.get('agent')?.promisedTypes ?? []),
        ],
      ),
    );
  }

  get #canStartHost(): boolean {
    return this.#settings.openHost !== undefined && this.#hostRefusal === undefined;
  }

  async #sideEnded(side: Side, end: ConnectionEnd): Promise<void> {
    this.#connections.delete(side);
    const other = this.#connections.get(side === 'agent' ? 'host' : 'agent');
    if (other !== undefined && side === 'host') {
      this.#forgetSide('host');
      if (!this.#isClosing && end.bye?.reason !== 'exit')
        this.#notices.next({ kind: 'host-lost', error: hostLost(this.pid) });
      return;
    }
    // The agent knows best how the process ended.
    if (side === 'agent') this.#agentEnd = end;
    if (other !== undefined) {
      // The process has ended, most likely: the host tells what it still has, and says goodbye.
      await Promise.race([other.ended, delay(restMs, undefined, { ref: false })]);
      await other.close();
    }
    this.#finish(this.#agentEnd ?? end);
  }

  #forgetSide(side: Side): void {
    this.#joined.clear(side);
    this.#threads.next(this.#joined.all);
    this.#showTypes();
  }

  #finish(end: ConnectionEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#resolveEnded(end);
    for (const subject of [this.#stops, this.#arms, this.#threads, this.#types, this.#notices])
      subject.complete();
  }

  // ---- listens

  open(options: ListenOptions): TargetListening {
    const id = this.#nextListen++;
    const listening = new JoinedListening(
      id,
      options,
      {
        keyOf: (side, key) => this.#joined.keyOf(side, key),
        place: (side, item) => this.#place(side, item),
        mayServe: (side, pattern) =>
          isNamed(pattern, this.#connections.get(side)?.eventTypes ?? []),
        refused: (error) => this.#notices.next({ kind: 'part-refused', error: error as ExtensionEventError }), // prettier-ignore
        ended: (over) => this.#forgetListen(over),
      },
      (opened) => this.#start(opened),
    );
    if (!listening.isOver) this.#listenings.set(id, listening);
    return listening;
  }

  async openScript(spec: ScriptSpec, patterns: readonly string[]): Promise<TargetScript> {
    const sides = new Set(patterns.flatMap((pattern) => chooseSides({ pattern }, this.#reach())));
    if (sides.size === 0) sides.add(this.#connections.has('agent') ? 'agent' : 'host');
    if (sides.has('host')) await this.startHost();
    const parts: TargetScript[] = [];
    try {
      for (const side of sides) {
        const connection = this.#connections.get(side);
        if (connection === undefined) throw noHost(this.pid);
        parts.push(await connection.openScript(spec, patterns));
      }
      return new JoinedScript(parts);
    } catch (error) {
      await Promise.all(parts.map((part) => part.remove()));
      throw error;
    }
  }

  #forgetListen(listening: JoinedListening): void {
    this.#listenings.delete(listening.id);
    for (const [key, other] of this.#parts) if (other === listening) this.#parts.delete(key);
  }

  #start(listening: JoinedListening): Promise<void> | undefined {
    if (this.#isClosing || this.#isOver) return Promise.reject(connectionLost('it is closed'));
    const sides = chooseSides(listening.options, this.#reach());
    for (const side of sides)
      if (this.#connections.has(side)) listening.add(side, this.#openPart(side, listening));
    if (!sides.includes('host') || this.#connections.has('host')) return undefined;
    const isServed = sides.length > 1;
    // What was refused is tried again only where nobody else can serve.
    if (isServed && this.#hostRefusal !== undefined) return undefined;
    return this.#startWithHost(listening, isServed);
  }

  async #startWithHost(listening: JoinedListening, isServed: boolean): Promise<void> {
    this.#awaitingHost.add(listening);
    try {
      await this.startHost();
    } catch (error) {
      if (!isServed) throw error;
      return;
    } finally {
      this.#awaitingHost.delete(listening);
    }
    if (!listening.has('host')) listening.add('host', this.#openPart('host', listening));
  }

  #openPart(side: Side, listening: JoinedListening): ReturnType<Connection['open']> {
    const connection = this.#connections.get(side);
    if (connection === undefined) throw noHost(this.pid);
    const { thread, ...rest } = listening.options;
    const tid = side === 'host' ? this.#threadOf(thread)?.info.tid : undefined;
    const name = tid === undefined ? thread : `tid:${tid}`;
    const part = connection.open({ ...rest, ...(name === undefined ? {} : { thread: name }) });
    this.#parts.set(`${side}:${part.id}`, listening);
    return part;
  }

  // The host has come: listens that wait for names, or for anything, are its too.
  #openLateParts(): void {
    for (const listening of this.#listenings.values()) {
      if (listening.isOver || listening.has('host') || this.#awaitingHost.has(listening)) continue;
      if (chooseSides(listening.options, this.#reach()).includes('host'))
        void listening.addLate('host', this.#openPart('host', listening));
    }
  }

  #reach(): Reach {
    return {
      agent: this.#connections.get('agent')?.eventTypes,
      host: this.#connections.get('host')?.eventTypes,
      mayProvide: (name) => this.#connections.get('agent')?.mayProvide(name) === true,
      isPostedInside: (name) => this.#connections.get('agent')?.isPostedInside(name) === true,
      canStartHost: this.#settings.openHost !== undefined,
      hostProducers: this.#settings.hostProducers,
      threadOf: (name) => this.#threadOf(name),
    };
  }

  #threadOf(name: string | undefined): { info: ThreadInfo; isScripted: boolean } | undefined {
    if (name === undefined) return undefined;
    const tid = /^tid:(\d+)$/.exec(name)?.[1];
    const info =
      tid === undefined
        ? this.threads.find((thread) => String(thread.threadId) === name)
        : this.#joined.byTid(Number(tid));
    if (info === undefined) return undefined;
    return { info, isScripted: this.#joined.sideKey('agent', info.key) !== undefined };
  }

  // The host knows tids only.
  #place(side: Side, item: RecordBatch | LossItem): RecordBatch | LossItem {
    if (side === 'agent') return item;
    const place = <S extends { tid: number; threadId: number }>(subject: S): S => {
      const threadId = this.#joined.byTid(subject.tid)?.threadId ?? subject.threadId;
      return threadId === subject.threadId ? subject : { ...subject, threadId };
    };
    return item.kind === 'loss' ? place(item) : item.placed(place);
  }

  #numbersOf(side: Side, numbers: readonly number[]): number[] {
    return numbers.flatMap((number) => this.#parts.get(`${side}:${number}`)?.id ?? []);
  }

  #onArm(side: Side, frame: ArmFrame): void {
    const listening = this.#parts.get(`${side}:${frame.listen}`);
    if (listening !== undefined) this.#arms.next({ ...frame, listen: listening.id });
  }

  // ---- stops

  #onStop(side: Side, frame: StopFrame): void {
    const { cause } = frame;
    const joined: StopFrame = {
      ...frame,
      thread: this.#joined.keyOf(side, frame.thread),
      ...(cause === undefined ? {} : { cause: this.#causeOf(side, cause) }),
    };
    if (cause?.type === 'event') this.#useUp(side, cause.listens);
    if (side === 'agent') this.#stopping.fromAgent(joined);
    else this.#stopping.fromHost(joined);
  }

  #causeOf(side: Side, cause: StopCause): StopCause {
    if (cause.type !== 'event') return cause;
    return { ...cause, listens: this.#numbersOf(side, cause.listens) };
  }

  // A temporary catchpoint stops once, on whichever side.
  #useUp(side: Side, numbers: readonly number[]): void {
    const other = side === 'agent' ? 'host' : 'agent';
    for (const number of numbers) {
      const listening = this.#parts.get(`${side}:${number}`);
      if (listening?.options.catch?.temporary === true) void listening.drop(other);
    }
  }

  async bringToScript(thread: number, cause: StopCause): Promise<void> {
    await this.#stopping.bringToScript(thread, cause);
  }

  async debug(
    method: DebugMethod,
    params: object = {},
    thread?: number,
    side: Side = this.#sideFor(method, thread),
  ): Promise<unknown> {
    if (method === 'leave-to-debugger') this.#isLeftToDebugger = (params as { isLeft?: boolean }).isLeft !== false; // prettier-ignore
    const connection = this.#connections.get(side);
    if (connection === undefined) return withoutSide(this.pid, method, side);
    const key = this.#joined.sideKey(side, thread);
    if (thread !== undefined && key === undefined) throw threadUnknown(thread);
    const result = await connection.debug(method, params, key);
    return method === 'verdict' ? this.#verdict(result as Verdict) : result;
  }

  #sideFor(method: DebugMethod, thread: number | undefined): Side {
    if (method === 'verdict' || method === 'leave-to-debugger') return 'host';
    if (thread === undefined) return this.#connections.has('agent') ? 'agent' : 'host';
    return this.#joined.sideKey('agent', thread) === undefined ? 'host' : 'agent';
  }

  #verdict({ caught, isOurs }: Verdict): Verdict {
    if (caught === null) return { caught, isOurs };
    this.#useUp('host', caught.listens);
    return { caught: { ...caught, listens: this.#numbersOf('host', caught.listens) }, isOurs };
  }

  // ---- the rest

  /** Asks for the name space with its counts as they are now. */
  async refreshEventTypes(pattern?: string): Promise<readonly TypeInfo[]> {
    await Promise.all(
      Array.from(this.#connections.values(), (connection) => connection.refreshEventTypes(pattern)),
    );
    return this.eventTypes;
  }

  /** Ends the connection; everything it asked for is undone on both sides. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#opening?.catch(() => undefined);
    await Promise.all(Array.from(this.#connections.values(), (connection) => connection.close()));
    this.#finish({ reason: 'closed' });
    await this.ended;
  }
}

function withoutSide(pid: number, method: DebugMethod, side: Side): unknown {
  // Nobody but a host sends such signals, or traces threads.
  if (method === 'verdict') return { caught: null, isOurs: false } satisfies Verdict;
  if (method === 'leave-to-debugger') return {};
  throw side === 'host' ? noHost(pid) : new ExtensionEventError('EE_NOT_NODE', `Process ${pid} has no agent to serve ${method}.`, 'Threads outside JavaScript are held by a native debugger.'); // prettier-ignore
}

function noHost(pid: number): ExtensionEventError {
  return new ExtensionEventError('EE_HOST_START', `There is no host beside process ${pid}.`, 'It is started by the first listen that needs it, unless the connection is to the agent alone.'); // prettier-ignore
}

function hostLost(pid: number): ExtensionEventError {
  return new ExtensionEventError('EE_CONNECTION_LOST', `The host beside process ${pid} has ended; the process goes on.`, 'What it served has ended with it; the next listen starts another one.'); // prettier-ignore
}

function threadUnknown(key: number): ExtensionEventError {
  return new ExtensionEventError('EE_THREAD_UNKNOWN', `There is no running thread with key ${key}.`, 'Ask for the threads again: it may have ended.'); // prettier-ignore
}
