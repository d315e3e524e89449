import { getRegistry } from '@extension-events/core';
import { expect, it } from 'vitest';
import { runScript } from './local.ts';

const fields = { len: { type: 'u32' } } as const;

it('runs a script over the events of its own thread', async () => {
  using type = getRegistry().registerEventType({ name: 'l.sent', description: '', fields });
  let printed = '';
  const run = runScript(
    `global n
     probe l.sent if (len > 1) { n++; printf("sent %d\\n", len); if (n == 2) exit() }
     probe end { printf("%d sends\\n", n) }`,
    {
      output: (text) => {
        printed += text;
      },
    },
  );
  await run.ready;
  for (const len of [1, 2, 3, 4]) type.post({ len });
  expect(await run.ended).toMatchObject({ why: 'exit' });
  expect(printed).toBe('sent 2\nsent 3\n2 sends\n');
  expect(type.hasListeners).toBe(false);
});

it('hears nothing of what other scripts print', async () => {
  using type = getRegistry().registerEventType({ name: 'l.sent', description: '', fields });
  const printed: [string, string][] = [];
  const runs = ['a', 'b'].map((name) =>
    runScript(`probe l.sent { print("${name}") }`, {
      output: (text) => printed.push([name, text]),
    }),
  );
  await Promise.all(runs.map(({ ready }) => ready));
  type.post({ len: 1 });
  for (const run of runs) run.stop();
  await Promise.all(runs.map(({ ended }) => ended));
  expect(printed).toEqual([['a', 'a\n'], ['b', 'b\n']]); // prettier-ignore
});

it('tells what is wrong with a text before anything runs', () => {
  expect(() => runScript('probe l.nothing { print(1) }', { output: () => undefined })).toThrow(
    expect.objectContaining({ code: 'EE_SCRIPT_NAME' }),
  );
});
