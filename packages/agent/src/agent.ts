/**
 * The agent of one process: serves its socket, keeps its threads, listens and stops in step with
 * what the connected consumers ask for, and undoes everything when they leave.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { getRegistry, isExactPattern, type StoppingEvent } from '@extension-events/core';
import type { V8Host } from '@extension-events/platform-v8';
import { type Frame, type HelloFrame, type ListenFrame, protocolVersion, type ScriptFrame, type TypeInfo } from '@extension-events/protocol'; // prettier-ignore
import { audit, checkCatchGrant, checkHello, compareTypes, Consumer, type Fault, helloNeeded, mergeTypes, notServed, Producers, Pump, serveSocket, Turns } from '@extension-events/protocol/server'; // prettier-ignore
import { Listens } from './listens.ts';
import { type Program, readProgram } from './program.ts';
import { Scripts } from './scripts.ts';
import { Stops } from './stops.ts';
import type { ThreadMessage } from './tap-spec.ts';
import type { ScriptInstall } from './thread-scripts.ts';
import { OwnLink } from './thread-link.ts';
import { ThreadProducerFiles } from './thread-producer-files.ts';
import { getThreadSide } from './thread-side.ts';
import { ThreadTable } from './thread-table.ts';
import type { TracedThread } from './traced-thread.ts';
import { AgentV8Host } from './v8-host.ts';

/** What the agent thread is told at its start. */
export interface AgentSettings {
  readonly socketPath: string;
  readonly threadSideFile: string;
  readonly ringBytes: number;
}

// Consumers read something of what is theirs in that time, also where the processors are busy. The
// exiting thread waits for as long as it is told to, within bounds of its own (thread-side.ts).
const patienceMs = 900;
const stillHereMs = 250;
const programMs = 500;
const fault: Fault = {
  code: 'EE_AGENT_FAULT',
  hint: 'This is a fault of the agent; the traced program goes on. Please report it.',
};

// A preloaded program may wait until somebody hears it. What scripts print is listened to before the
// script is there: that alone is no reason to begin.
function isWaitedFor(frame: Frame): boolean {
  if (frame.kind === 'listen') return frame.pattern !== 'script.output';
  if (frame.kind === 'script') return frame.action === 'install';
  return frame.kind === 'debug' && frame.method !== 'scripts';
}

export class Agent {
  readonly #settings: AgentSettings;
  readonly #consumers: Set<Consumer> = new Set();
  readonly #threads: ThreadTable;
  readonly #listens: Listens;
  readonly #stops: Stops;
  readonly #pump: Pump;
  readonly #host: AgentV8Host = new AgentV8Host();
  readonly #producers: Producers<V8Host>;
  readonly #threadProducers: ThreadProducerFiles;
  readonly #scripts: Scripts;
  #server: Server | undefined;
  #nextConsumer = 1;
  #types: TypeInfo[] = [];
  #isRefreshing = false;
  /** Connecting and disconnecting take turns. */
  readonly #turns: Turns = new Turns((error) => this.#fault(error));
  #isConnected = false;
  #program: Program = { name: 'node', root: '/' };
  #opening = 0;
  #tellHeard: () => void = () => undefined;
  /** Resolves when all that was asked for first is in force: a preloaded program may start. */
  readonly heard: Promise<void> = new Promise((resolve) => {
    this.#tellHeard = resolve;
  });

