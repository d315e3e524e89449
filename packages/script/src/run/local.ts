import { compilePattern, getRegistry, type Listening, type Registry } from '@extension-events/core'; // prettier-ignore
import { checkProgram, type CheckOptions } from '../program/check.ts';
import type { CheckedProgram } from '../program/checked.ts';
import { type Problem, ScriptError } from '../program/errors.ts';
import { parseProgram } from '../program/parser.ts';
import type { Catalogue } from '../program/points.ts';
import type { RemoteThrow, ScriptSpec, SourceFile, StateUpdate, ThreadShare } from '../program/wire.ts'; // prettier-ignore
import { ScriptInstance } from '../runtime/instance.ts';
import type { RunClock } from './clock.ts';
import { ScriptRun } from './script-run.ts';
import type { ScriptSide } from './types.ts';

/** What {@link runScript} takes beside the text. */
export interface LocalOptions extends CheckOptions {
  /** What errors call it; default `script.ev`. */
  readonly name?: string;
  /** Gets what probes print. */
  readonly output: (text: string) => void;
  /** Of this thread; another one in tests. */
  readonly registry?: Registry;
  readonly clock?: RunClock;
}

/**
 * Runs a script over the events of this thread: a program's own events, without an agent or a
 * consumer. {@link ScriptRun.ready} tells when it is in force.
 *
 * @throws ScriptError when the text has problems
 */
export function runScript(text: string, options: LocalOptions): ScriptRun {
  const { clock, name = 'script.ev', output, registry = getRegistry() } = options;
  const files = [{ name, text }];
  const program = check(files, registry, options);
  const run = globalThis.crypto.randomUUID();
  const side = new LocalSide(registry, output);
  const running = new ScriptRun({ run, name, files, program, side, output, ...(clock && { clock }) }); // prettier-ignore
  side.run = running;
  return running;
}

function check(
  files: readonly SourceFile[],
  registry: Registry,
  options: CheckOptions,
): CheckedProgram {
  const { problems, program } = parseProgram(files);
  refuse(problems);
  const outcome = checkProgram(program, catalogueOf(registry), options);
  refuse(outcome.problems);
  if (outcome.checked === undefined) throw new TypeError('a program without problems is checked');
  return outcome.checked;
}

function refuse([first, ...rest]: readonly Problem[]): void {
  if (first !== undefined) throw new ScriptError([first, ...rest]);
}

function catalogueOf(registry: Registry): Catalogue {
  const descriptors = registry.describeTypes().map(({ descriptor }) => descriptor);
  return {
    find: (pattern) => {
      const matches = compilePattern(pattern);
      return descriptors.filter(({ name }) => matches(name));
    },
    names: () => descriptors.map(({ name }) => name),
  };
}

/** The one thread that is here. */
class LocalSide implements ScriptSide {
  run: ScriptRun | undefined;
  readonly #registry: Registry;
  readonly #output: (text: string) => void;
  #instance: ScriptInstance | undefined;
  #listening: Listening | undefined;

  constructor(registry: Registry, output: (text: string) => void) {
    this.#registry = registry;
    this.#output = output;
  }

  async install(spec: ScriptSpec): Promise<void> {
    this.#instance = new ScriptInstance(this.#registry, spec, {
      onStopped: (reason) => this.run?.stopped(reason),
      onExit: () => this.run?.exited(),
    });
    this.#listening = this.#registry.listen('script.output', ({ payload }) => {
      if (payload['run'] === spec.run) this.#output(String(payload['text']));
    });
  }

  async collect(): Promise<readonly ThreadShare[]> {
    return this.#instance === undefined ? [] : [this.#instance.collect()];
  }

  apply(update: StateUpdate): void {
    this.#instance?.apply(update);
  }

  post(thrown: RemoteThrow): void {
    this.#instance?.post(thrown);
  }

  async remove(): Promise<readonly ThreadShare[]> {
    const shares = await this.collect();
    this.#instance?.[Symbol.dispose]();
    this.#instance = undefined;
    // What was printed before is delivered by now: its turn came while this one waited.
    this.#listening?.unlisten();
    return shares;
  }
}
