import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getRegistry } from '@extension-events/core';
import type { AnyPayload } from '@extension-events/core';
import { openLinuxHost } from '@extension-events/platform-linux';
import type { LinuxHost } from '@extension-events/platform-linux';
import { Ptrace, ThreadHolder } from '@extension-events/platform-linux/ptrace';
import type { HeldSignal } from '@extension-events/platform-linux/ptrace';
import { exportCatalogue, kernelFilter, openTracepoints } from '@extension-events/platform-linux/tracefs'; // prettier-ignore
import type { KernelConjunct, KernelOperator } from '@extension-events/platform-linux/tracefs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { compileProbed, hasCompiler, listenTo, removeScratch, scratch, startProbed, until } from '../fixtures/probed.ts'; // prettier-ignore
import type { Ear, EarOptions, Probed } from '../fixtures/probed.ts';
import { createTracepointProducer } from './index.ts';
import type { RunningTracepoints } from './index.ts';

const sendto = 'tracepoint:syscalls:sys_enter_sendto';
const sendLength = 'tracepoint:sock:sock_send_length';
const isRoot = process.geteuid?.() === 0;
let binary = '';

beforeAll(() => {
  if (hasCompiler()) binary = compileProbed();
});
afterAll(removeScratch);

interface Bed extends AsyncDisposable {
  readonly target: Probed;
  readonly host: LinuxHost;
  readonly running: RunningTracepoints;
  listen(name: string, options?: EarOptions): Promise<Ear>;
  /** Rounds of the target, after which everything that happened has been heard. */
  round(letters: string): Promise<{ readonly armed: number; readonly semaphore: number }>;
}

async function observe(context: TestContext, feature: 'tracefs' | 'uprobe'): Promise<Bed> {
  if (binary === '') context.skip('needs gcc: the target is a C program');
  if (!isRoot) context.skip(`needs ${feature}: this user may not use it`);
  const support = createTracepointProducer().isSupported();
  if (!support.ok) context.skip(`needs ${feature}: ${support.reason}`);
  const target = await startProbed(binary);
  const host = await openLinuxHost(target.pid);
  const running = createTracepointProducer().start(getRegistry(), host);
  return {
    target,
    host,
    running,
    async listen(name, options) {
      await running.provide(name);
      return await listenTo(name, options);
    },
    async round(letters) {
      let answer = { armed: 0, semaphore: 0 };
      for (const letter of letters) answer = await target.round(letter);
      host.perf.drain();
      return answer;
    },
    async [Symbol.asyncDispose]() {
      running[Symbol.dispose]();
      host[Symbol.dispose]();
      await target[Symbol.asyncDispose]();
    },
  };
}

async function provide({ running }: Bed, name: string): Promise<void> {
  await running.provide(name);
}

const subjectOf = (tid: number): { tid: number; threadId: number } => ({ tid, threadId: 0 });

