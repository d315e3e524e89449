import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, type TestContext } from 'vitest';
import { GdbTarget } from './gdb-target.ts';
import type { Verdict } from './internal-types.ts';
import { listTids, readStatus } from './proc-tracing.ts';
import { hitType, NativeProcess } from './test-support/native-connection.ts';
import { build, isGone, needTools, type NativeTarget, removeBuilt, runsFree, spinSource, startDetached, until } from './test-support/native-target.ts'; // prettier-ignore
import { type Run, runLines } from './test-support/run.ts';

const targets: NativeTarget[] = [];
afterEach(() => {
  for (const target of targets.splice(0)) target.end();
});
afterAll(removeBuilt);

const referenceSource = [
  '#include <unistd.h>',
  'struct Pair { int first; int second; };',
  '__attribute__((noinline)) int use(const Pair &pair, int &times) { return pair.first + times; }',
  'int main() {',
  '  Pair pair{1, 2};',
  '  int times = 5;',
  '  volatile int sum = 0;',
  '  for (;;) { sum = use(pair, times); usleep(2000); }',
  '}',
  '',
].join('\n');

interface StartOptions {
  readonly flags?: readonly string[];
  readonly words?: readonly string[];
  readonly source?: string;
  readonly threads?: number;
}

async function start(context: TestContext, options: StartOptions = {}): Promise<NativeTarget> {
  needTools(context);
  const program = build(options.source ?? spinSource, options.flags);
  const target = await startDetached(program, options.words, options.threads);
  targets.push(target);
  return target;
}

/** Runs the debugger; what differs from run to run is masked. */
async function debug(
  target: NativeTarget,
  lines: readonly string[],
  prepare?: (process: NativeProcess) => void,
): Promise<Run> {
  const process = new NativeProcess(target.pid);
  prepare?.(process);
  const run = await runLines(process, lines, { cwd: target.directory, timeoutMs: 40_000, env: globalThis.process.env }); // prettier-ignore
  return { ...run, transcript: mask(run.transcript, target) };
}

function mask(text: string, target: NativeTarget): string {
  const tids = [target.pid, ...listTids(target.pid).filter((tid) => tid !== target.pid)];
  const masked = text
    .replaceAll(/0x[\da-f]{5,}/g, '0xN')
    .replaceAll(/gdb \d+\.\d+ is/g, 'gdb N is')
    .replaceAll(/stood for .*\]/g, 'stood for TIME]')
    .replaceAll(/(<\w+\+)\d+>/g, '$1N>')
    .replaceAll(/ {2,}(?=State\n)/g, '  ');
  // Numbers of the program may look like those of a thread.
  return masked.replaceAll(/(?<=tid |process |Process )\d+\b/g, (number) => {
    const index = tids.indexOf(Number(number));
    return index === -1 ? number : `TID${index + 1}`;
  });
}

/** It works, nobody traces it, and no thread stands. */
async function goesOn(target: NativeTarget): Promise<void> {
  await until(() => runsFree(target.pid), 'the process to run free');
  const before = target.ticks();
  await until(() => target.ticks() > before, 'the threads to work');
  for (const tid of listTids(target.pid)) {
    expect(readStatus(target.pid, tid)?.tracer ?? 0).toBe(0);
    expect(readStatus(target.pid, tid)?.state ?? 'S').not.toMatch(/[tT]/);
  }
}

const hit = (payload: object): Verdict => ({
  caught: {
    listens: [1],
    event: 'hw-breakpoint.hit',
    payload: payload as Record<string, never>,
    timestampNs: 1,
  },
  isOurs: true,
});

