import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExtensionEventError } from '@extension-events/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, has, makeDirectory, Program, removeDirectories, run } from '../../fixtures/symbols/programs.ts'; // prettier-ignore
import { createSymbols } from './symbols.ts';
import type { Symbols } from './types.ts';

const hasTools = has('gcc') && has('g++') && has('addr2line');
let directory = '';
const programs: Record<string, string> = {};
beforeAll(() => {
  directory = makeDirectory();
  if (!hasTools) return;
  programs['PIE'] = compile(directory, 'plain.c', 'pie', '-pie', '-fPIE');
  programs['non-PIE'] = compile(directory, 'plain.c', 'fixed', '-no-pie', '-fno-pie');
  const linked = compile(directory, 'plain.c', 'linked');
  run('objcopy', '--only-keep-debug', linked, `${linked}.debug`);
  run('strip', linked);
  run('objcopy', `--add-gnu-debuglink=${linked}.debug`, linked);
  programs['stripped with debug link'] = linked;
  programs['stripped'] = compile(directory, 'plain.c', 'stripped', '-s');
  programs['plugin'] = compile(directory, 'plugin.c', 'plugin.so', '-shared', '-fPIC');
  programs['C++'] = compile(directory, 'shapes.cc', 'shapes');
  // Compilers on a machine that is busy otherwise.
}, 120_000);
afterAll(removeDirectories);
beforeEach((context) => {
  if (!hasTools) context.skip('needs gcc: binutils or gcc are not installed');
});

function open(pid: number, options = {}): { symbols: Symbols; problems: string[] } & Disposable {
  const problems: string[] = [];
  const onProblem = (error: ExtensionEventError) => void problems.push(error.code);
  const symbols = createSymbols(pid, { onProblem, ...options });
  return { symbols, problems, [Symbol.dispose]: () => symbols.close() };
}

const children = (): string[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);

function addr2linePids(): number[] {
  return children()
    .map(Number)
    .filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'addr2line');
}