  constructor(settings: AgentSettings) {
    this.#settings = settings;
    const file = settings.threadSideFile;
    const join = {
      agent: randomUUID(),
      channel: `extension-events:${process.pid}`,
      file,
      source: readFileSync(file, 'utf8'),
      ringBytes: settings.ringBytes,
      taps: () => this.#listens.specs,
      producers: () => this.#threadProducers.all,
      scripts: () => this.#scripts.all,
    };
    this.#threads = new ThreadTable(join, {
      ringOpened: (thread) => {
        void this.#pump.serve(thread);
        void this.#stops.armSentinels().catch((error: unknown) => this.#fault(error));
      },
      drain: (thread) => void this.#pump.drain(thread),
      joined: (thread) => this.#threadJoined(thread),
      accepts: (spec, thread) => this.#listens.book.get(spec.id)?.accepts(thread) === true,
      ended: (thread) => this.#threadEnded(thread),
      changed: (thread) => this.#broadcast({ kind: 'threads', threads: [thread.info] }),
      typesChanged: () => this.#refreshTypes(),
      message: (message, thread) => {
        if (message.kind === 'exiting') thread?.acknowledgeExit();
        this.#receive(message);
      },
    });
    this.#threadProducers = new ThreadProducerFiles(this.#threads);
    this.#scripts = new Scripts(this.#threads);
    this.#listens = new Listens(this.#threads);
    this.#pump = new Pump(this.#listens.book, () => this.#consumers);
    this.#stops = new Stops(this.#threads, this.#listens, (error) => this.#fault(error));
    this.#stops.onStanding((thread, stands) => this.#host.setHeld(thread, stands));
    this.#stops.onHeld((thread) => {
      this.#broadcast({ kind: 'threads', threads: [thread.info] });
    });
    this.#producers = new Producers(
      getRegistry(),
      this.#host,
      'Its ./inject must be one built, self-contained file that the traced process may read.',
    );
  }

  /**
   * Listens on the socket; the directory exists and is trusted already.
   *
   * @returns false when another agent of this process serves it
   */
  async serve(): Promise<boolean> {
    const { socketPath } = this.#settings;
    this.#server = await serveSocket(socketPath, (socket) => this.#accept(socket));
    if (this.#server === undefined) return false;
    process.on('exit', () => rmSync(socketPath, { force: true }));
    return true;
  }

  close(): void {
    this.#server?.close();
    this.#threads.close();
  }

  // ---- consumers come and go

  #accept(socket: Socket): void {
    const consumer: Consumer = new Consumer(this.#nextConsumer++, socket, fault, {
      frame: (frame) => void this.#dispatch(consumer, frame),
      closed: () => void this.#turns.run(() => this.#leave(consumer)),
    });
  }

  #fault(error: unknown): void {
    this.#audit({ event: 'fault', message: error instanceof Error ? error.stack : String(error) });
  }

  #audit(entry: Readonly<Record<string, unknown>>): void {
    audit(dirname(this.#settings.socketPath), entry);
  }

  async #welcome(consumer: Consumer, hello: HelloFrame): Promise<void> {
    checkHello(hello, 'agent');
    consumer.name = `${hello.name} (pid ${hello.pid})`;
    consumer.grants = hello.grants;
    consumer.budget = hello.budget;
    this.#consumers.add(consumer);
    this.#audit({ event: 'attach', consumer: consumer.name, grants: hello.grants });
    if (!this.#isConnected) await this.#connect();
    if (consumer.has('stop')) await this.#stops.enter(consumer);
    const { name, root } = this.#program;
    consumer.send({ kind: 'hello', protocol: protocolVersion, role: 'agent', pid: process.pid, name, grants: consumer.grants, runtime: `node ${process.versions.node}`, root, consumers: this.#consumers.size }); // prettier-ignore
    consumer.send({ kind: 'threads', threads: this.#threads.all.map((thread) => thread.info) });
    consumer.send({ kind: 'types', types: this.#types });
    consumer.isReady = true;
  }

  async #connect(): Promise<void> {
    this.#isConnected = true;
    const onStop = (catchIds: readonly number[], event: StoppingEvent): void => {
      const { name, payload, subject, timestampNs } = event;
      void this.#stops.stopForEvent(subject, { catchIds, event: name, payload, timestampNs });
    };
    await this.#threads.connect(new OwnLink(getThreadSide(), onStop), getRegistry().subject);
    this.#types = mergeTypes(this.#threads.reachable);
    const { main } = this.#threads;
    // A main thread inside a blocking call answers after it; the name can wait, the consumer cannot.
    const asked = main === undefined ? undefined : readProgram(main).catch(() => undefined);
    this.#program =
      (await Promise.race([asked, delay(programMs, undefined, { ref: false })])) ?? this.#program;
    this.#stops.setRoot(this.#program.root);
  }

  // Whatever a consumer asked for ends with its connection; with the last one, all of it.
  async #leave(consumer: Consumer): Promise<void> {
    if (!this.#consumers.delete(consumer)) return;
    await this.#stops.exit(consumer);
    await this.#scripts.removeOf(consumer);
    for (const listen of this.#listens.book.of(consumer)) await this.#listens.close(listen);
    await this.#stops.armSentinels();
    this.#audit({ event: 'detach', consumer: consumer.name });
    if (this.#consumers.size > 0 || !this.#isConnected) return;
    this.#tellHeard(); // a program that waits for its first listener waits no longer
    this.#isConnected = false;
    this.#producers.stopAll();
    this.#threadProducers.clear();
    this.#host.clear();
    await this.#threads.disconnect();
  }

  // ---- threads come, change and go

  async #threadJoined(thread: TracedThread): Promise<void> {
    if (thread.subject.threadId === 0) await thread.link?.watchExit();
    this.#host.add(thread);
    await this.#stops.addThread(thread);
    this.#broadcast({ kind: 'threads', threads: [thread.info] });
    this.#announceTypes();
  }

  #threadEnded(thread: TracedThread): void {
    this.#host.remove(thread);
    this.#stops.removeThread(thread);
    this.#scripts.threadEnded(thread.subject.threadId);
    this.#broadcast({ kind: 'threads', threads: [thread.info] });
    this.#announceTypes();
  }

  // Many registrations at once are looked up once.
  #refreshTypes(): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    setTimeout(() => {
      this.#isRefreshing = false;
      void this.#describeAll().then(() => this.#announceTypes());
    }, 5);
  }

  #announceTypes(): void {
    const types = mergeTypes(this.#threads.reachable);
    const { added, removed } = compareTypes(this.#types, types);
    this.#types = types;
    if (added.length > 0 || removed.length > 0) this.#broadcast({ kind: 'types', added, removed });
  }

  #broadcast(frame: Frame): void {
    for (const consumer of this.#consumers) if (consumer.isReady) consumer.send(frame);
  }

  #receive(message: ThreadMessage): void {
    if (message.kind === 'exiting') {
      this.#scripts.takeLeft(0, message.shares);
      void this.#sayGoodbye(message.exitCode);
    } else if (message.kind === 'shares') this.#scripts.takeLeft(message.threadId, message.shares);
    else if (message.kind === 'script') this.#scripts.hear(message.news);
    else if (message.kind === 'failure') {
      const { id, name, error } = message.failure;
      this.#listens.refused(id, name, error);
    } else if (message.kind === 'producer-refused') {
      const { error, producer, threadId } = message;
      this.#audit({ event: 'producer-refused', producer, thread: threadId, ...error });
    } else if (message.kind === 'armed')
      this.#listens.armed(message.id, message.name, message.armId);
  }

  // The main thread waits for this at its exit.
  async #sayGoodbye(exitCode: number): Promise<void> {
    const main = this.#threads.all.find((thread) => thread.subject.threadId === 0);
    const stillHere = setInterval(() => main?.acknowledgeExit(), stillHereMs);
    try {
      // Its workers are still there, and are not asked before they end.
      await this.#scripts.takeFromWorkers();
      for (const thread of this.#threads.all) this.#pump.drain(thread);
      const farewells = [...this.#consumers].map((consumer) => {
        const accounts = this.#listens.book.finalAccounts(consumer, this.#threads.all);
        consumer.tellLosses();
        this.#scripts.handOver(consumer);
        consumer.send({ kind: 'bye', reason: 'exit', exitCode, accounts });
        return consumer.left(patienceMs);
      });
      await Promise.all(farewells);
    } finally {
      clearInterval(stillHere);
      this.#threads.close(); // else Node says "Waiting for the debugger to disconnect..."
      main?.releaseExit();
    }
  }

  // ---- frames

  async #dispatch(consumer: Consumer, frame: Frame): Promise<void> {
    const isWish = isWaitedFor(frame);
    if (isWish) this.#opening++;
    try {
      if (frame.kind === 'hello') await this.#turns.runFor(() => this.#welcome(consumer, frame));
      else if (!consumer.isReady) throw helloNeeded(frame);
      else await this.#serve(consumer, frame);
    } catch (error) {
      consumer.refuse(frame, error);
    }
    if (isWish && --this.#opening === 0) this.#tellHeard();
  }

  async #serve(consumer: Consumer, frame: Frame): Promise<void> {
    const re = { re: (frame as { id?: number }).id ?? 0 };
    switch (frame.kind) {
      case 'listen':
        return this.#listen(consumer, frame, re);
      case 'unlisten': {
        const listen = this.#listens.book.find(consumer, frame.listen);
        const accounts = await this.#listens.close(listen);
        await this.#stops.armSentinels();
        consumer.tellLosses();
        return consumer.send({ kind: 'unlisten', ...re, accounts });
      }
      case 'load-producer': {
        const isForThreads = frame.door === 'thread';
        const types = await (isForThreads ? this.#threadProducers : this.#producers).load(frame);
        await (isForThreads
          ? this.#describeAll().then(() => this.#announceTypes())
          : this.#describeOwn());
        return consumer.send({ kind: 'load-producer', ...re, types });
      }
      case 'debug': {
        const method = frame.method ?? '';
        if (['pause', 'evaluate', 'set-breakpoint'].includes(method)) this.#audit({ event: method, consumer: consumer.name, thread: frame.thread, params: frame.params }); // prettier-ignore
        const result = await this.#stops.serve(consumer, frame);
        return consumer.send({ kind: 'debug', ...re, result });
      }
      case 'types':
        if (frame.pattern !== undefined) await this.#producers.discover(frame.pattern);
        return consumer.send({ kind: 'types', ...re, types: await this.#describeAll() });
      case 'threads':
        return consumer.send({
          kind: 'threads',
          ...re,
          threads: this.#threads.all.map((thread) => thread.info),
        });
      case 'bye':
        return consumer.close();
      case 'script':
        return this.#script(consumer, frame, re);
      case 'hello':
      case 'arm':
      case 'records':
      case 'loss':
      case 'stop':
        throw notServed(frame, 'agent');
      default:
        return frame satisfies never;
    }
  }

  async #listen(consumer: Consumer, frame: ListenFrame, re: { re: number }): Promise<void> {
    if (frame.catch !== undefined) checkCatchGrant(consumer);
    await this.#findNames(frame.pattern ?? '');
    const { listen, threads, pending } = await this.#listens.open(consumer, frame);
    if (frame.catch !== undefined) {
      this.#audit({
        event: 'catch',
        consumer: consumer.name,
        pattern: frame.pattern,
        where: frame.where,
      });
      await this.#stops.armSentinels();
    }
    const { slot } = listen.spec;
    consumer.send({
      kind: 'listen',
      ...re,
      threads,
      pending,
      ...(slot === undefined ? {} : { slot }),
    });
  }

  async #script(consumer: Consumer, frame: ScriptFrame, re: { re: number }): Promise<void> {
    if (frame.action === 'install') {
      const { patterns = [], spec } = (frame.data ?? {}) as Partial<ScriptInstall>;
      this.#audit({ event: 'script', consumer: consumer.name, name: spec?.name, patterns });
      for (const pattern of patterns) await this.#findNames(pattern);
    }
    const answer = await this.#scripts.serve(consumer, frame);
    // Whoever hears that it runs knows the events that it may throw.
    if (frame.action === 'install') await this.#describeAll().then(() => this.#announceTypes());
    consumer.send({ kind: 'script', ...re, ...answer });
  }

  // Names of a scheme may have to be looked for in the threads.
  async #findNames(pattern: string): Promise<void> {
    if (isExactPattern(pattern)) await this.#producers.provide(pattern);
    else await this.#producers.discover(pattern);
  }

  async #describeOwn(): Promise<void> {
    const own = this.#threads.reachable.find((thread) => thread.isAgent);
    if (own?.link !== undefined) own.types = await own.link.describe();
    this.#announceTypes();
  }

  async #describeAll(): Promise<TypeInfo[]> {
    await Promise.all(
      this.#threads.reachable.map(async (thread) => {
        thread.types = (await thread.link?.describe().catch(() => undefined)) ?? thread.types;
      }),
    );
    return mergeTypes(this.#threads.reachable);
  }
}
