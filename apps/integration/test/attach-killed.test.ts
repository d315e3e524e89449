import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { attachAgent } from '@extension-events/session';
import { afterEach, expect, it } from 'vitest';
import {
  endTargets,
  fixture,
  listeningPorts,
  maskInspectorLines,
  standInAgent,
  startTarget,
  type TargetProcess,
  until,
} from './attach-target.ts';

const attempts = 12;
const stepMs = 12;
const atOnce = 3;

afterEach(endTargets);

// The attacher runs from its sources.
it.skipIf(!process.features.typescript)(
  'an attacher that is killed at any moment leaves a program that goes on, and no port after the next attach',
  async () => {
    const open: number[] = [];
    const attempt = async (delayMs: number): Promise<void> => {
      const target = await startTarget(['--inspect-port=0', fixture('target.cjs'), 'debug-port']);
      await killAttacher(target, delayMs);
      await isAlive(target, 1);
      open.push(listeningPorts(target.pid).length);
      await attachAgent(target.pid, { agentThreadFile: standInAgent, timeoutMs: 60_000 });
      expect(listeningPorts(target.pid)).toEqual([]);
      await isAlive(target, 2);
      expect(await target.end()).toBe(7);
      // Also process.debugPort is what it was; nothing was thrown or rejected.
      expect(target.stdout()).toMatch(/^ready\ndebugPort \d+\ndebugPort 0\n$/);
      for (const line of maskInspectorLines(target.stderr()))
        expect(line).toMatch(/^(Debugger|For help)/);
    };
    const delays = Array.from({ length: attempts }, (_, index) => index * stepMs);
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let delay = delays.shift(); delay !== undefined; delay = delays.shift())
          await attempt(delay);
      }),
    );
    // How often the port was open for the moment is a matter of luck; that it was never all is not.
    expect(open.filter((count) => count === 0).length).toBeGreaterThan(0);
    expect(open).toHaveLength(attempts);
  },
);

// Killed some time after it was about to send the signal: the delay is what the test is about.
async function killAttacher(target: TargetProcess, delayMs: number): Promise<void> {
  const attacher = spawn(
    process.execPath,
    [
      '--conditions=@extension-events/source',
      fixture('attacher.mjs'),
      String(target.pid),
      standInAgent,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(attacher, 'exit');
  let said = '';
  attacher.stdout.on('data', (part: Buffer) => (said += part.toString()));
  await until(() => {
    if (attacher.exitCode !== null) throw new Error(`the attacher ended by itself: ${said}`);
    return said.includes('signal\n');
  });
  setTimeout(() => attacher.kill('SIGKILL'), delayMs);
  await ended;
}

async function isAlive(target: TargetProcess, answers: number): Promise<void> {
  target.child.stdin?.write('?');
  await until(() => target.stdout().split('debugPort').length === answers + 1);
}
