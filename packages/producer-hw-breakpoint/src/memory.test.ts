// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the case
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { getRegistry } from '@extension-events/core';
import { openLinuxHost } from '@extension-events/platform-linux';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { type Ear, type EarOptions, listenTo, start, type Target } from '../fixtures/native.ts';
import { producer } from './host.ts';
import { readNamedMemory } from './index.ts';
import { nameMemory } from './memory.ts';
import type { HwBreakpointHitPayload } from './types.ts';

const condition = '--conditions=@extension-events/source';
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)); // prettier-ignore
const isRoot = process.getuid?.() === 0;

/** The code with which naming is refused. */
async function refused(name: string, memory: unknown): Promise<string> {
  try {
    await nameMemory(name, memory as Uint8Array);
    return 'it was named';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe.runIf(process.platform === 'linux')('naming memory', () => {
  it('shows address and length to whoever may look, until it is disposed', async () => {
    const array = new Float64Array(16);
    using names = new DisposableStack();
    names.use(await nameMemory('array', array));
    const part = await nameMemory('part', array.subarray(8, 10));
    names.use(await nameMemory('shared', new SharedArrayBuffer(32)));
    const [whole, half, shared] = ['array', 'part', 'shared'].map((name) =>
      readNamedMemory(process.pid).find((each) => each.name === name),
    );
    expect(whole).toMatchObject({ lengthBytes: 128, elementBytes: 8 });
    expect(half).toMatchObject({
      address: (whole?.address ?? 0n) + 64n,
      lengthBytes: 16,
      elementBytes: 8,
    });
    expect(shared).toMatchObject({ lengthBytes: 32, elementBytes: 0 });
    part[Symbol.dispose]();
    part[Symbol.dispose]();
    expect(readNamedMemory('self').map(({ name }) => name)).not.toContain('part');
    names.use(await nameMemory('part', array));
  });

  it('takes names that are valid and free, and memory that has bytes', async () => {
    const array = new Uint8Array(8);
    using names = new DisposableStack();
    names.use(await nameMemory('taken', array));
    for (const name of ['', '1x', 'a b', 'x'.repeat(65), 'a[1]', 'taken'])
      expect(await refused(name, array)).toBe('EE_NAMED_MEMORY_NAME');
    for (const memory of [undefined, null, 7, {}, [1], new Uint8Array(0), new ArrayBuffer(0), 'text'])
      expect(await refused('fresh', memory)).toBe('EE_NAMED_MEMORY_VIEW');
    const detached = new ArrayBuffer(8);
    structuredClone(detached, { transfer: [detached] });
    expect(await refused('fresh', detached)).toBe('EE_NAMED_MEMORY_VIEW');
    expect(readNamedMemory('self').map(({ name }) => name)).not.toContain('fresh');
    names.use(await nameMemory('x'.repeat(64), array));
  }); // prettier-ignore

  it('says so when koffi is not installed', () => {
    const loader = `data:text/javascript,${encodeURIComponent(`
      export const resolve = (name, context, next) => {
        if (name === 'koffi') throw new Error('koffi is not there');
        return next(name, context);
      };`)}`;
    const code = `
      import { register } from 'node:module';
      register(${JSON.stringify(loader)});
      const { nameMemory } = await import(${JSON.stringify(new URL('memory.ts', import.meta.url).href)});
      await nameMemory('x', new Uint8Array(8)).catch((error) => console.log(error.code));`;
    expect(runNode(code)).toMatchObject({ stdout: 'EE_NAMED_MEMORY_KOFFI\n', status: 0 });
  });
});

function runNode(code: string): { stdout: string; stderr: string; status: number | null; signal: string | null } {
  const args = [condition, '--no-warnings', '--input-type=module', '-e', code];
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { stdout, stderr, status, signal };
} // prettier-ignore

describe.runIf(process.platform === 'linux')('a program that has named memory', () => {
  const memoryUrl = JSON.stringify(new URL('memory.ts', import.meta.url).href);
  const indexUrl = JSON.stringify(new URL('index.ts', import.meta.url).href);

  it.each([
    ['end', 7, 'last\n'],
    ['exit', 3, 'last\n'],
    ['throw', 1, 'last\n'],
    ['signal', null, 'last\n'],
    ['exitBesideWorker', 5, 'last\n'],
    ['terminate', 0, 'last 0\n'],
    ['workerEnds', 0, 'last 4 0\n'],
  ])('ends as it would have, with the same output: %s', (how, code, said) => {
    const args = [condition, '--no-warnings', fixture('ending.ts'), how];
    const [plain, named] = [[], ['named']].map((more) => {
      const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...args, ...more], { encoding: 'utf8' }); // prettier-ignore
      return { status, signal, stdout, stderr };
    });
    expect(plain).toMatchObject({ status: code, stdout: said });
    expect(named).toEqual(plain);
  });

  it('keeps the memory alive and in place', () => {
    const code = `
      const { nameMemory } = await import(${memoryUrl});
      const { readNamedMemory } = await import(${indexUrl});
      const { default: koffi } = await import(${JSON.stringify(new URL('../node_modules/koffi/index.js', import.meta.url).href)});
      const arrays = new Map();
      for (const bytes of [1, 8, 64, 65, 4096, 1e6]) arrays.set('a' + bytes, new Uint8Array(bytes));
      for (const [name, array] of arrays) await nameMemory(name, array);
      await nameMemory('lost', new Uint8Array(1e6));
      for (let i = 0; i < 20; i++) { Array.from({ length: 1e5 }, () => ({})); globalThis.gc(); }
      const named = new Map(readNamedMemory('self').map((each) => [each.name, each.address]));
      console.log([...arrays].every(([name, array]) => koffi.address(array) === named.get(name)), named.has('lost'));`;
    const args = [condition, '--no-warnings', '--expose-gc', '--input-type=module', '-e', code];
    expect(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout).toBe('true true\n');
  });
});

