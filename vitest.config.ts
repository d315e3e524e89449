import { configDefaults, defineConfig } from 'vitest/config';

// Tests run on the sources: nobody debugs yesterday's dist. Only what is loaded into another
// process (the agent's two files, producers' ./inject) is built first; see tools/run.mjs.
const condition = '@extension-events/source';
// Profiles of threads that should have a processor to themselves.
const alone = ['packages/producer-hot-spot/src/real-*.test.ts'];
const exclude = [...configDefaults.exclude];
// An emulated machine (tools/vm.mjs) is many times slower, and nothing else.
const slowness = Number(process.env['TEST_SLOWNESS'] ?? 1);
const hookTimeout = 10_000 * slowness;

export default defineConfig({
  resolve: { conditions: [condition] },
  ssr: { resolve: { conditions: [condition] } },
  test: {
    execArgv: [`--conditions=${condition}`],
    // Most tests wait for processes that they have started: a machine of two cores takes two files.
    maxWorkers: '100%',
    setupFiles: ['./tools/property-seed.ts'],
    reporters: [
      'default',
      ['json', { outputFile: '.cache/vitest.json' }],
      ['./tools/skipped-reporter.mjs', { outputFile: '.cache/skipped.json' }],
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
          name: 'unit',
          include: ['packages/*/{src,web/src}/**/*.test.ts', 'apps/cli/src/**/*.test.ts'],
          exclude: [...exclude, ...alone],
          testTimeout: 60_000 * slowness,
          hookTimeout,
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
        },
      },
      {
        extends: true,
        test: {
          name: 'app',
          include: ['apps/*/test/**/*.test.ts'],
          exclude,
          testTimeout: 120_000 * slowness,
          hookTimeout: 120_000 * slowness,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
