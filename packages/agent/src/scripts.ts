import { ExtensionEventError } from '@extension-events/core';
import type { ScriptFrame, WireError } from '@extension-events/protocol';
import {
  type Consumer,
  scriptActionMissing,
  scriptUnknown,
} from '@extension-events/protocol/server';
import type {
  RemoteThrow,
  ScriptSpec,
  StateUpdate,
  ThreadShare,
} from '@extension-events/script/runtime';
import { LastWords } from './last-words.ts';
import type { ScriptInstall, ScriptNews, ScriptShare } from './thread-scripts.ts';
import type { ThreadTable } from './thread-table.ts';
import { within } from './within.ts';

// A worker that has just started runs its scripts before it can be called.
const youngMs = 200;

/** One script of one consumer. */
interface RunningScript extends ScriptInstall {
  readonly consumer: Consumer;
  /** The consumer's own number for it. */
  readonly number: number;
  /** Shares of threads that have ended, until they are asked for. */
  readonly left: ThreadShare[];
}

/** The scripts of the process: each runs in all its threads. */
export class Scripts {
  readonly #threads: ThreadTable;
  readonly #running: Map<number, RunningScript> = new Map();
  readonly #lastWords: LastWords = new LastWords(() => this.#missShare());
  #nextId = 1;

  constructor(threads: ThreadTable) {
    this.#threads = threads;
  }

  /** What threads that join from now on are to run. */
  get all(): ScriptInstall[] {
    return Array.from(this.#running.values(), ({ id, patterns, spec }) => ({ id, patterns, spec }));
  }

  /**
   * Serves one request about a script.
   *
   * @throws ExtensionEventError what a thread said against it, `EE_SCRIPT_UNKNOWN`
   */
  async serve(consumer: Consumer, frame: ScriptFrame): Promise<Partial<ScriptFrame>> {
    const { action, data = {}, script: number = 0 } = frame;
    if (action === 'install') return this.#install(consumer, number, data);
    const script = [...this.#running.values()].find((each) => each.consumer === consumer && each.number === number); // prettier-ignore
    if (script === undefined) throw scriptUnknown(number);
    const { id } = script;
    switch (action) {
      case 'collect':
        return this.#gather(script, (link) => link.collectScript(id));
      case 'apply':
        await this.#tellAll((link) => link.applyScript(id, data as unknown as StateUpdate));
        return {};
      case 'throw':
        // What no thread of the program has caused is posted once, about the main thread.
        await this.#post(id, data as unknown as RemoteThrow);
        return {};
      case 'remove':
        return this.#remove(script);
      case undefined:
      default:
        throw scriptActionMissing();
    }
  }

  /** A consumer has left: its scripts end. */
  async removeOf(consumer: Consumer): Promise<void> {
    for (const script of this.#running.values())
      if (script.consumer === consumer) await this.#remove(script);
  }

  async #install(
    consumer: Consumer,
    number: number,
    { patterns = [], spec }: { patterns?: readonly string[]; spec?: ScriptSpec },
  ): Promise<Partial<ScriptFrame>> {
    const id = this.#nextId++;
    const script = { id, spec: spec as ScriptSpec, patterns, consumer, number, left: [] };
    this.#running.set(id, script);
    const links = this.#threads.reachable.flatMap(({ link }) => link ?? []);
    const answers = await Promise.all(
      links.map((link) => within(link.installScript(script).then((refusal) => ({ refusal })))),
    );
    await this.#leaveToWorkers();
    const refusal = answers.find((answer) => answer?.refusal !== undefined)?.refusal;
    if (refusal !== undefined) {
      await this.#remove(script);
      throw new ExtensionEventError(refusal.code, refusal.message, refusal.hint);
    }
    return { pending: answers.filter((answer) => answer === undefined).length };
  }

  async #remove(script: RunningScript): Promise<Partial<ScriptFrame>> {
    await this.#lastWords.all();
    this.#running.delete(script.id);
    const gathered = await this.#gather(script, (link) => link.removeScript(script.id));
    await this.#leaveToWorkers();
    return gathered;
  }

  async #gather(
    { left }: RunningScript,
    ask: (link: Link) => Promise<ThreadShare | undefined>,
  ): Promise<Partial<ScriptFrame>> {
    const links = this.#threads.reachable.flatMap(({ link }) => link ?? []);
    const answers = await this.#fetch(left, links, ask);
    const shares = left.splice(0);
    return {
      shares: shares as unknown as NonNullable<ScriptFrame['shares']>,
      pending: answers.filter((answer) => answer === undefined).length,
    };
  }