/** The same for root and for an ordinary user: name, job, request, and what is expected of the count. */
const watched: readonly (readonly [string, string, number | 'some'])[] = [
  ['memory:doubles[3]', 'store 101', 101],
  ['memory:doubles[3]', 'often 1009', 1009],
  ['memory:doubles[3]', 'neighbour 1009', 0],
  ['memory:part', 'store 11', 0],
  ['memory:shared[3]', 'atomics 53', 106],
  ['memory:shared[3]', 'worker 83', 83],
  ['memory:shared[4]', 'worker 83', 83],
  ['memory:buffer+128', 'fill 7', 'some'],
  ['memory:buffer+128', 'put 97', 97],
  ['memory:view+4', 'put 97', 0],
  ['memory:small', 'set 13', 13],
  ['memory:wasm+256', 'wasm 89', 89],
  ['memory:buffer+128', 'read 3', 0],
];

describe.runIf(process.platform === 'linux')('watching the memory of a Node program', () => {
  let target: Target;
  beforeAll(async () => {
    target = start(process.execPath, [condition, '--no-warnings', fixture('named.ts')]);
    await target.next();
  });
  afterAll(async () => {
    await target[Symbol.asyncDispose]();
  });

  async function hear(
    context: TestContext,
    request: EarOptions['request'],
    job: string,
  ): Promise<Ear<HwBreakpointHitPayload>> {
    using host = await openLinuxHost(target.pid);
    using _ = producer.start(getRegistry(), host);
    try {
      using ear = await listenTo<HwBreakpointHitPayload>('hw-breakpoint.hit', request ? { request } : {}); // prettier-ignore
      await target.ask(job);
      host.perf.drain();
      return ear;
    } catch (error) {
      const { code = '' } = error as { code?: string };
      if (!['EE_PERF_PERMISSION', 'EE_PERF_ABSENT'].includes(code)) throw error;
      const feature = request?.['kernel'] === true ? 'root' : 'data-breakpoint';
      return context.skip(`needs ${feature}: ${String(error)}`);
    }
  }

  it.for(watched)('%s: "%s" hits %s times', async ([address, job, count], context) => {
    const { events, matched } = await hear(context, { address }, job);
    if (count === 'some') expect(matched).toBeGreaterThanOrEqual(7);
    else expect(matched).toBe(count);
    const isWorker = job.startsWith('worker');
    for (const { subject } of events) expect(subject.tid !== target.pid).toBe(isWorker);
  });

  it('goes on after wasm memory has grown', async (context) => {
    await target.ask('grow 40');
    const { matched } = await hear(context, { address: 'memory:wasm+256' }, 'wasm 89');
    expect(matched).toBe(89);
  });

  it('hears what the kernel writes for it, when asked to', async (context) => {
    const { events } = await hear(context, { address: 'memory:buffer+128', kernel: true }, 'read 3'); // prettier-ignore
    expect(events.length).toBeGreaterThanOrEqual(3);
    expect(events[0]?.payload.module).toBe('[kernel]');
  });

  it('refuses what lies beyond, and names that were given up', async (context) => {
    const lookUp = (address: string): Promise<unknown> => hear(context, { address }, 'store 1');
    await expect(lookUp('memory:doubles[16]')).rejects.toMatchObject({ code: 'EE_HW_BREAKPOINT_ADDRESS' }); // prettier-ignore
    expect((await hear(context, { address: 'memory:plain+4' }, 'store 1')).matched).toBe(0);
    await target.ask('forget 1');
    await expect(lookUp('memory:plain')).rejects.toMatchObject({
      code: 'EE_NAMED_MEMORY_UNKNOWN',
      hint: expect.stringContaining('doubles'),
    });
  });
});

describe.runIf(process.platform === 'linux')('an ordinary user', () => {
  it('names memory and watches it', async (context) => {
    if (!isRoot) context.skip('needs root: to become another user');
    const options = { uid: 1001, env: {} };
    await using target = start(process.execPath, [condition, '--no-warnings', fixture('named.ts')], options); // prettier-ignore
    expect(await target.next()).toBe('ready');
    const listens = [{ name: 'hw-breakpoint.hit', request: { address: 'memory:doubles[3]' } }];
    const args = [condition, '--no-warnings', fixture('observe.ts'), String(target.pid), JSON.stringify(listens)]; // prettier-ignore
    await using observer = start(process.execPath, args, options);
    const [first] = JSON.parse(await observer.next()) as { code?: string; message?: string }[];
    if (first?.code === 'EE_PERF_PERMISSION') context.skip('needs data-breakpoint: not for users');
    if (first?.code === 'EE_PERF_ABSENT') context.skip(`needs data-breakpoint: ${first.message}`);
    await target.ask('often 503');
    const [heard] = JSON.parse(await observer.ask('')) as { payloads?: object[] }[];
    expect(heard?.payloads).toHaveLength(503);
  });
});