describe('a tracepoint', () => {
  it('is heard exactly for one thread and a kernel filter', async (context) => {
    await using bed = await observe(context, 'tracefs');
    const [one, two] = bed.target.senders;
    const ears = {
      thirteen: await bed.listen(sendto, { subject: subjectOf(one), request: { filter: 'len == 13' } }), // prettier-ignore
      one: await bed.listen(sendto, { subject: subjectOf(one) }),
      more: await bed.listen(sendto, { subject: subjectOf(two), request: { filter: 'len == 13 || len == 14' } }), // prettier-ignore
      all: await bed.listen(sendto),
      // All ways to send, write(2) too: 4 by send and 1 by write, of each thread.
      sent: await bed.listen(sendLength, { request: { filter: 'ret == 13' } }),
    };
    await bed.round('s');
    const counts = Object.entries(ears).map(([name, { events, lost }]) => [name, events.length, lost()]); // prettier-ignore
    expect(counts).toEqual([['thirteen', 4, 0], ['one', 20, 0], ['more', 8, 0], ['all', 40, 0], ['sent', 10, 0]]); // prettier-ignore
    expect(new Set(ears.thirteen.events.map(({ subject }) => subject.tid))).toEqual(new Set([one]));
    expect(ears.more.events.every(({ subject }) => subject.tid === two)).toBe(true);
    expect(ears.one.events.map(({ payload }) => payload['len'])).toEqual(Array.from({ length: 20 }, (_, i) => BigInt(10 + (i % 5)))); // prettier-ignore
    expect(ears.thirteen.events[0]?.payload).toMatchObject({ __syscall_nr: process.arch === 'x64' ? 44 : 206, len: 13n, flags: 0x4000, addr: 0n, addr_len: 0 }); // prettier-ignore
    expect(ears.sent.events[0]?.payload).toMatchObject({ family: 2, protocol: 6, ret: 13 });
    const times = ears.all.events.map(({ timestampNs }) => timestampNs);
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
  });

  it('is heard again after it was let go, and not in between', async (context) => {
    await using bed = await observe(context, 'tracefs');
    for (let i = 0; i < 3; i++) {
      using ear = await bed.listen(sendto);
      await bed.round('s');
      expect(ear.events).toHaveLength(40);
      ear[Symbol.dispose]();
      await bed.round('s');
      expect(ear.events).toHaveLength(40);
    }
  });

  it('stops the thread at the return from that very system call, for a holder', async (context) => {
    await using bed = await observe(context, 'tracefs');
    if (process.arch !== 'x64') context.skip('needs x64: registers are read by their names');
    const [one] = bed.target.senders;
    const signals: HeldSignal[] = [];
    const ptrace = await Ptrace.load();
    using holder = new ThreadHolder(ptrace, {
      onSignal(signal) {
        signals.push(signal);
        return signal.signal === 23 ? 'hold' : 'pass';
      },
    });
    holder.seize(one);
    await bed.running.provide(sendto);
    const lens: unknown[] = [];
    const where = () => (payload: AnyPayload) => {
      lens.push(payload['len']);
      return false; // what a stop does is not for this process
    };
    const tap = getRegistry().tap({ mode: 'stop', pattern: sendto, subject: subjectOf(one), request: { filter: 'len == 13' }, where }); // prettier-ignore
    const round = bed.target.round('s');
    for (let i = 1; i <= 4; i++) {
      await until(() => holder.isHeld(one), 'the stop');
      bed.host.perf.drain();
      expect(lens).toHaveLength(i);
      expect(ptrace.registers(one)).toMatchObject({ orig_rax: 44n, rax: 13n, rdx: 13n });
      bed.host.perf.rearm(one);
      holder.resume(one);
    }
    await round;
    getRegistry().untap(tap);
    expect(signals).toHaveLength(4);
    for (const { tid, signal, siCode } of signals) {
      expect({ tid, signal, isNotice: siCode > 0 && siCode < 128 }).toEqual({ tid: one, signal: 23, isNotice: true }); // prettier-ignore
    }
  });

  it('has addresses as people write them', async (context) => {
    await using bed = await observe(context, 'tracefs');
    const ear = await bed.listen('tracepoint:tcp:tcp_probe');
    await bed.round('s');
    expect(ear.events.length).toBeGreaterThan(0);
    for (const { payload } of ear.events) {
      expect(payload['saddr']).toBe(`127.0.0.1:${String(payload['sport'])}`);
      expect(payload['daddr']).toBe(`127.0.0.1:${String(payload['dport'])}`);
    }
  });

  it('carries its stack when asked, of the kernel and of the program', async (context) => {
    await using bed = await observe(context, 'tracefs');
    const ear = await bed.listen(sendLength, { request: { stack: true, filter: 'ret == 13' } });
    await bed.round('s');
    const stack = String(ear.events[0]?.payload['stack']);
    expect(stack).toMatch(/sendto.*\(\[kernel\]\)/);
    expect(stack).toMatch(/\(libc\.so\.6\)/);
  });

  it('is refused with the kernel left out, when it happens there', async (context) => {
    await using bed = await observe(context, 'tracefs');
    await expect(bed.listen(sendLength, { request: { kernel: false } })).rejects.toMatchObject({ code: 'EE_TRACEPOINT_KERNEL' }); // prettier-ignore
    using ear = await bed.listen(sendto, { request: { kernel: false } });
    await bed.round('s');
    expect(ear.events).toHaveLength(40);
  });

  it('is refused with a filter that the kernel does not understand', async (context) => {
    await using bed = await observe(context, 'tracefs');
    for (const filter of ['length == 13', 'len ==', '((len == 13)', 'len == "x"']) {
      await expect(bed.listen(sendto, { request: { filter } })).rejects.toMatchObject({ code: 'EE_PERF_FILTER' }); // prettier-ignore
    }
  });

  it('that does not exist is refused with similar names', async (context) => {
    await using bed = await observe(context, 'tracefs');
    await expect(provide(bed, 'tracepoint:sock:sock_send_len')).rejects.toMatchObject({ code: 'EE_TRACEPOINT_UNKNOWN', hint: expect.stringContaining(sendLength) }); // prettier-ignore
    await expect(provide(bed, 'nonsense:x')).rejects.toMatchObject({ code: 'EE_TRACEPOINT_NAME' }); // prettier-ignore
  });
});

