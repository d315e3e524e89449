// Processes of the matrix: the program under test, and `extev` beside it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../../apps/cli/dist/main.js', import.meta.url));
const program = fileURLToPath(new URL('service.mjs', import.meta.url));
const patienceMs = 60_000;

// A test that ran out of time does not come to the end of its scope.
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Waits for a condition. */
export async function until(condition, complain = () => 'it did not come true') {
  const deadline = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(complain());
    await delay(10);
  }
}

/** A child process and all that it has said. */
export class Child {
  stdout = '';
  stderr = '';

  constructor(node, args) {
    const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env;
    this.process = spawn(node, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
    this.process.stdout.setEncoding('utf8').on('data', (part) => (this.stdout += part));
    this.process.stderr.setEncoding('utf8').on('data', (part) => (this.stderr += part));
    this.process.stdin.on('error', () => undefined);
    running.add(this.process);
    this.process.once('close', () => running.delete(this.process));
    this.closed = once(this.process, 'close').then(([code, signal]) => ({ code, signal }));
  }

  get pid() {
    return this.process.pid;
  }

  tell(line) {
    this.process.stdin.write(`${line}\n`);
  }

  /** Waits until it has said so; an end before that is an error. */
  async says(pattern, from = 0) {
    const hasSaid = () => pattern.test(this.stdout.slice(from)) || pattern.test(this.stderr);
    const { process: child } = this;
    await until(
      () => hasSaid() || child.exitCode !== null || child.signalCode !== null,
      () => `${pattern} was not said:\n${this.stdout}\n${this.stderr}`,
    );
    if (!hasSaid()) await this.closed;
    if (!hasSaid()) throw new Error(`it ended without ${pattern}:\n${this.stdout}\n${this.stderr}`);
  }

  /** Ends it by a signal, and waits for that. */
  async end(signal = 'SIGKILL') {
    if (running.has(this.process)) this.process.kill(signal);
    return this.closed;
  }
}

/** The program under test: nothing of ours is in it. */
export class Service extends Child {
  constructor() {
    super(process.execPath, ['--inspect-port=0', program]);
  }

  static async start() {
    const service = new Service();
    await service.says(/^ready$/m);
    return service;
  }

  /** Has it do a job; resolves with what it says of that. */
  async does(job) {
    const from = this.stdout.length;
    this.tell(job);
    const done = new RegExp(`^done ${job}: (.*)$`, 'm');
    await this.says(done, from);
    return done.exec(this.stdout.slice(from))[1];
  }
}

/** `extev` under the same Node, unless another is given. */
export function startExtev(args, node = process.execPath) {
  return new Child(node, [cli, ...args]);
}

/** `extev listen … --json`, once it listens. */
export class Listener extends Child {
  constructor(pid, args) {
    super(process.execPath, [cli, 'listen', String(pid), ...args, '--json']);
  }

  static async start(pid, ...args) {
    const listener = new Listener(pid, args);
    await listener.says(/listening to/);
    return listener;
  }

  /** The complete lines so far. */
  get lines() {
    const complete = this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1);
    return complete
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  /** The payloads of one event. */
  of(name) {
    return this.lines.filter(({ event }) => event === name).map(({ payload }) => payload);
  }

  /** Waits for so many events of one name. */
  async hears(name, count) {
    await until(
      () => this.of(name).length >= count,
      () => `${count} ${name} were not heard:\n${this.stdout}\n${this.stderr}`,
    );
    return this.of(name);
  }

  /** Leaves as a user does, and hands back the account. */
  async leave() {
    await this.end('SIGINT');
    const { summary } = this.lines.at(-1);
    return summary;
  }
}

/** `extev debug` at the other end of a pipe. */
export class Debugger extends Child {
  #told = 0;

  constructor(pid) {
    super(process.execPath, [cli, 'debug', String(pid), '--timeout', String(patienceMs)]);
  }

  /** Gives a command, and waits for all that it says: what is said by the next one ends it. */
  async ask(command) {
    const from = this.stdout.length;
    const mark = `mark ${++this.#told}`;
    this.tell(command);
    this.tell(`echo ${mark}`);
    const end = new RegExp(`^${mark}$`, 'm');
    await this.says(end, from);
    return this.stdout.slice(from);
  }

  async quit() {
    this.process.stdin.end('quit\n');
    return (await this.closed).code;
  }
}
