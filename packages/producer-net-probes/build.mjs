// Bundles what is loaded into a traced process: files that import nothing but node: modules.
import { build } from 'esbuild';

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  conditions: ['@extension-events/source'],
  legalComments: 'none',
};

await build({
  ...common,
  entryPoints: ['src/thread.ts'],
  outfile: 'dist/thread.cjs',
  format: 'cjs',
  // Frames of it are known as ours by this.
  footer: { js: '//# sourceURL=extension-events:producer/net-probes' },
});
