// Bundles src/inject.ts with all it needs into one file that imports nothing but node: modules.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/inject.ts'],
  outfile: 'dist/inject.mjs',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['@extension-events/source'],
  legalComments: 'none',
});