const evaluate = (
  payload: Readonly<Record<string, unknown>>,
  { field, op, value }: KernelConjunct,
): boolean => {
  const held = payload[field];
  if (op === '&') return (BigInt(held as number) & BigInt(value)) !== 0n;
  const [a, b] = typeof value === 'string' ? [held as string, value] : [BigInt(held as number), BigInt(value)]; // prettier-ignore
  const results: Record<Exclude<KernelOperator, '&'>, boolean> = { '==': a === b, '!=': a !== b, '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b }; // prettier-ignore
  return results[op];
};
const c = (field: string, op: KernelOperator, value: KernelConjunct['value']): KernelConjunct => ({ field, op, value }); // prettier-ignore

describe('what the kernel filters', () => {
  it.for<[string, string, readonly (readonly KernelConjunct[])[]]>([
    [
      'syscalls:sys_enter_sendto',
      'sx',
      [
        [c('len', '==', 13)],
        [c('len', '!=', 13)],
        [c('len', '>', 11), c('len', '<=', 13)],
        [c('len', '&', 4)],
        [c('len', '>=', 2n ** 63n)],
        [c('flags', '==', 0x4000)],
        [c('flags', '&', 0x4000)],
        [c('flags', '!=', 0x4000)],
        [c('addr_len', '==', 0)],
        [c('fd', '!=', 3)],
        [c('fd', '==', 5)],
        [c('fd', '==', 7), c('len', '==', 10)],
        [c('fd', '==', -1)],
        [c('buff', '>', 4096)],
        [c('__syscall_nr', '==', 44)],
      ],
    ],
    [
      'sock:sock_send_length',
      's',
      [
        [c('ret', '==', 13)],
        [c('ret', '<', -1)],
        [c('ret', '>', -1)],
        [c('family', '==', 2), c('ret', '>=', 12)],
        [c('protocol', '!=', 6)],
        [c('sk', '>', 2n ** 63n)],
      ],
    ],
    [
      'task:task_rename',
      'n',
      [
        [c('newcomm', '==', 'beta')],
        [c('newcomm', '!=', 'beta')],
        [c('newcomm', '==', "beta 'x'")],
        [c('newcomm', '==', 'say "y"')],
        [c('oldcomm', '==', 'fifteen chars..')],
        [c('newcomm', '==', 'fifteen chars.')],
        [c('newcomm', '==', 'BETA')],
        [c('oldcomm', '==', 'alpha'), c('newcomm', '==', 'beta')],
      ],
    ],
    [
      'net:net_dev_queue',
      's',
      [
        [c('name', '==', 'lo')],
        [c('name', '!=', 'lo')],
        [c('name', '==', 'l')],
        [c('name', '==', 'lo0')],
        [c('len', '>', 66)],
      ],
    ],
  ])('%s is the same as what is filtered here', async ([name, letters, filters], context) => {
    await using bed = await observe(context, 'tracefs');
    using tracepoints = await openTracepoints();
    const { format } = tracepoints.get(name);
    const all = await bed.listen(`tracepoint:${name}`);
    const ears: Ear[] = [];
    for (const filter of filters) {
      const text = kernelFilter(format, filter);
      ears.push(await bed.listen(`tracepoint:${name}`, { request: { filter: text } }));
    }
    await bed.round(letters);
    expect(all.events.length).toBeGreaterThan(15);
    let some = 0;
    for (const [i, filter] of filters.entries()) {
      const here = all.events.filter(({ payload }) => filter.every((each) => evaluate(payload, each))); // prettier-ignore
      const there = ears[i]?.events ?? [];
      // Two threads on two processors: which of two events comes first is for nobody to say.
      expect({ filter, heard: inOrder(there) }).toEqual({ filter, heard: inOrder(here) });
      if (here.length > 0 && here.length < all.events.length) some++;
    }
    expect(some).toBeGreaterThan(0);
  });
});

function inOrder(events: Ear['events']): string[] {
  const texts = events.map(({ payload }) => JSON.stringify(payload, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))); // prettier-ignore
  return texts.toSorted();
}

