/**
 * The host of one process: serves a socket like an agent's for the producers that run outside their
 * subject, keeps their sources in step with what the connected consumers ask for, and undoes
 * everything when they leave.
 */
import { rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import { getRegistry, type Registry, type StoppingEvent } from '@extension-events/core';
import { createRingBuffer, RingReader } from '@extension-events/core/ring';
import type { LinuxHost } from '@extension-events/platform-linux';
import { type ByeFrame, type DebugFrame, type Frame, type HelloFrame, type ListenFrame, protocolVersion, type ThreadsFrame, type TypeInfo } from '@extension-events/protocol'; // prettier-ignore
import { audit, checkCatchGrant, checkDebugGrants, checkHello, compareTypes, Consumer, type Fault, helloNeeded, mergeTypes, notServed, Producers, Pump, RecordedThread, serveSocket } from '@extension-events/protocol/server'; // prettier-ignore
import type { HolderFactory } from './holder.ts';
import { HostedLinux } from './hosted-linux.ts';
import { HostListens } from './host-listens.ts';
import { HostScripts } from './host-scripts.ts';
import { KernelFilters } from './kernel-filters.ts';
import { NativeStops } from './native-stops.ts';
import { NativeThreads } from './native-threads.ts';
import { ScriptHolds } from './script-holds.ts';
import { ScriptedThreads } from './scripted-threads.ts';
import { noSuchMethod } from './errors.ts';

/** What a host is told at its start. */
export interface HostSettings {
  readonly socketPath: string;
  readonly linux: LinuxHost;
  /** The watched program, for people. */
  readonly name: string;
  readonly runtime: string;
  /** How long it waits for its first consumer, and for another one after its last. */
  readonly startMs?: number;
  readonly idleMs?: number;
  readonly ringBytes?: number;
  /** Left out: threads cannot be held here. */
  readonly createHolder?: HolderFactory;
}

// A consumer may be slow to take what is left; the process that all this is about has ended, or goes on.
const flushMs = 20_000;
const posterKey = 1;
const defaultStartMs = 10_000;
const defaultIdleMs = 1000;
// Records of a whole run of samples: nothing reads them while the run lasts.
const defaultRingBytes = 4 * 1024 * 1024;
const fault: Fault = {
  code: 'EE_HOST_FAULT',
  hint: 'This is a fault of the host process; the watched program goes on. Please report it.',
};

export class Host {
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
  readonly #settings: HostSettings;
  readonly #registry: Registry = getRegistry();
  readonly #poster: RecordedThread = new RecordedThread(posterKey);
  readonly #ringBytes: number;
  readonly #consumers: Set<Consumer> = new Set();
  readonly #scripted: ScriptedThreads = new ScriptedThreads();
  readonly #threads: NativeThreads;
  readonly #listens: HostListens;
  readonly #scripts: HostScripts;
  readonly #stops: NativeStops;
  readonly #holds: ScriptHolds;
  readonly #pump: Pump;
  readonly #producers: Producers<LinuxHost>;
  #server: Server | undefined;
  #nextConsumer = 1;
  #types: readonly TypeInfo[] = [];
  #isRefreshing = false;
  #idle: NodeJS.Timeout | undefined;
  #isEnding = false;
  #resolveEnded: () => void = () => undefined;

  constructor(settings: HostSettings) {
    this.#settings = settings;
    this.#ringBytes = settings.ringBytes ?? defaultRingBytes;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    const { linux } = settings;
    const registry = this.#registry;
    const self = { ...registry.subject, key: posterKey, name: 'extension-events', state: 'running', isAgent: true } as const; // prettier-ignore
    this.#threads = new NativeThreads(linux, self, (threads) => this.#threadsChanged(threads));
    this.#stops = new NativeStops({
      rearm: (tid) => linux.perf.rearm(tid),
      drain: () => linux.perf.drain(),
      setHeld: (tid, heldBy) => this.#threads.setHeld(tid, heldBy),
    });
    const hosted = new HostedLinux(
      linux,
      (tid) => this.#scripted.has(tid) || this.#scripted.isAgent(tid),
      {
        signalled: (tid, post) => this.#stops.signalled(tid, post),
        relieve: () => this.#relieve(),
      },
    );
    this.#producers = new Producers<LinuxHost>(registry, hosted, "It must be the file of the package's door ./host, readable by this user."); // prettier-ignore
    this.#listens = new HostListens({
      registry,
      poster: this.#poster,
      fault,
      filters: new KernelFilters(),
      isConnected: (consumer) => this.#consumers.has(consumer) && !this.#isEnding,
      provide: (name) => this.#producers.provide(name),
      findTid: (thread) => this.#threads.findTid(thread),
      drain: () => linux.perf.drain(),
      pump: () => void this.#pump.drain(this.#poster),
    });
    this.#scripts = new HostScripts({
      registry,
      provide: (name) => this.#producers.provide(name),
      isConnected: (consumer) => this.#consumers.has(consumer) && !this.#isEnding,
      drain: () => linux.perf.drain(),
    });
    this.#pump = new Pump(this.#listens.book, () => this.#consumers);
    const wanted = (): number[] => this.#scriptedCatches();
    this.#holds = new ScriptHolds({ stops: this.#stops, threads: this.#threads, wanted, fault: (error) => this.#fault(error) }, settings.createHolder); // prettier-ignore
    this.#begin();
  }

  #begin(): void {
    const registry = this.#registry;
    registry.setRing(createRingBuffer(this.#ringBytes));
    registry.watched = {
      pid: this.#settings.linux.pid,
      nameOf: (tid) => this.#threads.nameOf(tid),
    };
    registry.onStop = (catchIds, event) => this.#onStop(catchIds, event);
    registry.onTypesChanged = () => {
      this.#listens.typesChanged();
      this.#refreshTypes();
    };
    this.#poster.reader = new RingReader(registry.ring as SharedArrayBuffer);
    this.#types = this.#describeTypes();
    void this.#pump.serve(this.#poster);
  }

  /**
   * Listens on the socket; the directory exists and is trusted already.
   *
   * @returns false when another host of this process serves it
   */
  async serve(): Promise<boolean> {
    this.#server = await serveSocket(this.#settings.socketPath, (socket) => this.#accept(socket));
    if (this.#server === undefined) {
      this.#undo();
      return false;
    }
    this.#endWhenIdle(this.#settings.startMs ?? defaultStartMs);
    return true;
  }

  // ---- consumers come and go

  #accept(socket: Socket): void {
    const consumer: Consumer = new Consumer(this.#nextConsumer++, socket, fault, {
      frame: (frame) => void this.#dispatch(consumer, frame),
      closed: () => this.#leave(consumer),
    });
  }

  #welcome(consumer: Consumer, hello: HelloFrame): void {
    checkHello(hello, 'host');
    consumer.name = `${hello.name} (pid ${hello.pid})`;
    consumer.grants = hello.grants;
    consumer.budget = hello.budget;
    this.#consumers.add(consumer);
    clearTimeout(this.#idle);
    this.#audit({ event: 'attach', consumer: consumer.name, grants: hello.grants });
    const { linux, name, runtime } = this.#settings;
    consumer.send({ kind: 'hello', protocol: protocolVersion, role: 'host', pid: linux.pid, name, grants: consumer.grants, runtime, consumers: this.#consumers.size }); // prettier-ignore
    consumer.send({ kind: 'threads', threads: this.#threads.all });
    consumer.send({ kind: 'types', types: this.#types });
    consumer.isReady = true;
  }

  // Whatever a consumer asked for ends with its connection; with the last one, all of it.
  #leave(consumer: Consumer): void {
    if (!this.#consumers.delete(consumer)) return;
    this.#scripted.forget(consumer);
    for (const listen of this.#listens.book.of(consumer)) this.#attempt(() => this.#listens.close(listen)); // prettier-ignore
    this.#attempt(() => this.#scripts.removeOf(consumer));
    this.#stops.forget(consumer);
    this.#holds.leaveToDebugger(consumer, false);
    this.#audit({ event: 'detach', consumer: consumer.name });
    if (this.#consumers.size === 0) this.#endWhenIdle(this.#settings.idleMs ?? defaultIdleMs);
  }

  #endWhenIdle(limitMs: number): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#consumers.size === 0) void this.end('agent-ends');
    }, limitMs);
  }

  /** The watched process has ended: what it left in the rings is told, and the host ends. */
  async targetEnded(): Promise<void> {
    await this.end('exit');
  }

  /** Says goodbye to everybody, undoes everything and takes the socket away. */
  async end(reason: ByeFrame['reason']): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    clearTimeout(this.#idle);
    // First, so that nobody comes to a host that leaves.
    if (this.#server !== undefined) rmSync(this.#settings.socketPath, { force: true });
    this.#attempt(() => reason === 'exit' ? this.#settings.linux.perf.settle() : this.#settings.linux.perf.drain()); // prettier-ignore
    this.#pump.drain(this.#poster);
    const farewells = [...this.#consumers].map((consumer) => {
      const accounts = this.#listens.book.finalAccounts(consumer, [this.#poster]);
      this.#scripts.handOver(consumer);
      consumer.tellLosses();
      consumer.send({ kind: 'bye', reason, accounts });
      return consumer.flush(flushMs);
    });
    await Promise.all(farewells);
    for (const consumer of this.#consumers) consumer.close();
    this.#undo();
  }

  #undo(): void {
    const registry = this.#registry;
    for (const listen of this.#listens.book.all) this.#attempt(() => this.#listens.close(listen));
    this.#holds[Symbol.dispose]();
    this.#attempt(() => this.#stops[Symbol.dispose]());
    this.#producers.stopAll();
    this.#threads[Symbol.dispose]();
    const { reader } = this.#poster;
    this.#poster.reader = undefined;
    reader?.wake();
    registry.onTypesChanged = undefined;
    registry.onStop = undefined;
    registry.watched = undefined;
    registry.setRing(undefined);
    this.#server?.close();
    this.#resolveEnded();
  }

  // What must be undone is undone, whatever the platform says on the way.
  #attempt(action: () => unknown): void {
    try {
      action();
    } catch (error) {
      this.#fault(error);
    }
  }

  #fault(error: unknown): void {
    this.#audit({ event: 'fault', message: error instanceof Error ? error.stack : String(error) });
  }

  #audit(entry: Readonly<Record<string, unknown>>): void {
    audit(dirname(this.#settings.socketPath), { host: this.#settings.linux.pid, ...entry });
  }

  // ---- threads, types, records

  #threadsChanged(threads: ThreadsFrame['threads']): void {
    this.#broadcast({ kind: 'threads', threads });
    this.#holds.update();
  }

  #describeTypes(): TypeInfo[] {
    return mergeTypes([{ key: posterKey, types: this.#registry.describeTypes() }]);
  }

  // Many registrations at once are told once.
  #refreshTypes(): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    setImmediate(() => {
      this.#isRefreshing = false;
      this.#announceTypes();
    });
  }

  #announceTypes(): void {
    const types = this.#describeTypes();
    const { added, removed } = compareTypes(this.#types, types);
    this.#types = types;
    if (added.length > 0 || removed.length > 0) this.#broadcast({ kind: 'types', added, removed });
  }

  #broadcast(frame: Frame): void {
    for (const consumer of this.#consumers) if (consumer.isReady) consumer.send(frame);
  }

  #relieve(): void {
    const { reader } = this.#poster;
    if (reader !== undefined && reader.waitingBytes > this.#ringBytes / 4) this.#pump.drain(this.#poster); // prettier-ignore
  }

  // ---- stops

  // Called inside a post: what follows waits for its end.
  #onStop(catchIds: readonly number[], event: StoppingEvent): void {
    for (const { listens, event: caught } of this.#listens.caughtBy(catchIds, event)) this.#stops.caught(listens, caught); // prettier-ignore
    setImmediate(() => this.#listens.closeSpent());
  }

  /** Scripted threads that a catchpoint in force is for. */
  #scriptedCatches(): number[] {
    const catches = this.#listens.book.all.filter((listen) => listen.isCatch);
    if (catches.length === 0) return [];
    const isCaught = (tid: number): boolean =>
      catches.some((listen) => listen.tid === undefined || listen.tid === tid);
    return this.#threads.tids.filter((tid) => this.#scripted.has(tid) && isCaught(tid));
  }

  // ---- frames

  async #dispatch(consumer: Consumer, frame: Frame): Promise<void> {
    try {
      if (frame.kind === 'hello') this.#welcome(consumer, frame);
      else if (!consumer.isReady) throw helloNeeded(frame);
      else await this.#serve(consumer, frame);
    } catch (error) {
      consumer.refuse(frame, error);
    }
  }

  async #serve(consumer: Consumer, frame: Frame): Promise<void> {
    const re = { re: (frame as { id?: number }).id ?? 0 };
    switch (frame.kind) {
      case 'listen':
        return this.#listen(consumer, frame, re);
      case 'unlisten': {
        const accounts = this.#listens.close(this.#listens.book.find(consumer, frame.listen));
        this.#holds.update();
        consumer.tellLosses();
        return consumer.send({ kind: 'unlisten', ...re, accounts });
      }
      case 'load-producer': {
        const types = await this.#producers.load(frame);
        this.#announceTypes();
        return consumer.send({ kind: 'load-producer', ...re, types });
      }
      case 'debug':
        return consumer.send({ kind: 'debug', ...re, result: this.#debug(consumer, frame) });
      case 'types':
        this.#types = this.#describeTypes();
        return consumer.send({ kind: 'types', ...re, types: this.#types });
      case 'threads':
        this.#scripted.tell(consumer, frame.threads);
        this.#holds.update();
        return consumer.send({ kind: 'threads', ...re, threads: this.#threads.all });
      case 'bye':
        return consumer.close();
      case 'script': {
        if (frame.action === 'install') this.#audit({ event: 'script', consumer: consumer.name, patterns: frame.data?.['patterns'] }); // prettier-ignore
        const answer = await this.#scripts.serve(consumer, frame);
        this.#announceTypes(); // whoever hears that it runs knows the events that it may throw
        return consumer.send({ kind: 'script', ...re, ...answer });
      }
      case 'hello':
      case 'arm':
      case 'records':
      case 'loss':
      case 'stop':
        throw notServed(frame, 'host');
      default:
        return frame satisfies never;
    }
  }

  async #listen(consumer: Consumer, frame: ListenFrame, re: { re: number }): Promise<void> {
    const { catch: options, pattern, where } = frame;
    if (options !== undefined) {
      checkCatchGrant(consumer);
      this.#audit({ event: 'catch', consumer: consumer.name, pattern, where });
    }
    const { listen, isPending } = await this.#listens.open(consumer, frame);
    this.#holds.update();
    this.#announceTypes(); // whoever hears that the listen is in force knows its type
    const { slot } = listen.spec;
    const threads = this.#threads.keysOf(listen.tid);
    consumer.send({
      kind: 'listen',
      ...re,
      threads: isPending ? [] : threads,
      pending: isPending ? threads : [],
      ...(slot === undefined ? {} : { slot }),
    });
  }

  #debug(consumer: Consumer, { method = '', params = {}, thread }: DebugFrame): unknown {
    checkDebugGrants(consumer, method, params);
    switch (method) {
      case 'verdict':
        return this.#stops.verdict(this.#threads.tidOf(thread), consumer);
      case 'continue': {
        const tid = this.#threads.tidOf(thread);
        if (params['keepsQuiet'] === true) this.#stops.keepQuiet(tid);
        else this.#stops.resume(tid);
        this.#holds.release(tid);
        return { stillHeldBy: [] };
      }
      case 'leave-to-debugger':
        this.#audit({ event: method, consumer: consumer.name, params });
        this.#holds.leaveToDebugger(consumer, params['isLeft'] !== false);
        return {};
      default:
        throw noSuchMethod(method);
    }
  }
}