describe('a native process', () => {
  it('is not attached to before a thread is to be stopped or looked into', async (context) => {
    const target = await start(context);
    const { transcript, code } = await debug(target, ['info threads', 'list inner']);
    expect(transcript).toContain(' 14    long sum = base;');
    expect(transcript).not.toContain('is attached');
    expect(code).toBe(0);
    await goesOn(target);
  });

  it('prints a reference of C++ as what it refers to', async (context) => {
    const target = await start(context, { source: referenceSource, flags: ['-x', 'c++', '-g', '-O0'], threads: 1 }); // prettier-ignore
    const { transcript, code } = await debug(target, ['break use', 'continue', 'print pair', 'print times', 'print &times', 'info locals', 'delete']); // prettier-ignore
    expect(transcript).toMatch(/^\(extev\) print pair\n\{first = 1, second = 2\}$/m);
    expect(transcript).toMatch(/^\(extev\) print times\n5$/m);
    expect(transcript).toMatch(/^\(extev\) print &times\n.*0xN/m);
    expect(transcript).toMatch(/pair = \{first = 1, second = 2\}/);
    expect(code).toBe(0);
  });

  it('shows a breakpoint, the frames, values and steps as gdb knows them', async (context) => {
    const target = await start(context);
    const { transcript, code } = await debug(target, [
      'info threads',
      'break spin.c:16 if step == 2 && i == 7',
      'continue',
      'delete',
      'bt 3',
      'next',
      'up',
      'print tally',
      'print wide[0]',
      'print i * 2',
      'down',
      'print i * 2',
      'finish',
      'step',
      'info threads',
    ]);
    expect(
      transcript.replaceAll(/sum = -?\d+|base=-?\d+|base = -?\d+|returned -?\d+/g, (text) =>
        text.replace(/-?\d+$/, 'N'),
      ),
    ).toBe(`(extev) info threads
  Id  Engine  Thread  State
* 1   gdb     spin (tid TID1)  running
  2   gdb     spin (tid TID2)  running
  3   gdb     spin (tid TID3)  running
(extev) break spin.c:16 if step == 2 && i == 7
[gdb N is attached to process TID1, which stood for TIME]
[as long as gdb has a breakpoint in the code, killing gdb itself (kill -9) kills the process too; quit, detach and even the death of this debugger take it out first]
Breakpoint 1 at spin.c:16
(extev) continue
Continuing.

Breakpoint 1 in thread 3 (spin, tid TID3)
#0  inner (base=N, step=2) at spin.c:16
 13  __attribute__((noinline)) long inner(long base, int step) {
 14    long sum = base;
 15    for (int i = 0; i < 1000; i++) {
>16      int nested = i * step;
 17      sum += nested;
 18    }
 19    return sum;
locals: base = N, step = 2, nested = 12, i = 7, sum = N
registers: pc = 0xN <inner+N>, sp = 0xN (info registers)
(extev) delete
Breakpoint 1 (spin.c:16) is deleted.
(extev) bt 3
#0  inner (base=N, step=2) at spin.c:16
#1  outer (step=2) at spin.c:23
#2  work (argument=0x2) at spin.c:30
(2 more)
(extev) next
>17      sum += nested;
(extev) up
#1  outer (step=2) at spin.c:23
>23    long value = inner(counter, step);
(extev) print tally
{rounds = 3, share = 0.5}
(extev) print wide[0]
0 '\\000'
(extev) print i * 2
EE_EXPRESSION_FAILED: No symbol "i" in current context.
hint: Names are those that the selected frame sees: info locals lists them.`);
    expect(code).toBe(1);
    await goesOn(target);
  });

  it('steps out and into the next line, and numbers its threads by age', async (context) => {
    const target = await start(context);
    const { transcript, code } = await debug(target, [
      'tbreak inner if step == 1',
      'continue',
      'finish',
      'next',
      'until',
      'info registers',
      'interrupt 1',
      'info threads',
    ]);
    expect(transcript).toMatch(
      /Temporary breakpoint 1 in thread 2 \(spin, tid TID2\)\n#0 {2}inner /,
    );
    expect(transcript).toContain('Run till exit from #0  inner');
    expect(transcript).toMatch(/#0 {2}outer \(step=1\) at spin.c:23\n {2}\(it returned -?\d+\)/);
    expect(transcript).toMatch(/\(extev\) next\n>24 {4}counter = value % 1000;/);
    expect(transcript).toMatch(/\nrip {7}0xN\n|\npc {8}0xN\n/);
    expect(transcript).toMatch(/\* 1 {3}gdb {5}spin \(tid TID1\) {2}stopped in .* \(Interrupted\)/);
    expect(code).toBe(0);
    await goesOn(target);
  });

  it('is not changed by expressions unless that was allowed', async (context) => {
    const target = await start(context);
    for (const expression of ['counter = 3', 'counter++', 'inner(1, 2)']) {
      const { transcript } = await debug(target, ['interrupt 2', `print ${expression}`]);
      expect(transcript).toContain('EE_SIDE_EFFECT');
    }
    const { transcript, code } = await debug(
      target,
      ['tbreak inner', 'continue', 'print inner(1, 2)', 'set var wide[1] = 7', 'print wide[1]'],
      (process) => process.hello.grants.push('write'),
    );
    expect(transcript).toContain('(extev) print inner(1, 2)\n999001\n');
    expect(transcript).toContain("7 '\\a'");
    expect(code).toBe(0);
    await goesOn(target);
  });

  it('shows instructions and names where there are no lines', async (context) => {
    const target = await start(context, { flags: ['-O0', '-s'] });
    const { transcript, code } = await debug(target, [
      'interrupt 2',
      'bt',
      'next',
      'list',
      'info locals',
    ]);
    expect(transcript).toMatch(/#0 {2}\?\? at 0xN\n=> 0xN: {2}\w+/);
    expect(transcript).toMatch(/start_thread/);
    expect(transcript.split('(extev) next\n')[1]).toMatch(/^=> 0xN: {2}/);
    expect(transcript).toContain('No locals.');
    expect(code).toBe(0);
    await goesOn(target);
  });
});

/** Sends SIGURG to one thread of another process, as a source of the host would. */
const poke = (pid: number, tid: number, signal = 'SIGURG'): void => {
  execFileSync(buildPoke(), [String(pid), String(tid), String(signal === 'SIGURG' ? 23 : 10)]);
};

describe('a caught event of a native thread', () => {
  it('stops it where it is, with the event, and asks the host to go on before gdb does', async (context) => {
    const target = await start(context);
    const worker = listTids(target.pid)[1] ?? 0;
    const seen: NativeProcess[] = [];
    const { transcript, code } = await debug(
      target,
      [
        'catch hw-breakpoint.hit address=counter',
        'continue',
        'info stop',
        'continue &',
        'info threads',
      ],
      (process) => {
        seen.push(process);
        process.verdicts.push(hit({ address: '4096', lengthBytes: 8, access: 'write', pc: '4198742', symbol: 'outer' })); // prettier-ignore
        process.onOpen = () => poke(target.pid, worker);
      },
    );
    expect(transcript).toContain('Catchpoint 1 (hw-breakpoint.hit address=counter)');
    expect(transcript).toContain(`Catchpoint 1, hw-breakpoint.hit in thread 2 (spin, tid TID2)
  outer (address 0x1000, lengthBytes 8 bytes, access write, pc 0xN)
#`);
    expect(transcript).toMatch(/registers: pc = 0xN <\w+\+?N?>?, sp = 0xN/);
    expect(transcript).toContain('address      0x1000');
    expect(transcript).toContain('(extev) continue &\nThread 2 runs.');
    expect(code).toBe(0);
    const methods = seen[0]?.calls
      .filter((call) => call.thread === worker)
      .map((call) => call.method);
    expect(methods).toEqual(['verdict', 'continue']);
    await goesOn(target);
  });

  it('that no catchpoint matches lets the thread run, and a step through it goes on', async (context) => {
    const target = await start(context);
    const worker = listTids(target.pid)[1] ?? 0;
    let asked = 0;
    const { transcript, code } = await debug(
      target,
      [
        'catch hw-breakpoint.hit address=counter',
        'tbreak inner if step == 1',
        'continue',
        'finish',
      ],
      (process) => {
        process.answers['verdict'] = (): Verdict => {
          asked++;
          return { caught: null, isOurs: true };
        };
        process.onOpen = () => {
          for (let i = 0; i < 5; i++) poke(target.pid, worker);
        };
      },
    );
    expect(asked).toBeGreaterThan(0);
    expect(transcript).toContain('#0  outer (step=1) at spin.c:23');
    expect(code).toBe(0);
    await goesOn(target);
  });

  it("is told from the program's own SIGURG, which reaches the program", async (context) => {
    const target = await start(context, { words: ['handles'] });
    const { transcript } = await debug(
      target,
      ['catch hw-breakpoint.hit address=counter', 'echo sent'],
      (process) => {
        process.onOpen = () => poke(target.pid, target.pid);
        process.answers['verdict'] = () => ({ caught: null, isOurs: false });
      },
    );
    expect(transcript).toContain('sent');
    // Its handler makes it exit.
    await until(() => isGone(target.pid), 'the program to have got its signal');
  });

  it('leaves other signals to the program', async (context) => {
    const target = await start(context);
    const { whole } = await debug(target, ['interrupt 1', 'continue &', 'echo now'], (process) => {
      process.onContinue = () => poke(target.pid, target.pid, 'SIGUSR1');
    });
    expect(whole).toContain('now');
    // By default SIGUSR1 ends a program.
    await until(() => isGone(target.pid), 'the signal to have its effect');
  });
});

let pokeProgram: string | undefined;
function buildPoke(): string {
  pokeProgram ??= build(
    '#include <stdlib.h>\n#include <sys/syscall.h>\n#include <unistd.h>\nint main(int c, char **v) { return c < 4 || syscall(SYS_tgkill, atoi(v[1]), atoi(v[2]), atoi(v[3])) != 0; }\n',
    ['-O0'],
  );
  return pokeProgram;
}

describe('the target', () => {
  it(
    'goes on when gdb is killed while only events are caught',
    { timeout: 600_000 },
    async (context) => {
      const target = await start(context, {
        words: [],
        source: spinSource.replace('    outer(step);', '    outer(step); usleep(200);'),
      });
      const rounds = Number(process.env['EXTEV_GDB_KILLS'] ?? 6);
      const gdb = new GdbTarget(target.pid);
      for (let round = 0; round < rounds; round++) {
        await gdb.attach();
        const ended = gdbEnded(gdb);
        // Half of the kills come while a signal is on its way.
        if (round % 2 === 0) process.kill(target.pid, 'SIGURG');
        process.kill(gdb.gdbPid ?? 0, 'SIGKILL');
        await ended;
        await goesOn(target);
      }
      await gdb.close();
      expect(runsFree(target.pid)).toBe(true);
    },
  );

  it(
    'goes on when the debugger is killed: gdb sees the end of its input and detaches',
    { timeout: 300_000 },
    async (context) => {
      const target = await start(context);
      for (let round = 0; round < 5; round++) {
        // Breakpoints stand in the code and a stop is on its way: the worst moment.
        const script = `await target.interrupt(${target.pid}); const gdb = await target.attach(); await gdb.command('break-insert', '--function', 'outer'); process.kill(process.pid, 'SIGKILL');`;
        await ownerEnds(target.pid, script);
        await goesOn(target);
      }
      expect(runsFree(target.pid)).toBe(true);
    },
  );

  it('may end by itself, or be killed, while gdb is attached', async (context) => {
    const target = await start(context);
    const gdb = new GdbTarget(target.pid);
    await gdb.attach();
    const exited = new Promise<string>((resolve) => {
      gdb.news$.subscribe((news) => {
        if (news.type === 'exited') resolve(news.signal);
      });
    });
    target.end();
    expect(await exited).toBe('SIGKILL');
    await expect(gdb.interrupt(target.pid)).rejects.toMatchObject({ code: 'EE_TARGET_LOST' });
    await gdb.close();
    await until(() => isGone(target.pid), 'the process to be gone');
  });

  it('that has ended, or never was, is refused', async (context) => {
    needTools(context);
    await expect(new GdbTarget(2 ** 22 + 1).attach()).rejects.toMatchObject({
      code: 'EE_TARGET_LOST',
    });
  });

  it('that somebody else traces is refused by the name of the tracer, and not disturbed', async (context) => {
    const target = await start(context);
    const first = new GdbTarget(target.pid);
    await first.attach();
    const { transcript, code } = await debug(target, ['catch hw-breakpoint.hit address=counter']);
    expect(transcript).toContain('EE_GDB_BUSY: Process TID1 is traced by gdb (pid');
    expect(code).toBe(1);
    await first.close();
    await goesOn(target);
  });

  it('stays in a catch only as long as its threads can be stopped', async (context) => {
    const target = await start(context);
    const process = new NativeProcess(target.pid, [hitType]);
    const { transcript, code } = await runLines(process, ['catch hw-breakpoint.hit address=counter', 'info catchpoints'], { gdbProgram: ['/nowhere/gdb'] }); // prettier-ignore
    expect(transcript).toContain('EE_GDB_MISSING: /nowhere/gdb is not installed');
    expect(transcript).toContain('apt-get install gdb');
    expect(code).toBe(1);
    expect(process.opened).toEqual([]);
    await goesOn(target);
  });

  it('of another user is refused with the remedy', async (context) => {
    if (process.getuid?.() !== 0) context.skip('needs root: to be two users');
    const target = await start(context);
    const script = `const { checkAttachable } = await import(${JSON.stringify(new URL('gdb-refusals.ts', import.meta.url).href)}); try { checkAttachable(${target.pid}) } catch (error) { console.log(error.code, error.hint) }`;
    const said = execFileSync(process.execPath, ['--conditions=@extension-events/source', '--input-type=module', '-e', script], { uid: 1001, gid: 1001, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], cwd: '/', env: {} }); // prettier-ignore
    expect(said).toMatch(/^EE_GDB_PERMISSION Run it as that user or as root/);
  });
});

function gdbEnded(gdb: GdbTarget): Promise<void> {
  return new Promise((resolve) => {
    const subscription = gdb.news$.subscribe((news) => {
      if (news.type !== 'gdb-ended') return;
      subscription.unsubscribe();
      resolve();
    });
  });
}

/** Another process that attaches gdb to the target, runs the script, and ends. */
async function ownerEnds(pid: number, script: string): Promise<void> {
  const module = new URL('gdb-target.ts', import.meta.url).href;
  const directory = mkdtempSync(join(tmpdir(), 'owner-'));
  const file = join(directory, 'owner.mjs');
  writeFileSync(file, `import { GdbTarget } from ${JSON.stringify(module)};\nconst target = new GdbTarget(${pid});\nawait target.attach();\n${script}\n`); // prettier-ignore
  const child = spawn(process.execPath, ['--conditions=@extension-events/source', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await new Promise((resolve) => child.once('exit', resolve));
  rmSync(directory, { recursive: true });
}
