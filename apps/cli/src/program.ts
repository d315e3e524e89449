import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { defaultStackFrames } from './arguments.ts';
import { examples } from './examples.ts';
import { usageError } from './output.ts';
import { usages } from './usages.ts';

/** Receives the exit code of the command that ran. */
export type Finish = (exitCode: number) => void;

/**
 * Builds the command tree; each command's code is loaded when it runs.
 *
 * @param command - what follows `--`
 */
const where = 'predicate on the payload, evaluated in the posting thread';

export function createProgram(command: readonly string[] | undefined, finish: Finish): Command {
  const program = new Command('extev')
    .description('Find, hear and catch extension events of running programs.')
    .version(version(), '-V, --version')
    .exitOverride()
    .configureOutput({ outputError: () => undefined }) // runCli says it, with code and hint
    .showSuggestionAfterError()
    .helpCommand(true);
  withExamples(program);
  target(add(program, 'ls [args...]', 'processes and threads: [TARGET]; touches none of them'))
    .option('-a, --all', 'also programs that are not Node.js')
    .option('--json', 'one JSON document')
    .action(async (args: string[], options: object) =>
      finish(await (await import('./commands/ls.ts')).ls({ args, command, ...options })),
    );
  target(add(program, 'events [args...]', 'the name space: [TARGET] [PATTERN…]; never attaches'))
    .option('-l, --long', 'with fields, units and parameters')
    .option('--json', 'one JSON document')
    .action(async (args: string[], options: object) =>
      finish(await (await import('./commands/events.ts')).events({ args, command, ...options })),
    );
  const heard = target(add(program, 'listen [args...]', 'events as they happen: TARGET PATTERN…'));
  limits(hearing(heard))
    .option('--thread <id>', "only this thread: Node's number, or tid:N")
    .option('--json', 'one JSON object a line, and the summary in the last')
    .action(async (args: string[], options: { request: string[] }) =>
      finish(await (await import('./commands/listen.ts')).listen({ args, command, ...options })),
    );
  const written =
    add(program, 'log [args...]', 'write events down: TARGET PATTERN…, -p several times, --session') // prettier-ignore
      .option('-p, --pid <pid>', 'a process; several times for several', collectPositive, [])
      .option('-n, --name <name>', 'the process by its name (see extev ls)')
      .option('--session', 'every process that has an agent, now and later; no TARGET then');
  limits(hearing(written))
    .option('--format <f>', 'text, ndjson or chrome-trace (DevTools, Perfetto)')
    .option(
      '-o, --out <file>',
      'where to, - for standard output; .ndjson .jsonl .json .txt .log tell the format too',
    )
    .option('--rotate <when>', 'begin another file, as in 10MB,1h,keep=5')
    .option('--json', 'the same as --format ndjson')
    .action(async (args: string[], options: { pid: number[]; request: string[] }) =>
      finish(await (await import('./commands/log.ts')).log({ args, command, ...options })),
    );
  target(add(program, 'run [args...]', 'run a script: FILE.ev… TARGET, or -e TEXT TARGET'))
    .option('-e <text>', 'the script itself; may be repeated', collect, [])
    .option('--check', 'tell what is wrong with it, and run nothing')
    .option('--format', 'write it in its usual layout, and run nothing')
    .option('--list', 'the event types that its probes match')
    .option('--global <k=v>', 'initial value of a global; may be repeated', collect, [])
    .option('--timeout <ms>', 'end after so long, with exit code 124', positive)
    .option('--json', 'one JSON object for each printf, and the end in the last')
    .action(async (args: string[], options: { e: string[]; global: string[] }) =>
      finish(await (await import('./commands/run.ts')).run({ args, command, ...options })),
    );
  target(add(program, 'debug [args...]', 'the debugger: TARGET'))
    .option('-x <file>', 'commands from a file; may be repeated', collect, [])
    .option(
      '--batch',
      'no prompt; end after the commands, or with exit code 1 at the first that fails',
    ) // prettier-ignore
    .option(
      '--timeout <ms>',
      'how long a command waits for the next stop; 60000 without a terminal, 0 for ever',
      notNegative,
    ) // prettier-ignore
    .option(
      '--max-stop <ms>',
      'resume a held thread after so long; 30000 without a terminal, 0 never',
      notNegative,
    ) // prettier-ignore
    .option('--write', 'let print change the program')
    .action(async (args: string[], options: { x: string[] }) =>
      finish(await (await import('./commands/debug.ts')).debug({ args, command, ...options })),
    );
  target(add(program, 'watch [args...]', 'a web page over the whole session: [TARGET] [PATTERN…]'))
    .option('--where <expr>', `of the patterns: ${where}`)
    .option('--port <n>', 'where to listen; any free port when left out', port)
    .option('--host <name>', 'listen beyond this machine; 127.0.0.1 when left out')
    .option('--no-open', 'do not open the browser')
    .option('--allow-control', 'the page may stop threads at the next incident')
    .option('-a, --all', 'also list programs that are not Node.js')
    .option('--json', 'the address as one JSON document')
    .action(async (args: string[], options: { open: boolean }) =>
      finish(await (await import('./commands/watch.ts')).watch({ args, command, ...options })),
    );
  target(add(program, 'top [args...]', 'event types by rate, in a terminal: [TARGET] [PATTERN…]'))
    .option('--where <expr>', where)
    .option('--interval <ms>', 'how often it is told; 1000 when left out', positive)
    .option('--count <n>', 'end after so many times', positive)
    .option('--json', 'one JSON object each time')
    .action(async (args: string[], options: object) =>
      finish(await (await import('./commands/top.ts')).top({ args, command, ...options })),
    );
  add(program, 'plugins', 'installed producers and consumers, and what they could post')
    .option('--json', 'one JSON document')
    .action(async (options: object) => {
      refuseCommand(command);
      finish((await import('./commands/plugins.ts')).plugins(options));
    });
  target(add(program, 'doctor [args...]', 'what works here, what does not, and the remedy: [TARGET]')) // prettier-ignore
    .option(
      '--export-tracepoints',
      'as root, once for each kernel: write the catalogue that lets ordinary users hear tracepoints',
    ) // prettier-ignore
    .option('--json', 'one JSON document')
    .action(async (args: string[], options: object) =>
      finish(await (await import('./commands/doctor.ts')).doctor({ args, command, ...options })),
    );
  return program;
}

