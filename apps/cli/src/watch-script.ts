import { BehaviorSubject, type Observable, Subject, type Subscription } from 'rxjs';
import type { ExtensionEventError } from '@extension-events/core';
import type { RunningScript, ScriptState } from '@extension-events/consumer-profiler-graph/server';
import { formatProblem, type RunEnd } from '@extension-events/script';
import type { Session, TargetConnection } from '@extension-events/session';
import { checkText } from './check-text.ts';
import { isCoded } from './output.ts';
import { type RunnableScript, TargetRun } from './script-run.ts';

type Fault = NonNullable<ScriptState['error']>;

/** One script in the processes of a session: those that are connected, and those that come. */
export class WatchScript implements RunningScript {
  readonly #text: string;
  readonly #name: string;
  readonly #pids: readonly number[] | undefined;
  readonly #output = new Subject<string>();
  readonly #state = new BehaviorSubject<ScriptState>({ phase: 'starting', pids: [], events: [] });
  readonly #runs = new Map<TargetConnection, TargetRun | undefined>();
  readonly #following: Subscription;
  /** Starts that are under way: an end waits for them. */
  #starting = 0;
  #isStopped = false;

  constructor(session: Session, text: string, options: { name: string; pids?: readonly number[] }) {
    this.#text = text;
    this.#name = options.name;
    this.#pids = options.pids;
    this.#following = session.targets$.subscribe((targets) => {
      for (const target of targets) if (this.#isWanted(target)) void this.#start(target);
    });
    if (this.#runs.size === 0)
      this.#fail({ code: 'EE_NO_PROCESS', message: 'No process is attached in which it could run.', hint: 'Attach to one in the list of processes first.' }); // prettier-ignore
  }

  get output$(): Observable<string> {
    return this.#output;
  }

  get state$(): Observable<ScriptState> {
    return this.#state;
  }

  #isWanted(target: TargetConnection): boolean {
    return !this.#runs.has(target) && (this.#pids?.includes(target.pid) ?? true);
  }

  async #start(target: TargetConnection): Promise<void> {
    this.#runs.set(target, undefined);
    this.#starting++;
    try {
      const script = await this.#check(target);
      if (script === undefined || this.#isStopped) return;
      const run = TargetRun.start(script, target, {
        text: (text) => this.#output.next(text),
        lost: (count) => this.#output.next(`(${count} lines of process ${target.pid} are lost)\n`),
      }, () => this.#tellRunning(target, script)); // prettier-ignore
      this.#runs.set(target, run);
      void run.ended.then((end) => this.#ended(target, end));
    } catch (error) {
      this.#failIn(target, toFault(error));
    } finally {
      this.#starting--;
      this.#endWhenOver();
    }
  }

  async #check(target: TargetConnection): Promise<RunnableScript | undefined> {
    const { problems, script } = await checkText(this.#text, this.#name, [target]);
    const [first] = problems;
    if (first === undefined) return script;
    for (const problem of problems) this.#output.next(`${formatProblem(problem)}\n`);
    const { code, column, hint, line, message } = first;
    this.#failIn(target, { code, message: `${line}:${column}: ${message}`, hint });
    return undefined;
  }

  #tellRunning({ pid }: TargetConnection, { checked }: RunnableScript): void {
    const { pids } = this.#state.value;
    const events = checked.events.map(({ name }) => name);
    this.#tell({ phase: 'running', pids: [...pids, pid], events });
  }

  #ended(target: TargetConnection, { error }: RunEnd): void {
    if (error !== undefined) this.#failIn(target, error);
    this.#runs.set(target, undefined);
    this.#endWhenOver();
  }

  // What goes wrong in one process is said; the others go on.
  #failIn({ pid }: TargetConnection, error: Fault): void {
    this.#output.next(`process ${pid}: ${error.code}: ${error.message}\n`);
    const { code, hint, message } = error;
    this.#tell({ error: { code, message, hint } });
  }

  #fail(error: Fault): void {
    this.#tell({ phase: 'failed', error });
    this.#finish();
  }

  #endWhenOver(): void {
    const isRunning = [...this.#runs.values()].some((run) => run !== undefined);
    if (isRunning || this.#starting > 0) return;
    const { error } = this.#state.value;
    if (error === undefined) this.#tell({ phase: 'ended' });
    else this.#tell({ phase: 'failed', error });
    this.#finish();
  }

  #tell(part: Partial<ScriptState>): void {
    const { phase } = this.#state.value;
    if (phase !== 'ended' && phase !== 'failed')
      this.#state.next({ ...this.#state.value, ...part });
  }

  #finish(): void {
    this.#isStopped = true;
    // In a constructor there is none yet.
    queueMicrotask(() => this.#following.unsubscribe());
    this.#output.complete();
    this.#state.complete();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#following.unsubscribe();
    const runs = [...this.#runs.values()].filter((run) => run !== undefined);
    for (const run of runs) run.stop();
    await Promise.all(runs.map(({ ended }) => ended));
  }
}

function toFault(error: unknown): Fault {
  if (isCoded(error)) return error;
  const { message } = error as ExtensionEventError;
  return { code: 'EE_FAULT', message, hint: 'This is a fault of extev; please report it.' };
}
