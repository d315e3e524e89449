import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { namedCounters } from './counters.ts';

const root = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');

it('the README shows a program that runs, and prints what it says', (context) => {
  const [, program = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? [];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@extension-events/source', '--input-type=module-typescript', '-e', program],
    { cwd: fileURLToPath(root), encoding: 'utf8' },
  );
  if (/EE_(PERF|LINUX)_/.test(stderr)) context.skip(`needs perf-task-clock: ${stderr}`);
  expect(program).toContain('// task-clock 0.1 s');
  expect(stdout || stderr).toMatch(/^task-clock \d+(\.\d)? s\n/);
});

it('the README names only counters that exist', () => {
  const named = new Set(namedCounters.map(({ name }) => name));
  const claimed = ['task-clock', 'cpu-clock', 'page-faults', 'minor-faults', 'major-faults', 'context-switches', 'cpu-migrations', 'cgroup-switches', 'cycles', 'instructions', 'cache-misses', 'L1-dcache-load-misses', 'LLC-loads', 'dTLB-store-misses']; // prettier-ignore
  for (const name of claimed) {
    expect(readme).toContain(`\`${name}\``);
    expect(named).toContain(name);
  }
});
