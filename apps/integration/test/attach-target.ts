import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { socketPath } from '@extension-events/protocol';
import { listProcesses } from '@extension-events/session';

/** A program under observation, with everything that it said. */
export interface TargetProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Waits until a line of stdout matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ends it with SIGTERM (SIGKILL where it cannot listen) and gives its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/attach/${name}`, import.meta.url));
export const standInAgent: string = fixture('stand-in-agent.mjs');

const running = new Set<TargetProcess>();

/** Starts `node` with these arguments; the inspector of most targets opens on any free port. */
export async function startTarget(
  args: readonly string[],
  { file = process.execPath, ready = /^ready$/m, ...options }: StartOptions = {},
): Promise<TargetProcess> {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  const text = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (text.stdout += part));
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (text.stderr += part));
  const closed = once(child, 'close');
  const target: TargetProcess = {
    pid: child.pid ?? 0,
    child,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    says: async (pattern) => {
      for (;;) {
        const match = pattern.exec(text.stdout);
        if (match !== null) return match;
        if (child.exitCode !== null) throw new Error(`ended without a word: ${text.stderr}`);
        await Promise.race([once(child.stdout ?? child, 'data'), closed]);
      }
    },
    end: async (signal = 'SIGTERM') => {
      running.delete(target);
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await closed;
      return child.exitCode ?? child.signalCode;
    },
  };
  running.add(target);
  await target.says(ready);
  return target;
}

export interface StartOptions extends SpawnOptions {
  file?: string;
  ready?: RegExp;
}

/** Ends what a test left running, and removes the sockets that were left. */
export async function endTargets(): Promise<void> {
  await Promise.all([...running].map((target) => target.end('SIGKILL')));
  await listProcesses();
}

/** Where the agent of a target listens. */
export function socketOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const startTime = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  return socketPath({ pid, startTime }, process.geteuid?.() ?? 0);
}

/** Removes the socket of a target, as if its agent had died. */
export function removeSocket(pid: number): void {
  rmSync(socketOf(pid), { force: true });
}

/** Waits for something; the limit of the test is the limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

/** Lines in which Node tells of its inspector, with port and id masked. */
export function maskInspectorLines(stderr: string): string[] {
  return stderr
    .split('\n')
    .filter(Boolean)
    .map((line) =>
      line.replace(/:\d+\/[\da-f-]{36}/, ':PORT/ID').replace(/(For help, see: ).*/, '$1URL'),
    );
}

/** What an attach by signal prints, and nothing else. */
export const injectionLines: readonly string[] = [
  'Debugger listening on ws://127.0.0.1:PORT/ID',
  'For help, see: URL',
  'Debugger attached.',
];

/** TCP ports on which a process listens. */
export function listeningPorts(pid: number): number[] {
  const mine = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      } catch {
        return undefined;
      }
    }),
  );
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => row[3] === '0A' && mine.has(row[9]))
    .map((row) => Number.parseInt(row[1]?.split(':')[1] ?? '', 16));
}
