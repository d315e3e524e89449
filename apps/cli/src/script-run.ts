import { randomUUID } from 'node:crypto';
import type { ExtensionEventError } from '@extension-events/core';
import { type CheckedProgram, type Program, type RunEnd, ScriptRun, type ScriptSide, type ScriptSpec, type ThreadShare } from '@extension-events/script'; // prettier-ignore
import type { TargetConnection, TargetListening, TargetScript } from '@extension-events/session';

/** What a run hands on. */
export interface RunOutput {
  /** Text of a `printf`, with its own line ends. */
  text(text: string): void;
  lost(count: number): void;
}

/** A checked script and what it probes. */
export interface RunnableScript {
  readonly name: string;
  readonly program: Program;
  readonly checked: CheckedProgram;
  readonly patterns: readonly string[];
}

/** One script in one process: its state, its output, its end. */
export class TargetRun {
  readonly ended: Promise<RunEnd>;
  readonly #run: ScriptRun;

  private constructor(run: ScriptRun) {
    this.#run = run;
    this.ended = run.ended;
  }

  /**
   * Starts it; what goes wrong before it is in force is told by {@link ended}.
   *
   * @param onRunning - called when it is in force
   */
  static start(
    { checked, name, patterns, program }: RunnableScript,
    connection: TargetConnection,
    output: RunOutput,
    onRunning: () => void,
  ): TargetRun {
    const id = randomUUID();
    const side = new ConnectionSide(connection, patterns, id, output, onRunning);
    const run = new ScriptRun({
      run: id,
      name,
      files: program.files,
      program: checked,
      side,
      output: (text) => output.text(text),
    });
    side.attach(run);
    return new TargetRun(run);
  }

  stop(): void {
    this.#run.stop();
  }
}

/** The threads of one process, as the coordinator of a script sees them. */
class ConnectionSide implements ScriptSide {
  readonly #connection: TargetConnection;
  readonly #patterns: readonly string[];
  readonly #id: string;
  readonly #output: RunOutput;
  #script: TargetScript | undefined;
  #printing: TargetListening | undefined;
  #run: ScriptRun | undefined;

  readonly #onRunning: () => void;

  constructor(
    connection: TargetConnection,
    patterns: readonly string[],
    id: string,
    output: RunOutput,
    onRunning: () => void,
  ) {
    this.#onRunning = onRunning;
    this.#connection = connection;
    this.#patterns = patterns;
    this.#id = id;
    this.#output = output;
  }

  attach(run: ScriptRun): void {
    this.#run = run;
    void this.#connection.ended.then(() => run.targetEnded());
  }

  async install(spec: ScriptSpec): Promise<void> {
    for (const pattern of this.#patterns) await this.#connection.refreshEventTypes(pattern);
    // First of all, so that what it prints in its first moment is heard.
    this.#printing = this.#connection.open({
      pattern: 'script.output',
      where: `run == "${this.#id}"`,
    });
    this.#printing.items$.subscribe({
      next: (item) => {
        if (item.kind === 'loss') this.#output.lost(item.count);
        else this.#output.text(String(item.payload['text']));
      },
      error: () => undefined, // ready tells it
    });
    await this.#printing.ready;
    this.#script = await this.#connection.openScript(spec, this.#patterns);
    this.#script.news$.subscribe((news) => {
      if (news.kind === 'exited') this.#run?.exited();
      else if (news.kind === 'stopped') this.#run?.stopped(news.error);
      else for (const share of news.shares) this.#run?.threadEnded(share);
    });
    this.#onRunning();
  }

  async collect(): Promise<readonly ThreadShare[]> {
    return this.#ask((script) => script.collect());
  }

  async apply(...[update]: Parameters<TargetScript['apply']>): Promise<void> {
    await this.#ask(async (script) => {
      await script.apply(update);
      return [];
    });
  }

  async post(...[thrown]: Parameters<TargetScript['post']>): Promise<void> {
    await this.#ask(async (script) => {
      await script.post(thrown);
      return [];
    });
  }

  // What event probes have printed comes before what end probes print.
  async remove(): Promise<readonly ThreadShare[]> {
    const shares = await this.#ask((script) => script.remove());
    await this.#printing?.unlisten();
    return shares;
  }

  // A process that has ended has nothing to say; its last shares came by themselves.
  async #ask(
    ask: (script: TargetScript) => Promise<readonly ThreadShare[]>,
  ): Promise<readonly ThreadShare[]> {
    if (this.#script === undefined) return [];
    try {
      return await ask(this.#script);
    } catch (error) {
      if ((error as Partial<ExtensionEventError>).code === 'EE_CONNECTION_LOST') return [];
      throw error;
    }
  }
}
