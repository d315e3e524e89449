// Bundles the two files that run inside a traced process (the one place where this repository
// bundles): they must be self-contained, since the process has none of our packages.
import { build } from 'esbuild';

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  conditions: ['@extension-events/source'],
  legalComments: 'none',
  logLevel: 'warning',
  // Names stay as they are: a debugger shows them, and the stop sentinel is found by its arguments.
  minify: false,
};

await build({
  ...common,
  entryPoints: ['src/thread-side.ts'],
  outfile: 'dist/thread-side.cjs',
  format: 'cjs',
  footer: { js: '//# sourceURL=extension-events:thread-side' },
});
await build({
  ...common,
  entryPoints: ['src/agent-thread.ts'],
  outfile: 'dist/agent-thread.mjs',
  format: 'esm',
  banner: {
    // ws and other CommonJS dependencies ask for require.
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
});