  // A thread that has answered has given its share away: it is kept until it is on its way, also when
  // that is at the end of the process, or with the answer to the next request.
  #fetch(
    left: ThreadShare[],
    links: readonly Link[],
    ask: (link: Link) => Promise<ThreadShare | undefined>,
  ): Promise<(boolean | undefined)[]> {
    return Promise.all(links.map((link) => within(ask(link).then((share) => share !== undefined && left.push(share) > 0)))); // prettier-ignore
  }

  async #tellAll(tell: (link: Link) => Promise<void>): Promise<void> {
    const links = this.#threads.reachable.flatMap(({ link }) => link ?? []);
    await Promise.all(links.map((link) => within(tell(link))));
  }

  async #post(id: number, thrown: RemoteThrow): Promise<void> {
    const main = this.#threads.reachable.find(({ subject }) => subject.threadId === 0);
    if (main?.link !== undefined) await within(main.link.postFromScript(id, thrown));
  }

  async #leaveToWorkers(): Promise<void> {
    const all = this.all;
    await this.#tellAll((link) => link.inheritScripts(all));
  }

  // ---- what threads say

  /** A script wants to end, or had to: it ends in the other threads too, and its consumer is told. */
  hear({ exited, id, stopped }: ScriptNews): void {
    const script = this.#running.get(id);
    if (script === undefined) return;
    const { consumer, number } = script;
    const news = stopped === undefined ? { exited: exited === true } : { stopped };
    consumer.send({ kind: 'script', script: number, ...news });
  }

  /** A thread has ended: it says what its scripts have gathered, unless it was terminated. */
  threadEnded(threadId: number): void {
    this.#lastWords.ended(threadId);
  }

  #missShare(): void {
    for (const { left } of this.#running.values()) left.push({ globals: [], hasExited: false, isMissing: true }); // prettier-ignore
  }

  /** A thread has ended, with these shares in its hands. */
  takeLeft(threadId: number, shares: readonly ScriptShare[]): void {
    this.#lastWords.said(threadId);
    for (const { id, share } of shares) this.#running.get(id)?.left.push(share);
  }

  /** The main thread has ended: what the others have gathered so far is taken before they do. */
  async takeFromWorkers(): Promise<void> {
    if (this.#running.size === 0) return;
    await this.#threads.allReached(youngMs);
    const workers = this.#threads.reachable.filter(({ isAgent, subject }) => !isAgent && subject.threadId !== 0); // prettier-ignore
    const links = workers.flatMap(({ link }) => link ?? []);
    await Promise.all(Array.from(this.#running.values(), ({ id, left }) => this.#fetch(left, links, (link) => link.collectScript(id)))); // prettier-ignore
  }

  /** The process ends: what is left is handed over unasked. */
  handOver(consumer: Consumer): void {
    for (const script of this.#running.values()) {
      if (script.consumer !== consumer || script.left.length === 0) continue;
      const shares = script.left.splice(0) as unknown as NonNullable<ScriptFrame['shares']>;
      consumer.send({ kind: 'script', script: script.number, shares });
    }
  }
}

/** The calls that scripts make into a thread. */
interface Link {
  installScript(script: ScriptInstall): Promise<WireError | undefined>;
  collectScript(id: number): Promise<ThreadShare | undefined>;
  applyScript(id: number, update: StateUpdate): Promise<void>;
  postFromScript(id: number, thrown: RemoteThrow): Promise<void>;
  removeScript(id: number): Promise<ThreadShare | undefined>;
  inheritScripts(scripts: readonly ScriptInstall[]): Promise<void>;
}