describe('createSymbols', () => {
  it.for(['PIE', 'non-PIE', 'stripped with debug link'])(
    'resolves, finds and tells lines of a program that is %s',
    async (kind) => {
      const path = programs[kind] ?? '';
      await using program = new Program(path);
      const [, hot = '', counter = '', last = ''] = await program.words();
      using opened = open(program.pid);
      const { symbols } = opened;
      const address = BigInt(hot);
      expect(symbols.resolve(address + 5n)).toMatchObject({ symbol: 'hot', offset: 5, functionAddress: address, module: path, kind: 'user' }); // prettier-ignore
      expect(symbols.resolve(Number(counter))).toMatchObject({ symbol: 'counter', offset: 0 });
      expect(symbols.resolve(Number(counter))).not.toHaveProperty('functionAddress');
      expect(symbols.resolve(BigInt(last))).toMatchObject({ symbol: 'zeroed', offset: 299_999 });
      expect(await symbols.find('hot')).toMatchObject({ address, symbol: 'hot', kind: 'function' });
      expect((await symbols.find('only_here')).symbol).toMatch(/^only_here/);
      expect(await symbols.find('counter')).toMatchObject({
        address: BigInt(counter),
        sizeBytes: 4,
      });
      expect(await symbols.find('zeroed+299999')).toMatchObject({ address: BigInt(last), sizeBytes: 1 }); // prettier-ignore
      expect(await symbols.find(hot)).toMatchObject({ address, symbol: 'hot' });
      const inModule = symbols.resolve(address).moduleAddress?.toString(16);
      expect(await symbols.find(`${path}:0x${inModule}`)).toMatchObject({ address });
      const line = await symbols.find('plain.c:13');
      expect(line).toMatchObject({ symbol: 'hot', line: 13 });
      expect(await symbols.lines(line.address)).toMatchObject([
        { function: 'twice', line: 13 },
        { function: 'hot', line: 20 },
      ]);
      expect(opened.problems).toEqual([]);
    },
  );

  it('tells where functions start in a stripped program, and nothing that is not so', async () => {
    await using program = new Program(programs['stripped'] ?? '');
    const [, hot = '', counter = ''] = await program.words();
    using opened = open(program.pid);
    const resolved = opened.symbols.resolve(BigInt(hot) + 5n);
    expect(resolved).toMatchObject({ functionAddress: BigInt(hot), kind: 'user' });
    expect(resolved).not.toHaveProperty('symbol');
    expect(opened.symbols.resolve(BigInt(counter))).not.toHaveProperty('functionAddress');
    expect(opened.symbols.resolve(16)).not.toHaveProperty('functionAddress');
    expect(opened.problems).toEqual([]);
  });

  it('names the addresses of a running program as gdb does', async (context) => {
    if (!has('gdb')) context.skip('needs gdb: it is not installed');
    const path = programs['PIE'] ?? '';
    await using program = new Program(path);
    await program.words();
    using opened = open(program.pid);
    const { symbols } = opened;
    const places = [
      'main+20',
      'hot+3',
      'counter',
      'table+8',
      'libc.so.6:malloc+7',
      'libc.so.6:write',
    ];
    const addresses = await Promise.all(places.map(async (place) => (await symbols.find(place)).address)); // prettier-ignore
    const commands = addresses.flatMap((address) => [
      '-ex',
      `info symbol 0x${address.toString(16)}`,
    ]);
    const answer = run('gdb', '-nx', '-q', '-batch', '-p', `${program.pid}`, ...commands);
    const theirs = answer.split('\n').filter((line) => line.includes(' in section ') || line.startsWith('No symbol')); // prettier-ignore
    if (theirs.length === 0) context.skip('needs ptrace: gdb could not attach');
    for (const [index, address] of addresses.entries()) {
      const { symbol, offset = 0 } = symbols.resolve(address);
      const [, name = '', plus = '0'] = /^(\S+)(?: \+ (\d+))? in section/.exec(theirs[index] ?? '') ?? []; // prettier-ignore
      const bare = name.replace(/^_*(?:GI_+)?(?:libc_)?/, '');
      expect([bare, Number(plus)]).toEqual([symbol?.replace(/^_+/, ''), offset]);
    }
  });

  it('notices a library that is loaded later, and executable memory without a file', async () => {
    await using program = new Program(programs['PIE'] ?? '');
    await program.words();
    let now = 0;
    using opened = open(program.pid, { now: () => now });
    const { symbols } = opened;
    expect(symbols.modules().some(({ path }) => path === programs['plugin'])).toBe(false);
    const [, work = ''] = await program.tell(`load ${programs['plugin']}`);
    expect(symbols.resolve(BigInt(work)).kind).toBe('unknown');
    now += 51;
    expect(symbols.resolve(BigInt(work))).toMatchObject({ symbol: 'plugin_work', offset: 0 });
    expect(await symbols.find('plugin:plugin_calls')).toMatchObject({ sizeBytes: 4 });
    const [, code = ''] = await program.tell('code');
    now += 51;
    expect(symbols.resolve(BigInt(code))).toMatchObject({ kind: 'jit', module: '[jit]' });
    const map = `/tmp/perf-${program.pid}.map`;
    try {
      writeFileSync(map, `${code.slice(2)} 100 compiled\n`);
      now += 101;
      expect(symbols.resolve(BigInt(code) + 1n)).toMatchObject({ symbol: 'compiled', offset: 1 });
      expect(symbols.formatStack([BigInt(code) + 1n])).toBe('compiled+0x1 ([jit])');
    } finally {
      rmSync(map, { force: true });
    }
  });

  it('demangles C++, and finds functions by the names that their author wrote', async () => {
    await using program = new Program(programs['C++'] ?? '');
    await program.words();
    using opened = open(program.pid);
    const { symbols } = opened;
    const area = await symbols.find('shapes::Square<int>::area');
    expect(area.symbol).toBe('shapes::Square<int>::area() const');
    expect(symbols.resolve(area.address).symbol).toBe(area.symbol);
    await expect(symbols.find('shapes::name')).rejects.toMatchObject({
      code: 'EE_SYMBOL_AMBIGUOUS',
    });
    // Of this the compiler keeps only a copy for the arguments that occur, `.isra.0` or so.
    const sum = await symbols.find('shapes::(anonymous namespace)::sum');
    expect(sum.kind).toBe('function');
    expect((await symbols.lines(sum.address))[0]?.file).toMatch(/shapes\.cc$/);
    const both: unknown = await symbols.find('shapes::name').catch((error: unknown) => error);
    const [one = '', two = ''] = (both as ExtensionEventError).hint
      .replaceAll(/^Say which: |\.$/g, '')
      .split(/, (?=shapes)/);
    const found = await Promise.all([symbols.find(one), symbols.find(two)]);
    expect(found[0].address).not.toBe(found[1].address);
  });

  it('says what is meant when a name is not there', async () => {
    await using program = new Program(programs['PIE'] ?? '');
    await program.words();
    using opened = open(program.pid);
    const hints = async (text: string): Promise<string> => {
      const error = await opened.symbols.find(text).catch((cause: unknown) => cause as ExtensionEventError); // prettier-ignore
      return 'hint' in error ? `${error.code} ${error.hint}` : 'found';
    };
    expect(await hints('counterr')).toMatch(/^EE_SYMBOL_UNKNOWN .*counter/);
    expect(await hints('lib.so:hot')).toMatch(/^EE_SYMBOL_UNKNOWN Mapped files: .*libc\.so/);
    expect(await hints('plane.c:3')).toMatch(/^EE_SYMBOL_UNKNOWN .*plain\.c/);
    expect(await hints('plain.c:900')).toMatch(/^EE_SYMBOL_UNKNOWN Give a line before/);
    expect(await hints('counter+4')).toMatch(/^EE_SYMBOL_OUTSIDE .*below 4/);
    expect(await hints('')).toMatch(/^EE_SYMBOL_UNKNOWN/);
  });

  it('tells what it knew after the process has ended, and nothing of one that never was', async () => {
    const program = new Program(programs['PIE'] ?? '');
    const [, hot = ''] = await program.words();
    using opened = open(program.pid);
    const { symbols } = opened;
    expect(symbols.resolve(BigInt(hot)).symbol).toBe('hot');
    await program.end();
    expect(symbols.resolve(BigInt(hot) + 1n)).toMatchObject({ symbol: 'hot', offset: 1 });
    expect(symbols.resolve(4096)).toEqual({ address: 4096n, kind: 'unknown' });
    expect((await symbols.lines(BigInt(hot)))[0]?.function).toBe('hot');
    using nobody = open(2 ** 22 + 1);
    expect(nobody.symbols.resolve(BigInt(hot)).kind).toBe('unknown');
    expect(await nobody.symbols.lines(BigInt(hot))).toEqual([]);
    await expect(nobody.symbols.find('main')).rejects.toMatchObject({ code: 'EE_SYMBOL_UNKNOWN' });
    for (const odd of [-1, Number.NaN, 1.5, -1n, 2n ** 70n, 0]) {
      expect(['unknown', 'kernel']).toContain(nobody.symbols.resolve(odd).kind);
    }
  });

  it('reads a program whose file was deleted', async (context) => {
    const path = compile(directory, 'plain.c', 'brief');
    await using program = new Program(path);
    const [, hot = ''] = await program.words();
    rmSync(path);
    using opened = open(program.pid);
    const resolved = opened.symbols.resolve(BigInt(hot));
    if (process.getuid?.() !== 0 && resolved.symbol === undefined) context.skip('needs root: map_files'); // prettier-ignore
    expect(resolved).toMatchObject({ symbol: 'hot', module: path });
  });

  it('writes stacks with return addresses in the caller', async () => {
    await using program = new Program(programs['PIE'] ?? '');
    const [, hot = ''] = await program.words();
    using opened = open(program.pid);
    const { symbols } = opened;
    const { sizeBytes = 0 } = await symbols.find('hot');
    const behind = BigInt(hot) + BigInt(sizeBytes);
    const size = `0x${sizeBytes.toString(16)}`;
    expect(symbols.formatStack([BigInt(hot), behind, 1n])).toBe(
      `hot+0x0 (pie)\nhot+${size} (pie)\n0x1 ([unknown])`,
    );
  });

  it('names what the kernel maps into each process', async (context) => {
    using opened = open(process.pid);
    const { symbols } = opened;
    if (!symbols.modules().some(({ path }) => path === '[vdso]')) context.skip('needs vdso: none');
    const { address } = await symbols.find('[vdso]:__vdso_clock_gettime');
    expect(symbols.resolve(address)).toMatchObject({ module: '[vdso]', offset: 0, kind: 'user' });
    expect(symbols.resolve(0xffffffffff600000n)).toMatchObject({ module: '[vsyscall]' });
  });

  it('names functions of the kernel, or says why not', () => {
    using opened = open(process.pid);
    const line = /^(\w{16}) T (\w+)$/m.exec(readFileSync('/proc/kallsyms', 'utf8'));
    const address = BigInt(`0x${line?.[1] ?? '0'}`);
    const resolved = opened.symbols.resolve(address === 0n ? 0xffffffff81000000n : address);
    expect(resolved.kind).toBe('kernel');
    expect(opened.problems).toEqual(address === 0n ? ['EE_KALLSYMS'] : []);
    expect(resolved.symbol).toBe(address === 0n ? undefined : line?.[2]);
  });
});

