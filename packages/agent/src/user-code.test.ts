import { expect, it } from 'vitest';
import { packageRoot } from './program.ts';
import { UserCode } from './user-code.ts';
import { hasConnection } from './foreign-inspector.ts';

it('tells the program from its dependencies, Node and us', () => {
  const code = new UserCode();
  code.setRoot('/srv/shop');
  expect(code.ownerOf('file:///srv/shop/src/cart.js')).toBe('user');
  expect(code.ownerOf('/srv/shop/lib/cart.cjs')).toBe('user');
  expect(code.ownerOf('file:///srv/shop/node_modules/express/index.js')).toBe('dependency');
  expect(code.ownerOf('file:///srv/shop%20two/x.js')).toBe('user');
  expect(code.ownerOf('node:internal/timers')).toBe('node');
  expect(code.ownerOf('extension-events:thread-side')).toBe('ours');
  expect(code.ownerOf('')).toBe('user'); // evaluated code of the program's own
});

it('takes a program that lives in node_modules for user code', () => {
  const code = new UserCode();
  code.setRoot('/usr/lib/node_modules/eslint');
  expect(code.ownerOf('file:///usr/lib/node_modules/eslint/lib/cli.js')).toBe('user');
  expect(code.ownerOf('file:///usr/lib/node_modules/eslint/node_modules/espree/espree.js')).toBe(
    'dependency',
  );
  expect(code.ownerOf('file:///usr/lib/node_modules/espree/espree.js')).toBe('dependency');
});

it('finds the dependencies of a workspace above the package', () => {
  const code = new UserCode();
  code.setRoot('/srv/shop/apps/server');
  expect(code.ownerOf('file:///srv/shop/apps/server/main.js')).toBe('user');
  expect(code.ownerOf('file:///srv/shop/packages/cart/index.js')).toBe('user');
  expect(code.ownerOf('file:///srv/shop/node_modules/.pnpm/ws@8/node_modules/ws/lib/sender.js')).toBe('dependency'); // prettier-ignore
});

it('passes over what `set skip` names, and takes every character but * as it is', () => {
  const code = new UserCode();
  code.skip(['file:///srv/shop/generated/*', 'file:///a+b.js']);
  expect(code.ownerOf('file:///srv/shop/generated/x/y.js')).toBe('dependency');
  expect(code.ownerOf('file:///a+b.js')).toBe('dependency');
  expect(code.ownerOf('file:///aab.js')).toBe('user');
});

it('finds the package that an entry script belongs to', () => {
  expect(packageRoot(new URL(import.meta.url).pathname)).toMatch(/packages\/agent$/);
  expect(packageRoot('/nonexistent/deep/app.js')).toBe('/nonexistent/deep');
});

it('sees established connections to the inspector port, and no others', () => {
  const table = `  sl  local_address rem_address   st
   0: 0100007F:240D 00000000:0000 0A 00000000:00000000
   1: 0100007F:240D 0100007F:B1C2 06 00000000:00000000`;
  expect(hasConnection(table, 0x240d)).toBe(false);
  expect(hasConnection(`${table}\n   2: 0100007F:240D 0100007F:B1C4 01 0:0`, 0x240d)).toBe(true);
  expect(hasConnection(`${table}\n   2: 0100007F:0001 0100007F:240D 01 0:0`, 0x240d)).toBe(false);
});
