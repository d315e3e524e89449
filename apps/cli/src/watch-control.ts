import { BehaviorSubject, firstValueFrom, map, type Observable } from 'rxjs';
import { ExtensionEventError } from '@extension-events/core';
import type { SourceSpec } from '@extension-events/consumer-profiler-graph';
import type { ControlDoor, HeldThread } from '@extension-events/consumer-profiler-graph/server';
import { openSession, type Session, type StopFrame, type TargetConnection, type TargetListening } from '@extension-events/session'; // prettier-ignore
import { say } from './output.ts';
import { agentSources } from './plugins.ts';

/** Processes are known by the watcher's own session. */
const neverMs = 2_147_483_647;

interface Held extends HeldThread {
  readonly connection: TargetConnection;
  readonly key: number;
}

/**
 * Stops threads for the pages of a watcher, through connections of its own: those that listen have no
 * grant to stop anything. What it holds is released when it is closed.
 */
export class WatchControl implements ControlDoor, AsyncDisposable {
  readonly #watched: Session;
  readonly #session: Session;
  readonly #connections = new Map<number, Promise<TargetConnection>>();
  readonly #held = new BehaviorSubject<readonly Held[]>([]);
  /** Listens of the same wish: the first stop ends the others. */
  readonly #wishes = new Map<TargetListening, readonly TargetListening[]>();

  private constructor(watched: Session, session: Session) {
    this.#watched = watched;
    this.#session = session;
  }

  static async open(watched: Session): Promise<WatchControl> {
    const producers = await agentSources(say);
    const session = await openSession({ name: 'extev watch', lookMs: neverMs, producers });
    return new WatchControl(watched, session);
  }

  get held$(): Observable<readonly HeldThread[]> {
    return this.#held.pipe(
      map((all) => all.map(({ connection: _connection, key: _key, ...held }) => held)),
    );
  }

  async stopNext(source: SourceSpec): Promise<{ readonly pids: readonly number[] }> {
    const { pattern, pid, request, thread, where } = source;
    const targets = (await firstValueFrom(this.#watched.targets$)).filter((target) => target.sides.agent && (pid === undefined || target.pid === pid)); // prettier-ignore
    if (targets.length === 0)
      throw new ExtensionEventError('EE_NO_PROCESS', 'No attached Node.js process could be stopped.', 'Attach to one first; threads of other programs are stopped by extev debug PID.'); // prettier-ignore
    const connections = await Promise.all(targets.map((target) => this.#connect(target.pid)));
    const listens = connections.map((connection) =>
      connection.open({
        pattern,
        ...(where === undefined ? {} : { where }),
        ...(request === undefined ? {} : { request }),
        ...(thread === undefined ? {} : { thread }),
        catch: { temporary: true },
      }),
    );
    for (const listening of listens) {
      listening.items$.subscribe({ error: () => undefined }); // ready tells it
      this.#wishes.set(listening, listens);
    }
    const answers = await Promise.allSettled(listens.map(({ ready }) => ready));
    const pids = connections.flatMap(({ pid: own }, i) => answers[i]?.status === 'fulfilled' ? [own] : []); // prettier-ignore
    const refused = answers.find((answer) => answer.status === 'rejected');
    if (pids.length === 0 && refused !== undefined) throw refused.reason;
    return { pids };
  }

  #connect(pid: number): Promise<TargetConnection> {
    const known = this.#connections.get(pid);
    if (known !== undefined) return known;
    const opening = this.#open(pid);
    this.#connections.set(pid, opening);
    opening.catch(() => this.#connections.delete(pid));
    return opening;
  }

  async #open(pid: number): Promise<TargetConnection> {
    const connection = await this.#session.open(pid, { sides: 'agent', grants: ['stop'] });
    connection.stops$.subscribe((stop) => this.#take(connection, stop));
    void this.#forgetAtEnd(pid, connection);
    return connection;
  }

  async #forgetAtEnd(pid: number, connection: TargetConnection): Promise<void> {
    await connection.ended;
    this.#connections.delete(pid);
    this.#held.next(this.#held.value.filter((one) => one.connection !== connection));
  }

  #take(connection: TargetConnection, { cause, frames = [], thread: key }: StopFrame): void {
    const others = this.#held.value.filter((one) => one.connection !== connection || one.key !== key); // prettier-ignore
    if (cause?.type !== 'event') {
      this.#held.next(others);
      return;
    }
    const listening = [...this.#wishes.keys()].find(({ id }) => cause.listens.includes(id));
    if (listening === undefined) return;
    for (const one of this.#wishes.get(listening) ?? []) {
      this.#wishes.delete(one);
      void one.unlisten();
    }
    const info = connection.threads.find((one) => one.key === key);
    const stack = frames.map(({ functionName, position, url }) => `${functionName || '(anonymous)'} (${url}:${position.lineNumber + 1})`); // prettier-ignore
    this.#held.next([
      ...others,
      { pid: connection.pid, tid: info?.tid ?? 0, threadName: info?.name ?? '', event: cause.event, stack, connection, key }, // prettier-ignore
    ]);
  }

  async continue(pid: number, tid: number): Promise<void> {
    const held = this.#held.value.find((one) => one.pid === pid && one.tid === tid);
    if (held === undefined)
      throw new ExtensionEventError('EE_THREAD_RUNNING', `Thread ${tid} of process ${pid} is not held by this watcher.`, 'Whoever holds it, as the list of processes says, can let it go.'); // prettier-ignore
    await held.connection.debug('continue', {}, held.key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.close();
    this.#held.complete();
  }
}
