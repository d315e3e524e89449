import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { findStop } from './find-stop.ts';

it('a process that a signal has stopped is found so, until it goes on', async () => {
  const child = spawn('sleep', ['600']);
  try {
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    expect(findStop(pid)).toBeUndefined();
    child.kill('SIGSTOP');
    while (findStop(pid) === undefined) await setImmediate();
    expect(findStop(pid)).toMatchObject({ code: 'EE_ATTACH_STOPPED', hint: `let it run: kill -CONT ${pid}` }); // prettier-ignore
    child.kill('SIGCONT');
    while (findStop(pid) !== undefined) await setImmediate();
  } finally {
    child.kill('SIGKILL');
  }
});