describe('names of compiled JavaScript', () => {
  it('come from the perf map of a Node process', async () => {
    const script = join(directory, 'hot.cjs');
    writeFileSync(
      script,
      `function veryHot(n) { let s = 0; for (let i = 0; i < n; i++) s += i % 7; return s; }
      for (let i = 0; i < 300; i++) veryHot(10000);
      console.log('ready');
      setInterval(() => veryHot(10000), 50);`,
    );
    // In a directory of its own: V8 writes next to nothing else there, but the map goes to /tmp.
    await using program = new Program(process.execPath, ['--perf-basic-prof', script], directory);
    await program.words();
    const map = `/tmp/perf-${program.pid}.map`;
    try {
      const entries = readFileSync(map, 'utf8').matchAll(/^(\w+) (\w+) (JS:\*veryHot .*)$/gm);
      const last = [...entries].at(-1);
      using opened = open(program.pid);
      const address = BigInt(`0x${last?.[1]}`);
      expect(opened.symbols.resolve(address + 4n)).toMatchObject({ symbol: last?.[3], offset: 4, kind: 'jit', module: '[jit]' }); // prettier-ignore
      const start = await opened.symbols.find('uv_run');
      expect(opened.symbols.resolve(start.address)).toMatchObject({
        symbol: 'uv_run',
        kind: 'user',
      });
    } finally {
      await program.end();
      rmSync(map, { force: true });
    }
  });
});

