import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import { ExecHold } from './exec-hold.ts';
import { parseNews } from './lines.ts';

const isLinux = process.platform === 'linux';

/** A shell that becomes `cat` when its third descriptor says so. */
class Waiting implements AsyncDisposable {
  readonly child: ChildProcess;
  output = '';

  constructor(program: readonly string[] = ['cat']) {
    const script = 'read -r _ <&3 && exec 3<&- && exec "$0" "$@"';
    this.child = spawn('/bin/sh', ['-c', script, ...program], { stdio: ['pipe', 'pipe', 'ignore', 'pipe'] }); // prettier-ignore
    this.child.stdout?.on('data', (part: Buffer) => (this.output += part.toString()));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  go(): void {
    (this.child.stdio[3] as NodeJS.WritableStream).end('\n');
  }

  /** What it is fed it prints, and ends: then it has run as a child does. */
  async end(): Promise<unknown[]> {
    this.child.stdin?.end('went on\n');
    return [...(await once(this.child, 'close')), this.output];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGKILL');
      await once(this.child, 'close');
    }
  }
}

const wentOn = [0, null, 'went on\n'];

async function hold(context: TestContext, waiting: Waiting): Promise<ExecHold> {
  if (!isLinux) context.skip('needs linux: programs are held by its ptrace');
  try {
    return await ExecHold.of(waiting.pid);
  } catch (error) {
    return context.skip(`needs ptrace: ${String(error)}`);
  }
}

const stat = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '')[0] ?? ''; // prettier-ignore
const nameOf = (pid: number): string => readFileSync(`/proc/${pid}/comm`, 'latin1').trim();

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('it did not come true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The holder of a process, by who traces it. */
const tracer = (pid: number): number => Number(/^TracerPid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]); // prettier-ignore

describe('a program that is held at its exec', () => {
  it('stands there with its own name, and begins when it may', async (context) => {
    await using waiting = new Waiting();
    const held = await hold(context, waiting);
    waiting.go();
    expect(await held.stands).toBe(true);
    expect([nameOf(waiting.pid), stat(waiting.pid)]).toEqual(['cat', 't']);
    held.begin();
    held.begin();
    expect(await waiting.end()).toEqual(wentOn);
  });

  it('is not there when there is no such program', async (context) => {
    await using waiting = new Waiting(['/nowhere/program']);
    const held = await hold(context, waiting);
    waiting.go();
    expect(await held.stands).toBe(false);
    if (waiting.child.exitCode === null) await once(waiting.child, 'exit');
    expect(waiting.child.exitCode).toBe(127);
    held.begin();
  });

  it('runs on when its holder is killed', async (context) => {
    await using waiting = new Waiting();
    const held = await hold(context, waiting);
    waiting.go();
    await held.stands;
    process.kill(tracer(waiting.pid), 'SIGKILL');
    expect(await waiting.end()).toEqual(wentOn);
  });

  it('runs on when its holder is killed after it made room', async (context) => {
    await using waiting = new Waiting();
    const held = await hold(context, waiting);
    waiting.go();
    await held.stands;
    const holder = tracer(waiting.pid);
    await held.stepAside();
    await until(() => stat(waiting.pid) === 'T');
    process.kill(holder, 'SIGKILL');
    expect(await waiting.end()).toEqual(wentOn);
  });

  it('is left stopped for another tracer, until that one has it', async (context) => {
    await using waiting = new Waiting();
    const held = await hold(context, waiting);
    waiting.go();
    await held.stands;
    await held.stepAside();
    await until(() => stat(waiting.pid) === 'T' && tracer(waiting.pid) === 0);
    held.begin();
    expect(await waiting.end()).toEqual(wentOn);
  });

  const kills = Number(process.env['EXTEV_KILL_ROUNDS'] ?? 6);
  it(`runs on when whoever started it is killed, ${kills} times`, async (context) => {
    await using probe = new Waiting();
    (await hold(context, probe)).begin();
    for (let round = 0; round < kills; round++) {
      await using waiting = new Waiting();
      const source = fileURLToPath(new URL('exec-hold.ts', import.meta.url));
      // The starter of the holder is killed, not that of the program: that one is this test.
      const text = `const { ExecHold } = await import(${JSON.stringify(source)});
        const held = await ExecHold.of(${waiting.pid});
        console.log('held');
        ${round % 2 === 0 ? '' : "await held.stands; await held.stepAside(); console.log('aside');"}
        setInterval(() => {}, 1000);`;
      const args = ['--conditions=@extension-events/source', '--no-warnings', '--input-type=module', '-e', text]; // prettier-ignore
      const starter = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: fileURLToPath(new URL('.', import.meta.url)) }); // prettier-ignore
      let said = '';
      starter.stdout.on('data', (part: Buffer) => (said += part.toString()));
      await until(() => said.includes('held'));
      waiting.go();
      await until(() => nameOf(waiting.pid) === 'cat');
      // At some moment between the two, from round to round another.
      if (round % 2 !== 0) for (let i = 0; i < round; i++) await new Promise((resolve) => setTimeout(resolve, 1)); // prettier-ignore
      starter.kill('SIGKILL');
      expect(await waiting.end()).toEqual(wentOn);
    }
  }, 120_000);

  it('cannot be one that has ended', async (context) => {
    await using waiting = new Waiting();
    (await hold(context, waiting)).begin();
    waiting.child.kill('SIGKILL');
    await once(waiting.child, 'close');
    await expect(ExecHold.of(waiting.pid)).rejects.toMatchObject({ code: 'EE_PTRACE_GONE' });
  });
});

describe('lines of a holder', () => {
  it.each(['', '{', '[]', 'null', '{"type":"stand"}', '{"type":"refused"}', '{"type":"refused","error":{"code":"EE_X"}}'])('are ignored when they are none: %s', (line) => {
    expect(parseNews(line)).toBeUndefined();
  }); // prettier-ignore
});
