// Bundles what is loaded into a traced process: files that import nothing but node: modules.
import { build } from 'esbuild';

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  conditions: ['@extension-events/source'],
  legalComments: 'none',
  // Without comments it is ASCII: in Node 20 an inspector message to a worker with a → in it is never answered.
  minifyWhitespace: true,
};

await build({
  ...common,
  entryPoints: ['src/thread.ts'],
  outfile: 'dist/thread.cjs',
  format: 'cjs',
  // Frames of it are known as ours by this.
  footer: { js: '//# sourceURL=extension-events:producer/diagnostics-channel' },
});
await build({
  ...common,
  entryPoints: ['src/inject.ts'],
  outfile: 'dist/inject.mjs',
  format: 'esm',
});
