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

it('takes the stack that an event has with it, and never that of whoever posts about another thread', async () => {
  const registry = getRegistry();
  const armings: { request: object; post(payload: object, subject?: object): void }[] = [];
  const base = { kind: 'requested', description: '', disarm: () => undefined } as const;
  const arm = (arming: unknown): void => void armings.push(arming as never);
  const stack = { stack: { type: 'stack', optional: true } } as const;
  using hit = registry.registerEventType({ ...base, name: 'l.hit', fields: stack, request: { stack: { type: 'bool', default: false } }, arm }); // prettier-ignore
  using bare = registry.registerEventType({ ...base, name: 'l.bare', fields: {}, arm });
  let printed = '';
  const text = 'event l.far { s: string } probe l.hit { printf("[%s]", stack(2)); throw event l.far { s = stack(1) } } probe l.bare { printf("<%s>", stack()) } probe l.far { printf("(%s)", s) }'; // prettier-ignore
  const run = runScript(text, { output: (each) => void (printed += each) });
  await run.ready;
  expect(armings.map(({ request }) => request)).toEqual([{ stack: true }, {}]);
  const other = { tid: 4711, threadId: 0 };
  armings[0]?.post({ stack: 'send (libc.so.6)\nmain (hot)\n_start (hot)' }, other);
  armings[0]?.post({}, other);
  armings[1]?.post({}, other);
  armings[1]?.post({});
  expect([hit.hasListeners, bare.hasListeners]).toEqual([true, true]);
  run.stop();
  await run.ended;
  expect(printed.slice(0, -1)).toMatch(/^\[send \(libc\.so\.6\)\nmain \(hot\)\]\(send \(libc\.so\.6\)\)\[\]\(\)<><.*local\.test\.ts[^]*$/); // prettier-ignore
});

it('tells what is wrong with a text before anything runs', () => {
  expect(() => runScript('probe l.nothing { print(1) }', { output: () => undefined })).toThrow(
    expect.objectContaining({ code: 'EE_SCRIPT_NAME' }),
  );
});
