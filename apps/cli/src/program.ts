import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';

/** Receives the exit code of the command that ran. */
export type Finish = (exitCode: number) => void;

const examples: Readonly<Record<string, string>> = {
  extev: `  extev ls                                   which processes can be looked at
  extev events 4242                          what process 4242 posts, or could post
  extev listen 4242 'net.*' --where 'len == 13'
  extev listen hot-spot -- node app.js       start a program and hear from its first event on
  extev debug 4242                           then: catch hot-spot, continue
  extev doctor 4242                          what works here, and how to make the rest work`,
  ls: `  extev ls
  extev ls --json | jq '.processes[].pid'`,
  events: `  extev events                               all attached processes
  extev events 4242 -l                       with fields and units
  extev events 4242 'hot-*'
  extev events 'net.**'                      one argument that is no pid is a pattern`,
  listen: `  extev listen 4242 net.send cache.evict
  extev listen 4242 hot-spot --request share=0.05 --stack
  extev listen 4242 'http.**' --where 'durationNs > 5e6' --max-hit 10 --timeout 60000
  extev listen '**' --json -- node app.js    start a program and hear from its first event on`,
  debug: `  extev debug 4242
  extev debug 4242 -x hot.extev --batch      commands from a file
  printf 'catch hot-spot\\ncontinue\\nbt\\n' | extev debug 4242
  extev debug -- node app.js`,
  plugins: `  extev plugins
  extev plugins --json`,
  doctor: `  extev doctor
  extev doctor 4242`,
};

/** Builds the command tree; each command's code is loaded when it runs. */
export function createProgram(command: readonly string[] | undefined, finish: Finish): Command {
  const program = new Command('extev')
    .description('Find, hear and catch extension events of running programs.')
    .version(version(), '-V, --version')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .helpCommand(true);
  withExamples(program);
  add(program, 'ls', 'processes and threads of the session; touches none of them')
    .option('--json', 'one JSON document')
    .action(async (options: object) =>
      finish(await (await import('./commands/ls.ts')).ls(options)),
    );
  target(add(program, 'events [args...]', 'the name space: [TARGET] [PATTERN]'))
    .option('-l, --long', 'with fields, units and parameters')
    .option('--json', 'one JSON document')
    .action(async (args: string[], options: object) => finish(await (await import('./commands/events.ts')).events({ args, command, ...options }))); // prettier-ignore
  target(add(program, 'listen [args...]', 'events as they happen: TARGET PATTERN…'))
    .option('--where <expr>', 'predicate on the payload, evaluated in the posting thread')
    .option('--request <k=v>', 'parameter of a requested event type; may be repeated', collect, [])
    .option('--stack [frames]', 'attach the stack of the poster')
    .option('--thread <id>', "only this thread: Node's number, or tid:N")
    .option('--max-hit <n>', 'end after so many events', positive)
    .option('--timeout <ms>', 'end after so long; exit code 124 when --max-hit was not reached', positive)
    .option('--json', 'one JSON object a line, and a summary at the end')
    .action(async (args: string[], options: object) => finish(await (await import('./commands/listen.ts')).listen({ args, command, ...options } as never))); // prettier-ignore
  target(add(program, 'debug [args...]', 'the debugger: TARGET'))
    .option('-x <file>', 'commands from a file')
    .option('--batch', 'no prompt; end after the commands, at the first that fails with exit code 1')
    .option('--timeout <ms>', 'how long a command waits for the next stop (60000 without a terminal)', positive)
    .option('--max-stop <ms>', 'resume a held thread after so long (30000 with --batch)', positive)
    .option('--write', 'let print change the program')
    .action(async (args: string[], options: object) => finish(await (await import('./commands/debug.ts')).debug({ args, command, ...options } as never))); // prettier-ignore
  add(program, 'plugins', 'installed producers and consumers, and what they could post')
    .option('--json', 'one JSON document')
    .action(async (options: object) => finish(await (await import('./commands/plugins.ts')).plugins(options))); // prettier-ignore
  target(add(program, 'doctor [args...]', 'what works here, what does not, and the remedy: [TARGET]'))
    .option('--json', 'one JSON document')
    .action(async (args: string[], options: object) => finish(await (await import('./commands/doctor.ts')).doctor({ args, command, ...options } as never))); // prettier-ignore
  return program;
}

function add(program: Command, usage: string, description: string): Command {
  const command = program.command(usage).description(description).exitOverride();
  return withExamples(command);
}

// People read the first lines of a help text: the examples come first.
function withExamples(command: Command): Command {
  const text = examples[command.name()];
  return text === undefined ? command : command.addHelpText('before', `Examples:\n${text}\n`);
}

function target(command: Command): Command {
  return command
    .option('-p, --pid <pid>', 'the process; every argument is a pattern then', positive)
    .option('-n, --name <name>', 'the process by its name (see extev ls)');
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It takes a whole number above 0.');
}

function collect(value: string, list: string[]): string[] {
  return [...list, value];
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }; // prettier-ignore
  return manifest.version;
}