function tracerOf(tid: number): number {
  return Number(/^TracerPid:\s(\d+)/m.exec(readFileSync(`/proc/${tid}/status`, 'utf8'))?.[1]);
}

/** perf stat says nothing when it counts: its descriptor of the event does. */
async function hasOpened(pid: number | undefined): Promise<boolean> {
  await until(() => spawnSync('sh', ['-c', `ls -l /proc/${pid}/fd 2>/dev/null | grep -q perf_event || ! test -e /proc/${pid}/fd`]).status === 0, 'perf stat'); // prettier-ignore
  return true;
}

describe('counts', () => {
  it('are those of perf stat', async (context) => {
    await using bed = await observe(context, 'tracefs');
    const [one] = bed.target.senders;
    const out = join(scratch(), 'stat');
    const perf = spawn('perf', ['stat', '-x,', '-o', out, '-e', 'syscalls:sys_enter_sendto', '-t', String(one)], { stdio: ['ignore', 'ignore', 'pipe'] }); // prettier-ignore
    const ended = new Promise<number | null>((resolve) => {
      perf.once('close', resolve);
      perf.once('error', () => resolve(null));
    });
    const missing = await Promise.race([ended, hasOpened(perf.pid)]);
    if (missing !== true) context.skip('needs perf: perf stat does not work here');
    const ear = await bed.listen(sendto, { subject: subjectOf(one) });
    await bed.round('sss');
    perf.kill('SIGINT');
    await ended;
    expect(ear.events).toHaveLength(60);
    expect(Number(/^(\d+),/m.exec(readFileSync(out, 'utf8'))?.[1])).toBe(60);
  });

  it('are those of strace', async (context) => {
    await using bed = await observe(context, 'tracefs');
    if (spawnSync('strace', ['-V']).status !== 0) context.skip('needs strace: it is not installed');
    const out = join(scratch(), 'strace');
    const { pid, senders } = bed.target;
    const strace = spawn('strace', ['-f', '-c', '-e', 'trace=sendto', '-o', out, '-p', String(pid)], { stdio: 'ignore' }); // prettier-ignore
    const ended = new Promise<void>((resolve) => void strace.once('close', () => resolve()));
    await until(() => senders.every((tid) => tracerOf(tid) === strace.pid) && tracerOf(pid) === strace.pid, 'strace'); // prettier-ignore
    const ear = await bed.listen(sendto);
    await bed.round('sx');
    strace.kill('SIGINT');
    await ended;
    const calls = /^\s*\S+\s+\S+\s+\S+\s+(\d+)\s.*sendto$/m.exec(readFileSync(out, 'utf8'))?.[1];
    expect(ear.events).toHaveLength(60);
    expect(Number(calls)).toBe(60);
  });
});

