/** For tests: processes to look into, and consumers in processes of their own. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLinuxHost } from '@extension-events/platform-linux';
import { socketDirectory } from '@extension-events/protocol';
import type { HostProducerSource } from '../../connection.ts';

/** Pages that the program touches at each SIGUSR1; a prime number. */
export const touchedPages = 1009;

const program = `
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
static volatile long counter;
static void *spin(void *arg) { for (;;) counter++; return arg; }
int main(void) {
  sigset_t set; sigemptyset(&set); sigaddset(&set, SIGUSR1); sigaddset(&set, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &set, 0);
  size_t bytes = ${touchedPages} * 4096ul;
  char *pages = mmap((void *)0x200000000000, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(pages, bytes, MADV_NOHUGEPAGE);
  pthread_t thread; pthread_create(&thread, 0, spin, 0);
  puts("ready"); fflush(stdout);
  for (;;) {
    int sig; sigwait(&set, &sig);
    if (sig == SIGUSR2) return 7;
    madvise(pages, bytes, MADV_DONTNEED);
    for (size_t i = 0; i < bytes; i += 4096) pages[i] = 1;
    puts("touched"); fflush(stdout);
  }
}
`;

/** Where the touched pages are. */
export const pagesFrom = 0x2000_0000_0000;

export interface Target extends AsyncDisposable {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when it has said so. */
  says(line: string): Promise<void>;
  readonly isRunning: boolean;
}

let directory: string | undefined;

export function removePrograms(): void {
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
}

/** Why the tests cannot be run here; `undefined`: they can. */
export async function whyNot(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'needs linux';
  // The processes below run from sources: most of their start is taking the types out of them.
  process.env['NODE_COMPILE_CACHE'] ??= join(
    tmpdir(),
    `ee-compile-cache-${process.geteuid?.() ?? 0}`,
  );
  if (spawnSync('gcc', ['--version']).status !== 0) return 'needs gcc: it is not installed';
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  try {
    const linux = await openLinuxHost(child.pid ?? 0);
    linux.perf.open({ event: { type: 'software', event: 'task-clock' }, rate: { period: 1e6 }, onSample: () => undefined }); // prettier-ignore
    linux[Symbol.dispose]();
    return undefined;
  } catch (error) {
    return `needs perf-task-clock: ${(error as Error).message}`;
  } finally {
    child.kill('SIGKILL');
  }
}

/** A program with a thread that spins, and one that touches pages when it gets SIGUSR1. */
export async function startProgram(): Promise<Target> {
  directory ??= mkdtempSync(join(tmpdir(), 'ee-program-'));
  const binary = join(directory, 'spinner');
  if (!existsSync(binary)) {
    writeFileSync(`${binary}.c`, program);
    execFileSync('gcc', ['-g', '-O1', '-pthread', '-o', binary, `${binary}.c`]);
  }
  return start(binary, []);
}

/** A Node program. */
export async function startScript(text: string): Promise<Target> {
  directory ??= mkdtempSync(join(tmpdir(), 'ee-program-'));
  const file = join(directory, `script-${process.hrtime.bigint()}.mjs`);
  writeFileSync(file, text);
  return start(process.execPath, [file]);
}

async function start(command: string, words: readonly string[]): Promise<Target> {
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout?.on('data', (chunk) => (said += String(chunk)));
  const target: Target = {
    pid: child.pid ?? 0,
    child,
    async says(line) {
      while (!said.includes(line)) await once(child.stdout ?? child, 'data');
      said = said.replace(line, '');
    },
    get isRunning() {
      return child.exitCode === null && child.signalCode === null;
    },
    async [Symbol.asyncDispose]() {
      if (!this.isRunning) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
  await target.says('ready');
  return target;
}

export const perfProducer: HostProducerSource = {
  id: 'perf-test',
  hostUrl: new URL('./perf-producer.ts', import.meta.url).href,
  eventTypes: ['clock.tick', 'fault.page'].map((name) => ({ name, kind: 'requested', description: '', fields: {} })), // prettier-ignore
};

/** The host processes of a process. */
export function hostPids(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => {
      try {
        return readFileSync(`/proc/${each}/cmdline`, 'latin1').startsWith(`extension-events host of ${pid}\0`) || isStarting(each, pid); // prettier-ignore
      } catch {
        return false;
      }
    });
}

// Before it has called itself so.
function isStarting(each: number, pid: number): boolean {
  const words = readFileSync(`/proc/${each}/cmdline`, 'latin1').split('\0');
  return words.some((word) => word.endsWith('/host/main.ts')) && words.includes(String(pid));
}

/** Socket files that belong to a process. */
export function socketsOf(pid: number): string[] {
  const path = socketDirectory(process.geteuid?.() ?? 0);
  return existsSync(path) ? readdirSync(path).filter((name) => name.startsWith(`${pid}-`) && name.endsWith('.sock')) : []; // prettier-ignore
}

/** A consumer in a process of its own, which listens to ticks until it is killed. */
export function startConsumer(pid: number): ChildProcess {
  const file = fileURLToPath(new URL('./consumer-program.ts', import.meta.url));
  return spawn(process.execPath, ['--conditions=@extension-events/source', file, String(pid)], { stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
}
