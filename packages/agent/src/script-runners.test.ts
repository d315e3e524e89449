import { expect, it } from 'vitest';
import { isScriptRunner } from './script-runners.ts';

it.each(['/usr/bin/npm', '/usr/lib/node_modules/npm/bin/npx-cli.js', '/app/node_modules/.bin/tsx', 'pnpm.cjs', '/x/nodemon.js'])('%s starts another program', (path) => {
  expect(isScriptRunner(path)).toBe(true);
}); // prettier-ignore

it.each(['/srv/app.js', '/srv/npm-server.js', '/srv/npm/index.js', ''])('%s is a program', (path) => {
  expect(isScriptRunner(path)).toBe(false);
}); // prettier-ignore