describe('a probe in a program', () => {
  it('is heard each time that a function is called, with its arguments, and returns', async (context) => {
    await using bed = await observe(context, 'uprobe');
    const calls = await bed.listen(`uprobe:${binary}:work`, { request: { stack: true } });
    const returns = await bed.listen(`uretprobe:${binary}:work`);
    await bed.round('w');
    expect(calls.events).toHaveLength(97);
    expect(calls.events.map(({ payload }) => payload['arg0'])).toEqual(Array.from({ length: 97 }, (_, i) => BigInt(i))); // prettier-ignore
    const [first] = calls.events;
    expect(first?.payload).toMatchObject({ arg2: 3n, arg3: BigInt.asUintN(64, -4n), arg4: 5n, arg5: 6n }); // prettier-ignore
    expect(String(first?.payload['stack'])).toMatch(/^work\+0x0 \(probed\)/);
    expect(first?.subject.tid).toBe(bed.target.pid);
    expect(returns.events.map(({ payload }) => payload['retInt'])).toEqual(Array.from({ length: 97 }, (_, i) => (i % 2 === 1 ? -i : i * 2))); // prettier-ignore
  });

  it('works in a library, by its path and by its short name', async (context) => {
    await using bed = await observe(context, 'uprobe');
    const path = /\S+\/libc\.so\.6$/m.exec(
      readFileSync(`/proc/${bed.target.pid}/maps`, 'utf8'),
    )?.[0];
    if (path === undefined) context.skip('needs glibc: this machine has another C library');
    const ears = [];
    for (const file of [path, 'libc.so.6', 'libc']) ears.push(await bed.listen(`uprobe:${file}:usleep`)); // prettier-ignore
    await bed.round('u');
    expect(ears.map(({ events }) => events.length)).toEqual([13, 13, 13]);
    expect(ears[0]?.events[0]?.payload['arg0']).toBe(1n);
  });

  it('may be at an instruction within a function, and nowhere else', async (context) => {
    await using bed = await observe(context, 'uprobe');
    const offsets = execFileSync('objdump', ['-d', '--no-show-raw-insn', '--disassemble=work', binary], { encoding: 'utf8' }); // prettier-ignore
    const [start = 0, ...starts] = Array.from(offsets.matchAll(/^ +([0-9a-f]+):\t/gm), ([, hex = '']) => Number.parseInt(hex, 16)); // prettier-ignore
    const within = new Set(starts.map((at) => at - start));
    const most = Math.max(...within);
    for (let offset = 1; offset <= most; offset++) {
      const provided = provide(bed, `uprobe:${binary}:work+${offset}`);
      const code = await provided.then(() => 'none', (error: { code: string }) => error.code); // prettier-ignore
      expect([offset, code]).toEqual([offset, within.has(offset) ? 'none' : 'EE_UPROBE_BOUNDARY']);
    }
    const [last = 0] = [...within].toSorted((a, b) => b - a);
    const ear = await bed.listen(`uprobe:${binary}:work+${last}`);
    await bed.round('w');
    expect(ear.events).toHaveLength(97); // its return instruction
  });

  it.for([
    ['uprobe:BINARY:wrok', 'EE_UPROBE_SYMBOL', ':work'],
    ['uprobe:BINARY:work+1000', 'EE_UPROBE_SYMBOL', ''],
    ['uprobe:BINARY:0x0', 'EE_UPROBE_SYMBOL', ''],
    ['uprobe:BINARY:global_value', 'EE_UPROBE_SYMBOL', ''],
    ['uretprobe:BINARY:work+4', 'EE_UPROBE_SYMBOL', ''],
    ['uprobe:/nothing/here:work', 'EE_UPROBE_FILE', ''],
    ['uprobe:/etc/passwd:work', 'EE_UPROBE_FILE', ''],
    ['uprobe:/etc:work', 'EE_UPROBE_FILE', ''],
    ['uprobe:probe:work', 'EE_UPROBE_FILE', 'probed'],
    ['usdt:BINARY:fixture:requests', 'EE_USDT_UNKNOWN', ':fixture:request'],
    ['usdt:BINARY:fixture', 'EE_TRACEPOINT_NAME', ''],
  ])('%s is refused by %s', async ([name = '', code, near = ''], context) => {
    await using bed = await observe(context, 'uprobe');
    await expect(provide(bed, name.replace('BINARY', binary))).rejects.toMatchObject({ code, hint: expect.stringContaining(near) }); // prettier-ignore
  });
});

describe('a USDT probe', () => {
  it('is heard with its arguments, and its semaphore is raised meanwhile', async (context) => {
    await using bed = await observe(context, 'uprobe');
    const name = `usdt:${binary}:fixture:request`;
    expect(await bed.round('r')).toEqual({ armed: 0, semaphore: 0 });
    const ear = await bed.listen(name, { request: { stack: true } });
    expect(await bed.round('r')).toEqual({ armed: 17, semaphore: 1 });
    const payloads = ear.events.map(({ payload: { arg1: _pointer, stack: _stack, ...rest } }) => rest); // prettier-ignore
    expect(payloads).toEqual(Array.from({ length: 17 }, (_, i) => ({ arg0: i - 5, arg2: BigInt(-1000 * i), arg3: 447n, arg4: 4711n }))); // prettier-ignore
    expect(String(ear.events[0]?.payload['stack'])).toMatch(/^main\+/);
    ear[Symbol.dispose]();
    expect(await bed.round('r')).toEqual({ armed: 17, semaphore: 0 });
    expect(ear.events).toHaveLength(17);
  });
});

