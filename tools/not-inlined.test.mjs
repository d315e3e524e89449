import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

// Posts an event with a text into a ring, so that V8 compiles to bytecode what that takes.
const program = `
  import { getRegistry, registerEventType } from '${new URL('../packages/core/dist/index.js', import.meta.url).href}';
  import { createRingBuffer } from '${new URL('../packages/core/dist/ring-door.js', import.meta.url).href}';
  const type = registerEventType({ name: 'bench.text', description: '', fields: { text: { type: 'string' } } });
  const registry = getRegistry();
  registry.setRing(createRingBuffer(65536));
  registry.tap({ mode: 'record', pattern: 'bench.text', slot: 0 });
  type.post({ text: 'some text' });
`;

function run(...args) {
  return execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
}

// The way that is long on purpose: ADR 29 says what it costs a traced program when it is not.
it.each(['writeText', 'processEvent'])('V8 does not inline %s: it is too long for that', (name) => {
  const [, limit] = /--max-inlined-bytecode-size=(\d+)/.exec(run('--v8-options')) ?? [];
  expect(Number(limit)).toBeGreaterThan(0);
  const listing = run(
    '--print-bytecode',
    `--print-bytecode-filter=${name}`,
    '--input-type=module',
    '--eval',
    program,
  );
  const [, bytes] = /Bytecode length: (\d+)/.exec(listing) ?? [];
  expect(Number(bytes)).toBeGreaterThan(Number(limit));
});
