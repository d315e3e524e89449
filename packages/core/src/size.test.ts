import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

// Slightly above what it is. Clear code comes first: raise it when that is the price, and say so in
// the README.
const ceilingBytes = 14_000;

it('the main door stays small, and takes nothing of the other doors with it', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL('index.ts', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'es2023',
    write: false,
    metafile: true,
  });
  const text = outputFiles[0]?.text ?? '';
  const bytes = gzipSync(text).length;
  console.log(`core: ${text.length} bytes minified, ${bytes} gzipped`);
  expect(bytes).toBeLessThanOrEqual(ceilingBytes);
  const files = Object.keys(metafile.inputs).map((path) => path.split('/').at(-1));
  for (const other of ['decode.ts', 'ring-reader.ts', 'rx.ts', 'testing.ts']) {
    expect(files).not.toContain(other);
  }
});
