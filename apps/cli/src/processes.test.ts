import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { findRunning, isRunning, processTree, signalAll } from './processes.ts';

it('finds what a process started, and ends all of it', async () => {
  const child = spawn('bash', ['-c', 'sleep 1000 & echo started; wait'], { stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
  await once(child.stdout, 'data');
  const tree = processTree(child.pid ?? 0);
  expect(tree).toHaveLength(2);
  expect(tree.every((handle) => isRunning(handle))).toBe(true);
  expect(findRunning(child.pid ?? 0)).toEqual(tree[0]);
  const ended = once(child, 'close');
  signalAll(tree, 'SIGKILL');
  await ended;
  expect(isRunning(tree[0] ?? { pid: 0, startTime: 0 })).toBe(false);
  signalAll(tree, 'SIGKILL'); // harmless once they are gone
});

it('does not take another process for the one that had its pid', () => {
  const own = findRunning(process.pid);
  expect(own).toBeDefined();
  expect(isRunning({ pid: process.pid, startTime: (own?.startTime ?? 0) - 1 })).toBe(false);
  expect(findRunning(4_000_000_000)).toBeUndefined();
  expect(processTree(4_000_000_000)).toEqual([]);
});
