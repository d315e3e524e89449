/** Several threads in one: each has a registry of its own. */
import { getRegistry, type AnyPayload, type EventType, type Fields, type Registry } from '@extension-events/core'; // prettier-ignore
import { checkProgram } from '../../program/check.ts';
import type { CheckedProgram } from '../../program/checked.ts';
import { formatProblem } from '../../program/errors.ts';
import { parseProgram } from '../../program/parser.ts';
import type {
  RemoteThrow,
  ScriptSpec,
  SourceFile,
  StateUpdate,
  ThreadShare,
} from '../../program/wire.ts';
import type { StopReason } from '../../runtime/errors.ts';
import { ScriptInstance } from '../../runtime/instance.ts';
import type { RunClock } from '../clock.ts';
import type { ScriptSide } from '../types.ts';

/** A thread with the event types of a test. */
export class TestThread {
  readonly registry: Registry;
  readonly types: ReadonlyMap<string, EventType>;
  instance: ScriptInstance | undefined;

  constructor(number: number, types: Readonly<Record<string, Fields>>) {
    const Constructor = getRegistry().constructor as new (
      subject: { tid: number; threadId: number },
      name: string,
    ) => Registry;
    this.registry = new Constructor({ tid: 1000 + number, threadId: number }, `thread ${number}`);
    this.types = new Map(
      Object.entries(types).map(([name, fields]) => [
        name,
        this.registry.registerEventType({ name, description: '', fields }),
      ]),
    );
  }

  post(name: string, payload: AnyPayload = {}): void {
    this.types.get(name)?.post(payload as never);
  }
}

/** The side of a run whose threads are here. What is sent goes through JSON, as between processes. */
export class TestSide implements ScriptSide {
  readonly threads: readonly TestThread[];
  readonly posted: RemoteThrow[] = [];
  readonly calls: string[] = [];
  onStopped: (reason: StopReason) => void = () => undefined;
  onExit: () => void = () => undefined;
  readonly #clock: RunClock;

  constructor(threads: readonly TestThread[], clock: RunClock) {
    this.threads = threads;
    this.#clock = clock;
  }

  async install(spec: ScriptSpec): Promise<void> {
    this.calls.push('install');
    for (const thread of this.threads) {
      thread.instance = new ScriptInstance(
        thread.registry,
        { ...through(spec), budget: spec.budget },
        { onStopped: (reason) => this.onStopped(reason), onExit: () => this.onExit() },
        { nowNs: () => this.#clock.nowNs(), wallMs: () => this.#clock.wallMs() },
      );
    }
  }

  async collect(): Promise<readonly ThreadShare[]> {
    this.calls.push('collect');
    return this.threads.flatMap(({ instance }) => (instance ? [through(instance.collect())] : []));
  }

  apply(update: StateUpdate): void {
    this.calls.push('apply');
    for (const { instance } of this.threads) instance?.apply(through(update));
  }

  post(thrown: RemoteThrow): void {
    this.calls.push('post');
    this.posted.push(thrown);
    this.threads[0]?.instance?.post(through(thrown));
  }

  async remove(): Promise<readonly ThreadShare[]> {
    this.calls.push('remove');
    const shares: ThreadShare[] = [];
    for (const thread of this.threads) {
      thread.instance?.[Symbol.dispose]();
      if (thread.instance !== undefined) shares.push(through(thread.instance.collect()));
      thread.instance = undefined;
    }
    return shares;
  }
}

function through<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Parses and checks a text; problems are a failure of the test. */
export function check(
  text: string,
  registry: Registry,
): { readonly files: readonly SourceFile[]; readonly program: CheckedProgram } {
  const files = [{ name: 'test.ev', text }];
  const { problems, program } = parseProgram(files);
  const types = registry.describeTypes().map(({ descriptor }) => descriptor);
  const { checked, problems: more } = checkProgram(program, {
    find: (pattern) => types.filter(({ name }) => name === pattern),
    names: () => types.map(({ name }) => name),
  });
  const all = [...problems, ...more];
  if (checked === undefined || all.length > 0) throw new Error(all.map(formatProblem).join('\n'));
  return { files, program: checked };
}
