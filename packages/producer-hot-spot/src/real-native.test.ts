import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { spawn } from 'node:child_process';
import { findPerfCapabilities } from '@extension-events/platform-linux';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  addr2line,
  compile,
  directory,
  has,
  missing,
  perfReport,
  rangeOf,
  Watched,
} from '../fixtures/native.ts';
import type { Heard } from '../fixtures/native.ts';

// A loaded machine is slow; how slow is not what is tested.
vi.setConfig({ testTimeout: 180_000 });

const any = (): boolean => true;
const isRoot = process.getuid?.() === 0;
/** The address of a hot instruction as the file has it. */
const inFile = ({ payload }: Heard, file: string): number =>
  rangeOf(file, payload.symbol ?? '').start + (payload.offset ?? 0);
const isIn =
  (module: string) =>
  ({ payload }: Heard): boolean =>
    payload.module === module;
const quick = { hits: 50 } as const;
const { breakpoints } = await findPerfCapabilities();

describe('in a program of machine code', () => {
  beforeEach((context) => {
    if (missing !== undefined) context.skip(`needs ${missing}`);
    if (!has('gcc')) context.skip('needs gcc: it is not installed');
  });

  it('names the hot function and the line of its hottest instruction, as addr2line has it', async () => {
    const file = compile();
    await using watched = await Watched.start(file, 'alpha');
    const first = await watched.listen(quick).until(any, 'hot spot');
    const { payload } = first;
    expect(payload).toMatchObject({ source: 'perf', function: 'alpha', symbol: 'alpha', module: file, hits: 50, confirmed: true }); // prettier-ignore
    expect(`${payload.url}:${payload.line}`).toBe(addr2line(file, inFile(first, file))[0]);
    expect(payload.stack.split('\n')[0]).toMatch(/^alpha\+0x/);
    expect(payload.stack).toContain('spin+0x');
    expect(first.tid).not.toBe(watched.pid);
  });

  it('names the symbol that perf report has on top', async (context) => {
    if (!has('perf')) context.skip('needs perf: it is not installed');
    await using watched = await Watched.start(compile(), 'beta');
    const { payload } = await watched.listen(quick).until(any, 'hot spot');
    expect(perfReport(watched.pid).symbols[0]).toBe(payload.symbol);
  });

  it('tells two busy threads apart, each with its own function', async () => {
    await using watched = await Watched.start(compile(), 'alpha', 'sleeps', 'beta');
    const listening = watched.listen(quick);
    const alpha = await listening.until(({ payload }) => payload.function === 'alpha', 'alpha');
    const beta = await listening.until(({ payload }) => payload.function === 'beta', 'beta');
    expect(alpha.tid).not.toBe(beta.tid);
    expect(listening.heard.filter(({ tid }) => tid === alpha.tid)).toEqual([alpha]);
  });

  it('watches the one thread that was chosen', async () => {
    await using watched = await Watched.start(compile(), 'alpha', 'beta');
    const all = watched.listen(quick);
    const { tid } = await all.until(({ payload }) => payload.function === 'beta', 'beta');
    const one = watched.listen({ hits: 30, cooldownMs: 0 }, { tid });
    await one.until(() => one.heard.length > 2, 'three hot spots');
    expect(new Set(one.heard.map(({ payload }) => payload.function))).toEqual(new Set(['beta']));
  });

  it('counts the threads of the process together when asked to', async () => {
    await using watched = await Watched.start(compile(), 'alpha', 'alpha', 'alpha');
    const { payload, tid } = await watched.listen({ hits: 100, scope: 'process' }).until(any, 'hot spot'); // prettier-ignore
    expect(payload).toMatchObject({ function: 'alpha', hits: 100 });
    expect(watched.host.threads.map((thread) => thread.tid)).toContain(tid);
  });

  it('finds a thread that is born later', async () => {
    await using watched = await Watched.start(compile(), 'late');
    const first = await watched.listen(quick).until(any, 'hot spot');
    expect(first.payload.function).toBe('beta');
  });

  it('counts source lines and single instructions when asked to', async () => {
    const file = compile();
    await using watched = await Watched.start(file, 'beta');
    const line = await watched.listen({ ...quick, by: 'line' }).until(any, 'hot line');
    expect(`${line.payload.url}:${line.payload.line}`).toBe(addr2line(file, inFile(line, file))[0]);
    const { payload } = await watched.listen({ hits: 10, by: 'pc' }).until(any, 'hot pc');
    expect(payload).toMatchObject({ function: 'beta', hits: 10 });
    expect(payload.share).toBeLessThan(1);
  });

  it('names the line of an inlined function, and says whose it is', async () => {
    const file = compile();
    await using watched = await Watched.start(file, 'outer');
    const first = await watched.listen(quick).until(any, 'hot spot');
    expect(first.payload).toMatchObject({
      function: 'outer',
      note: expect.stringContaining('inlined: inner') as string,
    });
    const lines = addr2line(file, inFile(first, file));
    expect(lines).toHaveLength(2);
    expect(`${first.payload.url}:${first.payload.line}`).toBe(lines[0]);
  });

  it('shows module and offset of a stripped program', async () => {
    const file = compile('-s');
    const { start, end } = rangeOf(compile(), 'alpha');
    await using watched = await Watched.start(file, 'alpha');
    const { payload } = await watched.listen(quick).until(any, 'hot spot');
    expect(payload).not.toHaveProperty('symbol');
    expect(payload).toMatchObject({ module: file, url: '', line: 0 });
    expect(payload.note).toContain('no symbol');
    // -s leaves the code where it is.
    expect(payload.offset).toBeGreaterThanOrEqual(start);
    expect(payload.offset).toBeLessThan(end);
  });

  it('names kernel functions where the kernel may be seen', async (context) => {
    if (!isRoot) context.skip('needs root: the kernel is hidden from this user');
    await using watched = await Watched.start(compile(), 'calls');
    const listening = watched.listen({ hits: 20 });
    const { payload } = await listening.until(isIn('[kernel]'), 'hot kernel function');
    expect(payload.symbol).toMatch(/\w/);
    expect(payload.stack).toMatch(/\(\[kernel\]\)\n.*libc/);
  });

  it('says so where the kernel may not be seen', async (context) => {
    if (isRoot) context.skip('this user sees the kernel');
    await using watched = await Watched.start(compile(), 'alpha');
    const { payload } = await watched.listen(quick).until(any, 'hot spot');
    expect(payload.note).toContain('time in the kernel is not seen');
  });

  it('takes no sample of threads that sleep', async () => {
    await using watched = await Watched.start(compile(), 'sleeps', 'alpha', 'sleeps');
    const listening = watched.listen({ frequencyHz: 1000 }, { name: 'hot-spot.sample' });
    const { heard } = listening;
    await listening.until(() => heard.length > 300, 'samples');
    expect(new Set(heard.map(({ tid }) => tid)).size).toBe(1);
    expect(watched.host.threads).toHaveLength(4);
    const samples = heard.filter(({ payload }) => payload.function === 'alpha');
    expect(samples.length).toBeGreaterThan(heard.length / 2);
    expect(samples[0]?.payload.stack).toContain('spin+0x');
    const times = heard.map(({ timestampNs }) => timestampNs);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  it('watches the whole system where that is permitted, and is refused with a code where not', async () => {
    await using watched = await Watched.start(compile(), 'alpha');
    const listening = watched.listen({ hits: 100, scope: 'system', share: 0.01 });
    // In some virtual machines what interrupts a thread is itself among its samples.
    const isOurs = ({ payload }: Heard): boolean =>
      payload.pid === watched.pid && payload.module !== '[kernel]';
    const heard = listening.until(isOurs, 'our process');
    const outcome = await heard.then(
      ({ payload }) => payload.function,
      (error: { code?: string }) => error.code,
    );
    expect(outcome).toBe(isRoot ? 'alpha' : 'EE_PERF_PERMISSION');
  });

  it('tells the hottest function while none is hot', async () => {
    await using watched = await Watched.start(compile(), 'alpha');
    const request = { share: 1, everyMs: 500, windowMs: 500 };
    const listening = watched.listen(request, { name: 'hot-spot.candidate' });
    expect((await listening.until(any, 'candidate')).payload.function).toBe('alpha');
  });

  it('ends quietly with the program', async () => {
    await using watched = await Watched.start(compile(), 'alpha');
    const listening = watched.listen({ hits: 5, cooldownMs: 0 });
    await listening.until(any, 'hot spot');
    process.kill(watched.pid, 'SIGKILL');
    while (watched.end === null) await new Promise((resolve) => void setTimeout(resolve, 20));
    watched.host.perf.drain();
    expect(watched.end).toBe('SIGKILL');
  });
});

describe('a caught hot spot of a real thread', () => {
  beforeEach((context) => {
    if (missing !== undefined) context.skip(`needs ${missing}`);
    if (!has('gcc')) context.skip('needs gcc: it is not installed');
    if (process.arch !== 'x64') context.skip('needs data-breakpoint: tried on x64 alone');
    if (!breakpoints.isOk) context.skip(`needs data-breakpoint: ${breakpoints.reason}`);
  });

  it('is posted when the thread reached the hot instruction, and harms nobody without a debugger', async () => {
    await using watched = await Watched.start(compile(), 'alpha', 'beta');
    const listening = watched.listen({ ...quick, cooldownMs: 0 }, { isStop: true });
    await listening.until(() => listening.heard.length > 3, 'four stops');
    for (const { payload } of listening.heard) {
      expect(['alpha', 'beta']).toContain(payload.function);
      expect(payload).toMatchObject({ confirmed: true, hits: expect.any(Number) as number });
      expect(payload.line).toBeGreaterThan(0);
      expect(payload.note ?? '').not.toContain('stands');
    }
    expect(watched.end).toBeNull();
  });

  it('stands at its next sample when the debug registers are taken, and says so', async () => {
    await using watched = await Watched.start(compile(), 'alpha');
    const busy = await watched.listen(quick).until(any, 'hot spot');
    const taken = Array.from({ length: 4 }, (_, at) =>
      watched.host.perf.open({
        event: { type: 'breakpoint', access: 'write', address: BigInt(0x1000 + 8 * at), lengthBytes: 8 },
        rate: { period: 1 },
        tid: busy.tid,
        onSample: () => undefined,
      }),
    ); // prettier-ignore
    const { payload } = await watched.listen(quick, { isStop: true }).until(any, 'stop');
    expect(payload).toMatchObject({ function: 'alpha', confirmed: false });
    expect(payload.note).toMatch(/no debug register.*next sample/);
    for (const each of taken) each[Symbol.dispose]();
    expect(watched.end).toBeNull();
  });

  it('stands exactly at the hot instruction when gdb holds it', async (context) => {
    if (!has('gdb')) context.skip('needs gdb: it is not installed');
    await using watched = await Watched.start(compile(), 'sleeps', 'beta');
    const steps = ['handle SIGURG stop nopass', 'shell echo attached', 'continue', 'info registers rip', 'detach']; // prettier-ignore
    const gdb = spawn('gdb', ['-q', '-nx', '-batch', '-p', `${watched.pid}`, ...steps.flatMap((step) => ['-ex', step])], { stdio: ['ignore', 'pipe', 'ignore'] }); // prettier-ignore
    let said = '';
    const isAttached = new Promise<void>((resolve) => {
      gdb.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('attached')) resolve();
      });
    });
    const isOver = new Promise<void>((resolve) => void gdb.once('exit', () => resolve()));
    await Promise.race([isAttached, isOver]);
    const { payload } = await watched.listen(quick, { isStop: true }).until(any, 'stop');
    await isOver;
    expect(payload).toMatchObject({ function: 'beta', confirmed: true });
    expect(said).toContain(`0x${payload.pc?.toString(16)}`);
    expect(watched.end).toBeNull();
  });
});

