import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  agentKey,
  type BootstrapResult,
  bootstrapSource,
  type BootstrapValues,
} from './bootstrap.ts';

const key = Symbol.for(agentKey);
const holder = globalThis as Record<symbol, Worker | undefined>;
let directory: string;
let values: BootstrapValues;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ee-bootstrap-'));
  values = {
    agentThreadFile: join(directory, 'agent.mjs'),
    workerData: { socketPath: join(directory, '1-2.sock'), uid: 0, pid: 1, startTime: 2 },
    noteFile: join(directory, 'note'),
    isReplacing: false,
    debugPort: undefined,
    isInspectorOurs: false,
  };
  writeFileSync(values.noteFile, '');
});
afterEach(async () => {
  await holder[key]?.terminate();
  delete holder[key];
  rmSync(directory, { recursive: true });
});

const run = (changes: Partial<BootstrapValues> = {}): BootstrapResult =>
  runInThisContext(bootstrapSource({ ...values, ...changes })) as BootstrapResult;
const ended = (worker: Worker | undefined): Promise<unknown> =>
  new Promise((resolve) => worker?.once('exit', resolve));

describe('the bootstrap text', () => {
  it('starts one agent, remembers it invisibly, and says so the second time', () => {
    writeFileSync(values.agentThreadFile, 'setInterval(() => {}, 1000)');
    expect(run()).toEqual({ state: 'started' });
    const first = holder[key];
    expect(run()).toEqual({ state: 'already' });
    expect(holder[key]).toBe(first);
    expect(Object.getOwnPropertyDescriptor(globalThis, key)).toMatchObject({ enumerable: false });
  });

  it('starts none while the thread loads a module of Node, which would be broken for good', () => {
    writeFileSync(values.agentThreadFile, '');
    const loader = { filename: 'node:internal/bootstrap/realm' };
    const load = runInThisContext('(interrupt) => interrupt()', loader) as (
      interrupt: () => BootstrapResult,
    ) => BootstrapResult;
    expect(load(() => run())).toEqual({ state: 'loading' });
    expect(holder[key]).toBeUndefined();
  });

  it('replaces an agent that does not answer, and forgets an agent that ended', async () => {
    writeFileSync(values.agentThreadFile, 'setInterval(() => {}, 1000)');
    run();
    const first = holder[key];
    expect(run({ isReplacing: true })).toEqual({ state: 'started' });
    const second = holder[key];
    expect(second).not.toBe(first);
    await first?.terminate();
    expect(holder[key]).toBe(second);
    const end = ended(second);
    await second?.terminate();
    await end;
    expect(holder[key]).toBeUndefined();
  });

  it('writes the error of an agent into the note, and creates no note of its own', async () => {
    writeFileSync(values.agentThreadFile, 'throw new Error("no such luck")');
    run();
    await ended(holder[key]);
    expect(readFileSync(values.noteFile, 'utf8')).toContain('no such luck');
    rmSync(values.noteFile);
    run();
    await ended(holder[key]);
    expect(() => readFileSync(values.noteFile)).toThrow('ENOENT');
  });

  it('turns whatever is thrown into a value', () => {
    expect(run({ agentThreadFile: 'relative.mjs' })).toMatchObject({
      state: 'refused',
      message: expect.stringContaining('ERR_WORKER_PATH'),
    });
  });

  it('survives values that would end a string or a script', () => {
    const odd = join(directory, `"'\`\${1}\u2028\\</script>.mjs`.replaceAll('/', ''));
    writeFileSync(odd, 'setInterval(() => {}, 1000)');
    expect(run({ agentThreadFile: odd })).toEqual({ state: 'started' });
  });

  it('puts process.debugPort back when it is told to', () => {
    const before = process.debugPort;
    writeFileSync(values.agentThreadFile, '');
    run({ debugPort: 12_345 });
    expect(process.debugPort).toBe(12_345);
    process.debugPort = before;
  });
});
