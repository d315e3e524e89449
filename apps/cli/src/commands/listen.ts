import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, Listening, ListenOptions, Summary } from '@extension-events/session';
import { attachTo, endChild } from '../attach.ts';
import { exitCode } from '../exit-codes.ts';
import { formatEvent } from '../format-event.ts';
import { watchCandidates } from '../hottest.ts';
import { onInterrupt } from '../interrupt.ts';
import { printNow, say, toJson, usageError } from '../output.ts';
import { parseRequest } from '../request.ts';
import { requireTarget, type TargetWords } from '../target.ts';

interface ListenCommand extends TargetWords {
  readonly where?: string;
  readonly request: readonly string[];
  readonly stack?: string | true;
  readonly thread?: string;
  readonly maxHit?: number;
  readonly timeout?: number;
  readonly json?: boolean;
}

const defaultStack = 16;

/** `extev listen` */
export async function listen(options: ListenCommand): Promise<number> {
  const { patterns, target } = await requireTarget(options);
  if (patterns.length === 0)
    throw usageError(
      'There is no pattern to listen to.',
      "Give a name or a pattern, such as hot-spot or 'net.*'; extev events PID shows the names.",
    );
  const template = listenOptions(options);
  const { child, connection, session } = await attachTo(target, 'extev listen', {
    isDataOnStdout: true,
    log: say,
  });
  try {
    const run = new ListenRun(connection, options);
    for (const pattern of patterns) run.open({ ...template, pattern });
    await run.ready();
    say(`listening to ${patterns.join(', ')} in process ${connection.pid}; end with Ctrl-C`);
    return await run.finish();
  } finally {
    await session.close();
    await endChild(child);
  }
}

function listenOptions({
  request,
  stack,
  thread,
  where,
}: ListenCommand): Omit<ListenOptions, 'pattern'> {
  return {
    ...(request.length === 0 ? {} : { request: parseRequest(request) }),
    ...(where === undefined ? {} : { where }),
    ...(thread === undefined ? {} : { thread }),
    ...(stack === undefined ? {} : { stack: stack === true ? defaultStack : Number(stack) }),
  };
}

/** The listens of one command, and why they end. */
class ListenRun {
  readonly #connection: Connection;
  readonly #options: ListenCommand;
  readonly #listenings: Listening[] = [];
  readonly #watchers: Disposable[] = [];
  #hits = 0;
  #enough: () => void = () => undefined;
  readonly #hasEnough: Promise<'enough'>;

  constructor(connection: Connection, options: ListenCommand) {
    this.#connection = connection;
    this.#options = options;
    this.#hasEnough = new Promise((resolve) => {
      this.#enough = () => resolve('enough');
    });
  }

  open(options: ListenOptions): void {
    const listening = this.#connection.open(options);
    this.#listenings.push(listening);
    const isJson = this.#options.json === true;
    listening.items$.subscribe({
      next: (item) => {
        if (item.kind === 'loss') {
          say(`${item.count} events of thread ${item.threadId} lost here: ${item.reason}`);
          return;
        }
        const { maxHit } = this.#options;
        if (maxHit !== undefined && this.#hits >= maxHit) return;
        this.#hits++;
        if (isJson) {
          const { kind: _kind, armId: _armId, threadId: _threadId, ...line } = item;
          printNow(toJson({ v: 1, ...line }));
        } else printNow(formatEvent(item, this.#describe(item.event), this.#threadName(item.tid)));
        if (this.#hits === maxHit) this.#enough();
      },
      error: () => undefined, // told by ready
    });
    this.#watchers.push(watchCandidates(this.#connection, options, say));
  }

  #describe(name: string): ReturnType<typeof this.find> {
    return this.find(name);
  }

  find(name: string): Connection['eventTypes'][number]['descriptor'] | undefined {
    return this.#connection.eventTypes.find((type) => type.descriptor.name === name)?.descriptor;
  }

  #threadName(tid: number): string {
    return this.#connection.threads.find((thread) => thread.tid === tid)?.name ?? `tid:${tid}`;
  }

  async ready(): Promise<void> {
    const answers = await Promise.all(this.#listenings.map((listening) => listening.ready));
    const pending = new Set(answers.flatMap((answer) => answer.pending));
    if (pending.size > 0)
      say(
        `${pending.size} thread(s) have not answered yet: they are inside a blocking call and will be heard after it`,
      );
  }

  async finish(): Promise<number> {
    const { json, timeout } = this.#options;
    const timer = new AbortController();
    const limit = timeout === undefined ? new Promise<never>(() => undefined) : delay(timeout, 'timeout' as const, { signal: timer.signal }); // prettier-ignore
    const interrupt = onInterrupt();
    const gone = this.#connection.ended.then(() => 'gone' as const);
    const failed = new Promise<never>((_, reject) => {
      for (const listening of this.#listenings) listening.items$.subscribe({ error: reject });
    });
    const why = await Promise.race([
      this.#hasEnough,
      limit,
      interrupt.pressed,
      gone,
      failed,
    ]).finally(() => timer.abort());
    interrupt[Symbol.dispose]();
    for (const watcher of this.#watchers) watcher[Symbol.dispose]();
    await Promise.all(this.#listenings.map((listening) => listening.unlisten()));
    const summary = addUp(this.#listenings.map((listening) => listening.summary));
    if (json === true) printNow(toJson({ v: 1, summary }));
    else
      say(
        `matched ${summary.matched}, delivered ${summary.delivered}, lost ${summary.lost}, throttled ${summary.throttled}`,
      );
    if (why === 'gone') await this.#sayEnd();
    if (why === 'timeout')
      return this.#options.maxHit === undefined ? exitCode.ok : exitCode.timeout;
    return why === 'interrupted' ? exitCode.interrupted : exitCode.ok;
  }

  async #sayEnd(): Promise<void> {
    const { bye } = await this.#connection.ended;
    const status =
      bye?.exitCode === undefined
        ? 'ended without a word; its last events may be missing'
        : `exited with status ${bye.exitCode}`;
    say(`process ${this.#connection.pid} ${status}`);
  }
}

function addUp(summaries: readonly Summary[]): Summary {
  const sum = (pick: (summary: Summary) => number): number =>
    summaries.reduce((total, one) => total + pick(one), 0);
  return { matched: sum((s) => s.matched), delivered: sum((s) => s.delivered), lost: sum((s) => s.lost), throttled: sum((s) => s.throttled) }; // prettier-ignore
}
