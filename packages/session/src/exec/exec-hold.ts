import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ExtensionEventError } from '@extension-events/core';
import { ownEntry, ownEnvironment } from '../own-entry.ts';
import { type News, type Order, parseNews } from './lines.ts';

const sayMs = 20_000;

/**
 * Holds a process at its next exec, before the first instruction of the program that it becomes, so
 * that this program's symbols can be looked up and everything is in force when it begins.
 *
 * The tracer is a process of its own: a parent in Node.js cannot trace its child, for libuv collects
 * the stops. Whoever of us dies, the program begins: it is never left standing.
 */
export class ExecHold {
  readonly pid: number;
  /** Resolves with whether the program stands at its exec; false: there is none to stand any more. */
  readonly stands: Promise<boolean>;
  readonly #child: ChildProcess;
  readonly #waiting: Map<News['type'], (news: News | undefined) => void> = new Map();
  #isOver = false;
  #isAside = false;
  readonly #stand: (stands: boolean) => void;

  private constructor(pid: number, child: ChildProcess) {
    this.pid = pid;
    this.#child = child;
    const { promise, resolve } = deferred<boolean>();
    this.stands = promise;
    this.#stand = resolve;
    child.stdin?.on('error', () => undefined);
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => this.#hear(parseNews(line))); // prettier-ignore
    child.once('error', () => this.#end(false));
    child.once('close', (code) => this.#end(code === 0));
    child.unref(); // it must not keep a starter alive that is done
  }

  /**
   * Waits for the next exec of a process, which runs on until then.
   *
   * @throws ExtensionEventError `EE_EXEC_HOLD`, and what the kernel says: `EE_PTRACE_PERMISSION`,
   * `EE_PTRACE_BUSY`, `EE_PTRACE_GONE`, `EE_LINUX_PLATFORM`, `EE_LINUX_NATIVE`
   */
  static async of(pid: number): Promise<ExecHold> {
    const entry = [...ownEntry('./main', import.meta.url), String(pid)];
    const child = spawn(process.execPath, entry, {
      cwd: '/',
      detached: true,
      env: ownEnvironment(),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const hold = new ExecHold(pid, child);
    const news = await hold.#next('seized');
    if (news?.type === 'seized') return hold;
    hold.begin();
    const error = news?.type === 'refused' ? news.error : undefined;
    throw new ExtensionEventError(
      error?.code ?? 'EE_EXEC_HOLD',
      error?.message ?? `Process ${pid} could not be held at its start: its holder said nothing.`,
      error?.hint ?? `Run it by hand to see why: ${[process.execPath, ...entry].join(' ')}`,
    );
  }

  /** Lets the program begin, if it has not. */
  begin(): void {
    if (this.#isOver) return;
    this.#say('begin');
    this.#child.stdin?.end();
  }

  /**
   * Makes room for another tracer, and leaves the program stopped for it. {@link begin} undoes the
   * stop: to be called as soon as the other one has it.
   */
  async stepAside(): Promise<void> {
    if (this.#isOver || this.#isAside) return;
    this.#isAside = true;
    const answer = this.#next('aside');
    this.#say('step-aside');
    await answer;
  }

  #say(order: Order): void {
    this.#child.stdin?.write(`${order}\n`);
  }

  /** The next news of a kind, or whatever makes it impossible. */
  async #next(type: News['type']): Promise<News | undefined> {
    if (this.#isOver) return undefined;
    const { promise, resolve } = deferred<News | undefined>();
    this.#waiting.set(type, resolve);
    const timer = setTimeout(() => resolve(undefined), sayMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(type);
    }
  }

  #hear(news: News | undefined): void {
    if (news === undefined) return;
    if (news.type === 'stands') this.#stand(true);
    if (news.type === 'refused' || news.type === 'over') {
      for (const resolve of this.#waiting.values()) resolve(news);
    } else this.#waiting.get(news.type)?.(news);
  }

  #end(isOrderly: boolean): void {
    this.#isOver = true;
    this.#stand(false);
    for (const resolve of this.#waiting.values()) resolve(undefined);
    // Killed in the moment between two tracers, it cannot undo its stop: we do.
    if (this.#isAside && !isOrderly) wake(this.pid);
  }
}

function wake(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // it has ended
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let settle: ((value: T) => void) | undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle?.(value) };
}
