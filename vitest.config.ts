import { configDefaults, defineConfig } from 'vitest/config';

// Tests run on the sources: nobody debugs yesterday's dist. Only what is loaded into another
// process (the agent's two files, producers' ./inject) is built first; see tools/run.mjs.
const condition = '@extension-events/source';
// They compute and start few processes, or none: a file for each core. The others share the machine
// with programs that they watch.
const plain = ['core', 'protocol', 'script', 'agent', 'consumer-logger', 'consumer-profiler-graph'].map((name) => `packages/${name}/{src,web/src}/**/*.test.ts`); // prettier-ignore
// Profiles of threads that should have a processor to themselves.
const alone = ['packages/producer-hot-spot/src/real-*.test.ts', 'apps/demo/test/demo.test.ts'];
const exclude = [...configDefaults.exclude];
// An emulated machine (tools/vm.mjs) is many times slower, and nothing else.
const slowness = Number(process.env['TEST_SLOWNESS'] ?? 1);
const hookTimeout = 10_000 * slowness;
// Tests over real processes have one more try on a machine that may be busy with other things; the
// report names those that needed it.
const retry = 1;

export default defineConfig({
  resolve: { conditions: [condition] },
  ssr: { resolve: { conditions: [condition] } },
  test: {
    execArgv: [`--conditions=${condition}`],
    setupFiles: ['./tools/property-seed.ts'],
    reporters: [
      'default',
      ['json', { outputFile: '.cache/vitest.json' }],
      ['./tools/notes-reporter.mjs', { outputFile: '.cache/notes.json' }],
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      reporter: ['text', 'json-summary'],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'plain',
          include: [...plain, 'apps/cli/src/**/*.test.ts'],
          exclude,
          testTimeout: 60_000 * slowness,
          hookTimeout,
          maxWorkers: '100%',
        },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts'],
          exclude: [...exclude, ...plain, ...alone],
          testTimeout: 60_000 * slowness,
          hookTimeout,
          retry,
          maxWorkers: '100%',
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: alone,
          exclude,
          testTimeout: 60_000 * slowness,
          hookTimeout,
          retry,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'tools',
          include: ['tools/*.test.mjs', 'tools/bench/src/**/*.test.ts'],
          exclude,
          testTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: 'app',
          include: ['apps/*/test/**/*.test.ts'],
          exclude: [...exclude, ...alone],
          testTimeout: 120_000 * slowness,
          hookTimeout: 120_000 * slowness,
          retry,
          maxWorkers: '100%',
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