describe('in programs of others', () => {
  beforeEach((context) => {
    if (missing !== undefined) context.skip(`needs ${missing}`);
  });

  it('names compiled JavaScript, with its file and the line of the function', async () => {
    const script = join(directory, 'spins.cjs');
    writeFileSync(script, '\n\nfunction spinsInNode(n) {\n  let x = 1;\n  for (let i = 0; i < n; i++) x = (x * 48271) % 2147483647;\n  return x;\n}\nfor (;;) globalThis.sink = spinsInNode(1e6);\n'); // prettier-ignore
    await using watched = await Watched.start(process.execPath, '--perf-basic-prof', script);
    const listening = watched.listen(quick);
    const { payload } = await listening.until(isIn('[jit]'), 'compiled function'); // prettier-ignore
    expect(payload).toMatchObject({ function: 'spinsInNode', url: script, line: 3, note: expect.stringContaining('line of the function') as string }); // prettier-ignore
  });

  // Each reads /dev/zero.
  const programs: [string, string[]][] = [
    ['gzip', ['-9', '-c']],
    ['xz', ['-6', '-c']],
    ['sha256sum', []],
    ['openssl', ['speed', '-seconds', '60', 'md5']],
    ['python3', ['-c', 'x = 1\nwhile True: x = (x * 48271) % 2147483647']],
    ['bash', ['-c', 'while :; do x=$(( (x * 48271 + 1) % 2147483647 )); done']],
    ['sqlite3', [':memory:', 'with recursive n(i) as (select 1 union all select i * 48271 % 2147483647 from n limit 900000000) select max(i) from n;']], // prettier-ignore
  ];

  // Three of them stand for all; `EXTEV_PROGRAMS=all` has the others looked at too.
  const chosen = process.env['EXTEV_PROGRAMS'] === 'all' ? programs : programs.filter(([name]) => ['gzip', 'python3', 'bash'].includes(name)); // prettier-ignore

  it.for(chosen)(
    'finds what perf report has among the first: %s',
    async ([program, args], context) => {
      if (!has(program)) context.skip(`needs ${program}: it is not installed`);
      await using watched = await Watched.start(program, ...args);
      // Past its start, which perf does not see.
      await new Promise((resolve) => void setTimeout(resolve, 1000));
      // What is hot in the kernel meanwhile is this machine's doing: its timers, its hypervisor.
      const { payload } = await watched.listen({ share: 0.05, scope: 'process' }).until((said) => said.payload.module !== '[kernel]', 'hot spot'); // prettier-ignore
      if (!has('perf')) context.skip('needs perf: it is not installed');
      const { symbols, modules } = perfReport(watched.pid);
      const module = (payload.module ?? '').replace('[kernel]', '[kernel.kallsyms]');
      expect(modules.map((each) => basename(each))).toContain(basename(module));
      // Where a file has no symbols, perf shows bare addresses.
      const named = symbols.filter((each) => !each.startsWith('0x')).map(plain);
      expect(payload.symbol === undefined ? [''] : ['', ...named]).toContain(
        named.length === 0 ? '' : plain(payload.symbol ?? ''),
      );
    },
  );
});

/** perf and we write versions and clones of symbols differently. */
const plain = (symbol: string): string => symbol.replace(/[@(.].*$/, '');
