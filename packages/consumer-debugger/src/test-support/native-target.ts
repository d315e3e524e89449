import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readStatus } from '../proc-tracing.ts';

/** Two threads that compute, and a main thread that sleeps; lines are what the tests name. */
export const spinSource: string = [
  '#include <pthread.h>',
  '#include <signal.h>',
  '#include <stdio.h>',
  '#include <stdlib.h>',
  '#include <unistd.h>',
  '',
  'struct tally { int rounds; double share; };',
  'long counter = 5;',
  'struct tally tally = { 3, 0.5 };',
  'char wide[24];',
  'volatile int urgent;',
  '',
  '__attribute__((noinline)) long inner(long base, int step) {',
  '  long sum = base;',
  '  for (int i = 0; i < 1000; i++) {',
  '    int nested = i * step;',
  '    sum += nested;',
  '  }',
  '  return sum;',
  '}',
  '',
  '__attribute__((noinline)) void outer(int step) {',
  '  long value = inner(counter, step);',
  '  counter = value % 1000;',
  '}',
  '',
  'static void *work(void *argument) {',
  '  int step = (int)(long)argument;',
  '  for (;;) {',
  '    outer(step);',
  '  }',
  '  return 0;',
  '}',
  '',
  'static void onUrgent(int signal) { urgent += signal; }',
  '',
  'int main(int count, char **words) {',
  '  pthread_t threads[2];',
  '  if (count > 1) signal(SIGURG, onUrgent);',
  '  for (long i = 1; i <= 2; i++) pthread_create(&threads[i - 1], 0, work, (void *)i);',
  '  for (;;) {',
  '    usleep(2000);',
  '    if (urgent > 0) exit(urgent);',
  '  }',
  '}',
  '',
].join('\n');

/** A process that nobody here is the parent of: its stops and its end are its own. */
export interface NativeTarget {
  readonly pid: number;
  readonly directory: string;
  /** Counts up while the threads work. */
  ticks(): number;
  end(): void;
}

const built = new Map<string, string>();

function has(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((path) => existsSync(join(path, program)));
}

/** Skips by name where the machine lacks what the test needs. */
export function needTools(context: { skip(reason: string): never | void }): void {
  if (!has('gcc')) context.skip('needs gcc: it is not installed');
  if (!has('gdb')) context.skip('needs gdb: it is not installed');
}

/** Compiles once for each set of flags. */
export function build(source: string, flags: readonly string[] = ['-g', '-O0']): string {
  const key = JSON.stringify([source, flags]);
  const known = built.get(key);
  if (known !== undefined) return known;
  const directory = mkdtempSync(join(tmpdir(), 'native-'));
  writeFileSync(join(directory, 'spin.c'), source);
  const program = join(directory, 'spin');
  execFileSync('gcc', [...flags, '-pthread', '-o', program, join(directory, 'spin.c')], {
    stdio: 'pipe',
  });
  built.set(key, program);
  return program;
}

export function removeBuilt(): void {
  for (const program of built.values()) rmSync(join(program, '..'), { recursive: true });
  built.clear();
}

/** Starts a program through a shell that ends at once, so that it has another parent. */
export async function startDetached(
  program: string,
  words: readonly string[] = [],
  threads = 3,
): Promise<NativeTarget> {
  const shell = spawn('sh', ['-c', '"$0" "$@" >/dev/null 2>&1 & echo $!', program, ...words], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  let text = '';
  for await (const chunk of shell.stdout) text += String(chunk);
  const pid = Number(text.trim());
  await until(() => countThreads(pid) >= threads, 'the program to have its threads');
  return {
    pid,
    directory: join(program, '..'),
    ticks: () => readTicks(pid),
    end: () => {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has ended
      }
    },
  };
}

/** Waits for a condition; the limit is for a machine that is very busy. */
export async function until(
  condition: () => boolean,
  what: string,
  limitMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited too long for ${what}`);
    await delay(5);
  }
}

/** Alive, not traced, not standing. */
export function runsFree(pid: number): boolean {
  const status = readStatus(pid);
  return status !== undefined && status.tracer === 0 && /^[RSD]$/.test(status.state);
}

export function isGone(pid: number): boolean {
  const status = readStatus(pid);
  return status === undefined || status.state === 'Z';
}

function countThreads(pid: number): number {
  const status = tryRead(`/proc/${pid}/status`);
  return Number(/^Threads:\s*(\d+)/m.exec(status)?.[1] ?? 0);
}

/** Processor time of the process, in clock ticks; see proc(5), stat. */
function readTicks(pid: number): number {
  const fields = tryRead(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
