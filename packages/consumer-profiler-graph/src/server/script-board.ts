import { BehaviorSubject, type Observable } from 'rxjs';
import type { RunningScript, ScriptDoor } from './doors.ts';
import { toPlainError, watchError } from './errors.ts';
import type { ScriptDiagnostic, ScriptView } from './messages.ts';
import { OutputLines } from './output-lines.ts';

interface Entry {
  view: Omit<ScriptView, 'lines' | 'firstLine'>;
  readonly output: OutputLines;
  readonly running: RunningScript;
}

const mostRunning = 16;
const mostEnded = 8;

/** The scripts that pages have started: all pages see the same. */
export class ScriptBoard {
  readonly #door: ScriptDoor | undefined;
  readonly #entries = new Map<number, Entry>();
  readonly #scripts = new BehaviorSubject<readonly ScriptView[]>([]);
  #last = 0;

  constructor(door: ScriptDoor | undefined) {
    this.#door = door;
  }

  get scripts$(): Observable<readonly ScriptView[]> {
    return this.#scripts;
  }

  async check(text: string): Promise<readonly ScriptDiagnostic[]> {
    return (await this.#needDoor().check(text)).diagnostics;
  }

  /** @returns its number */
  run(text: string, name: string, pids?: readonly number[]): number {
    const door = this.#needDoor();
    const running = [...this.#entries.values()].filter(({ view }) => isActive(view.state.phase));
    if (running.length >= mostRunning)
      throw watchError('EE_WATCH_LIMIT', `${mostRunning} scripts are running already.`, 'Stop one of them first.'); // prettier-ignore
    const id = ++this.#last;
    const script = door.run(text, { name, ...(pids === undefined ? {} : { pids }) });
    const entry: Entry = {
      view: { id, name, text, state: { phase: 'starting', pids: [], events: [] } },
      output: new OutputLines(),
      running: script,
    };
    this.#entries.set(id, entry);
    script.output$.subscribe({
      next: (part) => {
        entry.output.add(part);
        this.#tell();
      },
      error: () => undefined, // the state tells it
    });
    script.state$.subscribe({
      next: (state) => {
        entry.view = { ...entry.view, state };
        this.#tell();
      },
      error: (error: unknown) => {
        entry.view = { ...entry.view, state: { ...entry.view.state, phase: 'failed', error: toPlainError(error) } }; // prettier-ignore
        this.#tell();
      },
    });
    this.#tell();
    return id;
  }

  async stop(id: number): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined)
      throw watchError('EE_WATCH_SCRIPT_UNKNOWN', `There is no script ${id}.`, 'Its output may have been cleared; reload the page.'); // prettier-ignore
    await entry.running.stop();
  }

  /** Ends them all. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#entries.values()].map(({ running }) => running.stop()));
  }

  #needDoor(): ScriptDoor {
    if (this.#door !== undefined) return this.#door;
    throw watchError('EE_WATCH_SCRIPTS', 'This watcher was started without scripts.', 'Start extev watch, or run the script with extev run: its events are seen here.'); // prettier-ignore
  }

  #tell(): void {
    const ended = [...this.#entries].filter(([, { view }]) => !isActive(view.state.phase));
    for (const [id] of ended.slice(0, Math.max(0, ended.length - mostEnded)))
      this.#entries.delete(id);
    this.#scripts.next(
      [...this.#entries.values()].map(({ output, view }) => ({ ...view, ...output.lines })),
    );
  }
}

function isActive(phase: ScriptView['state']['phase']): boolean {
  return phase === 'starting' || phase === 'running';
}
