import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStartTime } from '@extension-events/protocol';
import { listProcesses } from '../attach/index.ts';
import { KernelFilters } from './kernel-filters.ts';
import { isRunning } from './process-life.ts';
import { parseReadyLine } from './ready-line.ts';
import { conjunctsOf } from './push-down.ts';

describe('a process', () => {
  it('runs until it has ended, and is not taken for another with its number', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const identity = { pid, startTime: readStartTime(pid) ?? 0 };
    expect(isRunning(identity)).toBe(true);
    expect(isRunning({ ...identity, startTime: identity.startTime + 1 })).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isRunning(identity)).toBe(false);
  });

  it('is listed with all others on request, with what it runs', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      await once(child, 'spawn');
      const pid = child.pid ?? 0;
      const all = await listProcesses({ all: true });
      const entry = all.find((each) => each.pid === pid);
      expect(entry).toMatchObject({ agent: 'none', name: 'sleep', threads: [{ tid: pid }] });
      const usual = await listProcesses();
      expect(usual.some((each) => each.pid === pid)).toBe(false);
      expect(usual.find((each) => each.pid === process.pid)?.runtime).toMatch(/^node/);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('the line of a host that starts', () => {
  it('is read back', () => {
    expect(parseReadyLine('{"socketPath":"/x"}\n')).toEqual({ socketPath: '/x' });
    const error = { code: 'EE_X', message: 'm', hint: 'h' };
    expect(parseReadyLine(JSON.stringify({ error }))).toEqual({ error });
  });

  it('is none when it is cut off or something else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parseReadyLine(text)).toBeUndefined();
      }),
    );
  });
});

describe('filters for the kernel', () => {
  it('are none for events of others', async () => {
    const write = await new KernelFilters().writerFor('uprobe:/bin/sh:main');
    expect(write('uprobe:/bin/sh:main', [{ field: 'len', op: '==', value: 1 }])).toBe('');
  });

  it('are written in the words of the tracepoint, as far as it goes', async (context) => {
    const name = 'tracepoint:sock:sock_send_length';
    const write = await new KernelFilters().writerFor(name);
    const [ret, other] = [
      { field: 'ret', op: '==', value: 13 },
      { field: 'nosuch', op: '==', value: 1 },
    ] as const;
    if (write(name, [ret]) === '') context.skip('needs tracefs: no formats are to be had');
    expect(write(name, [ret, other])).toBe('ret == 13');
    expect(write('tracepoint:no:such', [ret])).toBe('');
    const fields = { ret: { type: 'i32' } } as const;
    const descriptor = { name, kind: 'requested', description: '', fields } as const;
    expect(write(name, conjunctsOf('ret == 13 && tid() > 0', descriptor))).toBe('ret == 13');
  });
});
