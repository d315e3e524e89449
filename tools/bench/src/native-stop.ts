import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { monotonicNs } from '@extension-events/core';
import { type Benchmark, setGoal } from './benchmark.ts';
import { summarize } from './measure.ts';

const extev = fileURLToPath(new URL('../../../apps/cli/dist/main.js', import.meta.url));

// Notes the time, and writes to the watched variable right after it.
const source = `
#include <stdint.h>
#include <time.h>
#include <unistd.h>
volatile uint64_t stamp;
volatile int counter;
int main(void) {
  for (;;) {
    struct timespec now;
    usleep(200000);
    clock_gettime(CLOCK_MONOTONIC, &now);
    stamp = now.tv_sec * 1000000000ull + now.tv_nsec;
    counter++;
  }
}
`;

/** From a write to a watched variable to the stop on the user's screen, through gdb. */
export const nativeStop: Benchmark = {
  name: 'native-stop',
  run: async (settings) => {
    const directory = mkdtempSync(join(tmpdir(), 'bench-stop-'));
    const file = join(directory, 'writer');
    writeFileSync(`${file}.c`, source);
    execFileSync('gcc', ['-g', '-O1', '-o', file, `${file}.c`]);
    const target = spawn(file, { stdio: 'ignore' });
    try {
      const tookMs = await measureStops(target.pid ?? 0, settings.rounds);
      const figure = summarize(tookMs);
      return {
        title: 'Write to a watched variable, to the stop at the prompt',
        rows: [{ name: 'time of the write to the stop that is told', figure, unit: 'ms' }],
        goals: [setGoal('native stop', figure, 'ms', { atMost: 20 })],
        notes: ['The kernel stops the thread at once; the rest is gdb, the verdict and the words.'],
      };
    } finally {
      target.kill('SIGKILL');
      rmSync(directory, { recursive: true });
    }
  },
};

async function measureStops(pid: number, rounds: number): Promise<number[]> {
  const debug: ChildProcess = spawn(process.execPath, [extev, 'debug', String(pid)], { stdio: ['pipe', 'pipe', 'ignore'] }); // prettier-ignore
  const tell = (line: string): void => void debug.stdin?.write(`${line}\n`);
  if (debug.stdout === null) throw new Error('the debugger has no output');
  const lines = createInterface({ input: debug.stdout });
  const tookMs: number[] = [];
  try {
    tell('catch hw-breakpoint.hit address=counter');
    for (let round = -1; round < rounds; round++) {
      // Both at once: lines of one chunk come without a pause between them.
      const stopped = waitFor(lines, /^Catchpoint 1, hw-breakpoint\.hit/).then(() => monotonicNs());
      const stamped = waitFor(lines, /^(\d{10,})$/);
      tell('continue');
      tell('print stamp');
      const [atNs, [, stamp]] = await Promise.all([stopped, stamped]);
      if (round >= 0) tookMs.push((atNs - Number(stamp)) / 1e6); // the first sets up more than a stop
    }
  } finally {
    debug.stdin?.end();
    lines.close();
  }
  return tookMs;
}

function waitFor(lines: Interface, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`waited in vain for ${pattern}`)), 20_000);
    const onLine = (line: string): void => {
      const found = pattern.exec(line);
      if (found === null) return;
      clearTimeout(timer);
      lines.off('line', onLine);
      resolve(found);
    };
    lines.on('line', onLine);
  });
}
