import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { guardAgainstKill } from './gdb-guard.ts';

function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat[stat.lastIndexOf(')') + 2] ?? '';
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await delay(20);
  }
}

it('a program that a killed gdb left standing runs on', async () => {
  const gdb = spawn('sleep', ['1000']);
  const program = spawn('sleep', ['1000']);
  const [gdbPid = 0, pid = 0] = [gdb.pid, program.pid];
  guardAgainstKill(gdbPid, pid);
  process.kill(pid, 'SIGSTOP');
  await until(() => stateOf(pid) === 'T');
  await delay(500);
  expect(stateOf(pid), 'while gdb lives it is none of the guard').toBe('T');
  gdb.kill('SIGKILL');
  await until(() => stateOf(pid) === 'S');
  program.kill('SIGKILL');
});