describe('the catalogue', () => {
  it('has what a pattern names, and reads no more', async (context) => {
    await using bed = await observe(context, 'tracefs');
    const producer = createTracepointProducer();
    const { pid } = bed.target;
    const list = async (pattern: string): Promise<string[]> => (await producer.catalogue(pattern, pid)).map(({ name }) => name); // prettier-ignore
    expect(await list('tracepoint:sock:sock_*_length')).toEqual(['tracepoint:sock:sock_recv_length', sendLength]); // prettier-ignore
    expect(await list(`uprobe:${binary}:wo*`)).toEqual([`uprobe:${binary}:work`]);
    expect(await list(`uretprobe:${binary}:wo*`)).toEqual([`uretprobe:${binary}:work`]);
    expect(await list('usdt:**:fixture:*')).toEqual([`usdt:${binary}:fixture:request`]);
    expect(await list(`usdt:${binary}:*`)).toEqual([`usdt:${binary}:fixture:request`]);
    expect(await list('net.*')).toEqual([]);
    expect(await list('**:fixture:*')).toEqual([`usdt:${binary}:fixture:request`]);
    await expect(list('uprobe:/nothing:*')).rejects.toMatchObject({ code: 'EE_UPROBE_FILE' });
    for (const descriptor of await producer.catalogue('tracepoint:sock:*')) {
      await bed.running.provide(descriptor.name);
      const registered = getRegistry().describeTypes().find((type) => type.descriptor.name === descriptor.name); // prettier-ignore
      expect(registered?.descriptor).toEqual(descriptor);
    }
  });
});

it("the README's program prints what the README says", async (context) => {
  await using bed = await observe(context, 'tracefs');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const program = /^```js\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
  const args = ['--conditions=@extension-events/source', '--no-warnings', '--input-type=module', '-e', program, String(bed.target.pid)]; // prettier-ignore
  const child = spawn(process.execPath, args, { cwd: new URL('..', import.meta.url), stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  for (let i = 0; i < 200 && !said.includes('\n') && child.exitCode === null; i++) {
    await bed.target.round('s');
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
  child.kill();
  await ended;
  const [first = ''] = said.split('\n');
  const [tid, len] = first.split(' ');
  expect(bed.target.senders).toContain(Number(tid));
  expect(readme).toContain(`// 4243 ${len}\n`);
});

describe('an ordinary user', () => {
  const observer = new URL('../fixtures/observe.ts', import.meta.url).pathname;

  it('hears system calls of own processes by the exported catalogue, and is told of the rest', async (context) => {
    if (binary === '') context.skip('needs gcc: the target is a C program');
    if (!isRoot) context.skip('needs root: it exports the tracepoints and becomes another user');
    if (!createTracepointProducer().isSupported().ok) context.skip('needs tracefs: there is none');
    const { file, count } = await exportCatalogue(join(scratch(), 'tracepoints.json'));
    expect(count).toBeGreaterThan(100);
    const run = (catalogue: string): Record<string, unknown>[] => {
      const { stdout, stderr } = spawnSync('setpriv', ['--reuid', '1001', '--regid', '1001', '--clear-groups', process.execPath, '--conditions=@extension-events/source', '--no-warnings', observer, catalogue, binary], { encoding: 'utf8', cwd: '/', timeout: 60_000 }); // prettier-ignore
      if (stdout === '' && /EACCES|ERR_MODULE_NOT_FOUND|Permission denied/.test(stderr)) context.skip('needs root: the repository is not readable for others'); // prettier-ignore
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout) as Record<string, unknown>[];
    };
    const [support, heard, filtered, ...refusals] = run(file);
    expect(support).toEqual({ ok: true });
    expect(heard?.['lens']).toHaveLength(40);
    expect(filtered?.['lens']).toEqual([13, 13, 13, 13]);
    expect(filtered?.['stack']).toMatch(/\(libc\.so\.6\)/);
    expect(filtered?.['stack']).not.toContain('[kernel]');
    expect(refusals).toMatchObject([
      { code: 'EE_TRACEPOINT_PERMISSION' },
      { code: 'EE_TRACEPOINT_KERNEL' },
      { code: 'EE_PERF_PERMISSION' },
      { code: 'EE_TRACEPOINT_UNKNOWN' },
    ]);
    const [without, refused] = run(join(scratch(), 'missing.json'));
    expect(without).toMatchObject({ ok: false, code: 'EE_TRACEFS_PERMISSION' });
    expect(refused).toMatchObject({ code: 'EE_TRACEFS_PERMISSION', hint: expect.stringContaining('--export-tracepoints') }); // prettier-ignore
  });
});