function add(program: Command, name: string, description: string): Command {
  const command = program.command(name).description(description);
  const words = usages[command.name()];
  if (words !== undefined) command.usage(`${words} [options]`);
  return withExamples(command);
}

// People read the first lines of a help text: the examples come first.
function withExamples(command: Command): Command {
  const text = examples[command.name()];
  return text === undefined ? command : command.addHelpText('before', `Examples:\n${text}\n`);
}

function target(command: Command): Command {
  return command
    .option('-p, --pid <pid>', 'the process; every argument is a pattern then', onePositive)
    .option('-n, --name <name>', 'the process by its name (see extev ls)', oneText);
}

/** How events are heard, whatever is then done with them. */
function hearing(command: Command): Command {
  const frames = `--stack or --stack=N: attach up to N frames of the poster (${defaultStackFrames})`;
  return command
    .option('--where <expr>', where)
    .option('--request <k=v>', 'parameter of a requested event type; may be repeated', collect, [])
    .option('--stack <n>', frames, positive);
}

/** When to stop hearing them. */
function limits(command: Command): Command {
  return command
    .option('--max-hit <n>', 'end after so many events', positive)
    .option('--timeout <ms>', 'end after so long, with exit code 124', positive);
}

function refuseCommand(command: readonly string[] | undefined): void {
  if (command !== undefined)
    throw usageError('This command takes no target, and starts none.', 'Leave out what follows --.'); // prettier-ignore
}

function onePositive(text: string, before?: number): number {
  return positive(oneText(text, before));
}

// Commander takes the last: the others would be left out without a word.
function oneText(text: string, before?: string | number): string {
  if (before === undefined) return text;
  throw new InvalidArgumentError(`One process was given already, ${before}; extev log takes several pids.`); // prettier-ignore
}

function positive(text: string): number {
  const value = notNegative(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('It takes a whole number above 0.');
}

function notNegative(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  // Timers take no more: beyond it they fire at once.
  if (value <= 2_147_483_647) return value;
  throw new InvalidArgumentError('It takes a whole number, up to 2147483647.');
}

function port(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value <= 65_535) return value;
  throw new InvalidArgumentError('It takes a port, 0–65535; 0 is any free one.');
}

function collectPositive(value: string, list: number[]): number[] {
  return [...list, positive(value)];
}

function collect(value: string, list: string[]): string[] {
  return [...list, value];
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }; // prettier-ignore
  return manifest.version;
}
