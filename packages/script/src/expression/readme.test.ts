import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { EventTypeDescriptor, FieldValue } from '@extension-events/core';
import { describe, expect, it } from 'vitest';
import { compilePredicate } from './compile.ts';
import { ExpressionError } from './errors.ts';
import { functionNames } from './functions.ts';

const root = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');

function blocks(language: string): readonly string[] {
  return Array.from(
    readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms')),
    ([, text]) => text ?? '',
  );
}

describe('README', () => {
  it.each([0, 1])('shows a program, number %i, that prints what the README says', (number) => {
    const output = execFileSync(
      process.execPath,
      [
        '--conditions=@extension-events/source',
        '--input-type=module-typescript',
        '-e',
        blocks('ts')[number] ?? '',
      ],
      { cwd: fileURLToPath(root), encoding: 'utf8' },
    );
    expect(output).toBe(blocks('text')[number]);
  });

  const descriptor: EventTypeDescriptor = {
    name: 'sample',
    kind: 'filtered',
    description: '',
    fields: {
      len: { type: 'u32' },
      flags: { type: 'u32' },
      total: { type: 'u64' },
      share: { type: 'f64' },
      peer: { type: 'string' },
      body: { type: 'bytes' },
      ok: { type: 'bool' },
      code: { type: 'i32', optional: true },
      note: { type: 'string', optional: true },
      retried: { type: 'bool', optional: true },
    },
  };
  const shown = JSON.parse(blocks('json')[0] ?? '') as Record<string, FieldValue>;
  const payload = {
    ...shown,
    total: BigInt(String(shown['total'])),
    body: Uint8Array.from(shown['body'] as Uint8Array),
  };
  const context = {
    pid: 4242,
    tid: 4242,
    threadId: 0,
    threadName: 'main',
    timestampNs: 1,
    eventName: 'sample',
  };

  function outcomeOf(text: string): string {
    try {
      return String(compilePredicate(text, descriptor)(payload, context));
    } catch (error) {
      if (error instanceof ExpressionError) return error.code;
      throw error;
    }
  }

  const examples = blocks('expr').flatMap((block) => block.trim().split('\n'));
  it.each(examples.map((line) => line.split('→').map((part) => part.trim()) as [string, string]))(
    'tells the truth about %s: %s',
    (text, outcome) => {
      expect(outcomeOf(text)).toBe(outcome);
    },
  );

  it('names every function', () => {
    const table = readme.slice(readme.indexOf('| function'), readme.indexOf('### Absent fields'));
    for (const name of functionNames) expect(table).toContain(`\`${name}(`);
  });
});
