// Bootstrap behind `npm run demo` and `npm test`: needs Node 18+ and npm, nothing else. It installs
// what the lockfile names when that is not yet in place, then hands over to turbo and to the
// repository's own Node. No dependencies and no syntax newer than Node 18 in here.
//
//   node tools/run.mjs demo [--interactive]     build and run the demo
//   node tools/run.mjs test [ARGS of vitest]    everything; with arguments only those tests
//   node tools/run.mjs matrix|bench|soak|vm|build [ARGS]
import { join } from 'node:path';
import { writeReport } from './run-report.mjs';
import { publishedPackages } from './run-packages.mjs';
import { createRunner, root } from './run-process.mjs';
import { setUp } from './run-setup.mjs';
import { provideSystem } from './run-system.mjs';

const [task = 'test', ...rest] = process.argv.slice(2);
const tasks = { demo, test, matrix, bench, soak, vm, build };

if (!Object.hasOwn(tasks, task)) {
  console.error(`tools/run.mjs: no task ${task}; there are ${Object.keys(tasks).join(', ')}.`);
  process.exitCode = 2;
} else {
  const runner = createRunner();
  process.exitCode = (await setUp(runner, task)) || (await tasks[task](runner));
}

/** Builds what a program needs and keeps quiet about it; the output is shown when it fails. */
async function buildQuietly(runner, ...filters) {
  const args = filters.map((name) => `--filter=${name}`);
  return runner.quiet('turbo', ['run', 'build', '--output-logs=errors-only', ...args]);
}

async function demo(runner) {
  const built = await buildQuietly(runner, 'demo');
  return built || runner.loud('node', [join(root, 'apps/demo/dist/demo.js'), ...rest]);
}

async function build(runner) {
  return runner.loud('turbo', ['run', 'build', '--output-logs=new-only', ...rest]);
}

async function matrix(runner) {
  const built = await buildQuietly(runner);
  return built || runner.loud('node', [join(root, 'tools/matrix.mjs'), ...rest]);
}

async function bench(runner) {
  const built = await buildQuietly(runner);
  return built || runner.loud('pnpm', ['--filter', 'bench', 'run', 'start', ...rest]);
}

async function soak(runner) {
  const built = await buildQuietly(runner);
  return built || runner.loud('pnpm', ['--filter', 'integration', 'run', 'soak', ...rest]);
}

async function vm(runner) {
  await provideSystem(runner);
  const built = await buildQuietly(runner);
  return built || runner.loud('node', [join(root, 'tools/vm.mjs'), ...rest]);
}

async function test(runner) {
  await provideSystem(runner);
  if (rest.length > 0) {
    const built = await buildQuietly(runner);
    return built || runner.loud('vitest', ['run', ...rest]);
  }
  const startedAt = Date.now();
  const status = await runner.loud('pnpm', ['run', 'all']);
  return writeReport(status, { startedAt, packages: publishedPackages(root) });
}
