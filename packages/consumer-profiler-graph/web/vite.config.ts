import { defineConfig } from 'vite';

// One page without anything inline: its Content-Security-Policy allows nothing else. Addresses are
// relative, since the page lives below a token that is not known here.
export default defineConfig({
  base: './',
  publicDir: 'public',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    reportCompressedSize: false,
  },
});
