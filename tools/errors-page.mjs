// Makes docs/errors.md from the tables of codes in the sources: `node tools/errors-page.mjs`.
// tools/errors-page.test.mjs fails when the page is behind.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pagePath = join(root, 'docs/errors.md');

/** Every `EE_CODE: 'meaning'` entry of the packages' and apps' tables of codes. */
export function collectCodes() {
  const codes = new Map();
  const files = globSync('{packages,apps}/*/src/**/{errors,socket-path}.ts', {
    cwd: root,
  }).toSorted();
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    const [, home] = /^(?:packages|apps)\/([^/]+)\//.exec(file) ?? [];
    for (const [, code, single, double] of text.matchAll(
      /^ {2}(EE_\w+):\s*(?:'([^']*)'|"([^"]*)"),/gm,
    )) {
      codes.set(code, { meaning: single ?? double ?? '', home });
    }
  }
  return codes;
}

/** The text of the page. */
export function renderPage() {
  const codes = [...collectCodes()].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const rows = codes.map(([code, { home, meaning }]) => `| \`${code}\` | ${meaning} | ${home} |`);
  return `# Error codes

Every error of extension-events has a code that never changes, a message with the values at hand, and a hint: the next action. Compare
\`error.code\`; \`instanceof\` fails across two copies of a package. \`extev\` prints all three. The READMEs of the packages say more.

| code | meaning | package |
| --- | --- | --- |
${rows.join('\n')}
`;
}

/** The page as it lies there, with the formatter's padding of table cells taken away. */
export function readPage() {
  return readFileSync(pagePath, 'utf8')
    .replaceAll(/ +\|/g, ' |')
    .replaceAll(/\| -+ (?=\|)/g, '| --- ');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(pagePath, renderPage());