describe('the symbolizer', () => {
  it('answers many questions at once, and is started again when it dies', async () => {
    await using program = new Program(programs['PIE'] ?? '');
    const [, hot = ''] = await program.words();
    using opened = open(program.pid);
    const { symbols } = opened;
    const at = (offset: number) => symbols.lines(BigInt(hot) + BigInt(offset));
    const many = await Promise.all(Array.from({ length: 20 }, (_, offset) => at(offset)));
    expect(many.every((lines) => lines.at(-1)?.function === 'hot')).toBe(true);
    const [pid = 0, ...others] = addr2linePids();
    expect(others).toEqual([]);
    process.kill(pid, 'SIGKILL');
    const again = await Promise.all(Array.from({ length: 10 }, (_, offset) => at(20 + offset)));
    expect(again.every((lines) => lines.at(-1)?.function === 'hot')).toBe(true);
    expect(opened.problems).toEqual([]);
  });

  it('does not wait for one that is stopped when it is closed', async () => {
    await using program = new Program(programs['PIE'] ?? '');
    const [, hot = ''] = await program.words();
    const { symbols } = open(program.pid);
    await symbols.lines(BigInt(hot));
    const [pid = 0] = addr2linePids();
    process.kill(pid, 'SIGSTOP');
    const waiting = symbols.lines(BigInt(hot) + 1n);
    symbols.close();
    expect(await waiting).toEqual([]);
    expect(symbols.resolve(BigInt(hot)).kind).toBe('unknown');
  });

  it.for(['/no/such/addr2line', '/bin/false', '/bin/cat'])(
    'is done without when it is %s, and this is said once',
    async (addr2line) => {
      await using program = new Program(programs['PIE'] ?? '');
      const [, hot = ''] = await program.words();
      using opened = open(program.pid, { addr2line });
      const { symbols } = opened;
      const all = await Promise.all(
        [0n, 1n, 2n].map((offset) => symbols.lines(BigInt(hot) + offset)),
      );
      expect(all).toMatchObject([
        [{ function: 'hot' }],
        [{ function: 'hot' }],
        [{ function: 'hot' }],
      ]);
      expect(await symbols.lines((await symbols.find('libc.so.6:malloc')).address)).toBeDefined();
      expect(opened.problems).toEqual(['EE_SYMBOLIZER']);
    },
  );
});
