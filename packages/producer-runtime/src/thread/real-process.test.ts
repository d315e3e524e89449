import { describe, expect, it } from 'vitest';
import { fixturePath, lineOf } from '../../fixtures/run.ts';
import { type Ending, runThread } from '../../fixtures/run-thread.ts';

const failures = [
  ['promise.rejected', {}],
  ['exception.thrown', {}],
] as const;
const file = fixturePath('failures.mjs');
const summary = ({ events }: Ending): unknown[] => events.map(({ name, payload }) => [name, payload['name'], payload['message'], payload['origin'] ?? payload['isListenedFor']]); // prettier-ignore

// A warning names the process.
const strip = ({ stderr }: Ending): string => stderr.replaceAll(/\(node:\d+\)/g, '(node)');

async function compare(name: string, flags: readonly string[] = []): Promise<Ending> {
  const [without, heard, unheard] = await Promise.all([
    runThread('failures.mjs', [name], undefined, flags),
    runThread('failures.mjs', [name], failures, flags),
    runThread('failures.mjs', [name], [], flags),
  ]);
  for (const each of [heard, unheard]) {
    expect([each.code, each.stdout, strip(each)]).toEqual([without.code, without.stdout, strip(without)]); // prettier-ignore
  }
  expect(unheard.events).toEqual([]);
  return heard;
}

const rejected = ['promise.rejected', 'OrderError', 'no such order', false];
const died = ['exception.thrown', 'OrderError', 'no such order', 'unhandledRejection'];

describe('a failure is told, and the program ends as it would have', () => {
  it('a rejection that nobody handles', async () => {
    const ending = await compare('reject');
    expect(ending.code).toBe(1);
    expect(summary(ending)).toEqual([rejected, died]);
    expect(ending.events[0]?.payload).toMatchObject({ code: 'E_ORDER', function: 'placeOrder', url: file, line: lineOf('failures.mjs', "OrderError('no such order')") }); // prettier-ignore
    expect(ending.events[0]?.payload['stack']).toMatch(/^placeOrder \(/);
  });

  it.each([
    ['warn', 0, [rejected]],
    ['none', 0, [rejected]],
    ['warn-with-error-code', 1, [rejected]],
    ['strict', 1, [died]],
  ])('with --unhandled-rejections=%s', async (mode, code, told) => {
    const ending = await compare('reject', [`--unhandled-rejections=${mode}`]);
    expect(ending.code).toBe(code);
    expect(summary(ending)).toEqual(told);
  });

  it.each([
    ['handled', 0, []],
    ['listened', 0, [[...rejected.slice(0, 3), true]]],
    ['monitored', 1, [rejected, died]],
    ['throw', 1, [['exception.thrown', 'OrderError', 'thrown', 'uncaughtException']]],
    ['survived', 0, [['exception.thrown', 'OrderError', 'thrown', 'uncaughtException']]],
    ['emitter', 1, [['exception.thrown', 'OrderError', 'emitted', 'uncaughtException']]],
    ['exitcode', 42, [rejected, died]],
    ['toplevel', 1, [died]],
    [
      'rethrown',
      1,
      [
        [...rejected.slice(0, 3), true],
        ['exception.thrown', ...died.slice(1, 3), 'uncaughtException'],
      ],
    ],
    ['leaves', 9, [[...rejected.slice(0, 3), true]]],
    ['domain', 0, []],
    ['mapped', 1, [rejected, died]],
    ['worker', 0, [['exception.thrown', 'RangeError', 'in a worker', 'uncaughtException']]],
  ])('%s', async (name, code, told) => {
    const ending = await compare(name);
    expect(ending.code).toBe(code);
    expect(summary(ending)).toEqual(told);
    const ownThreads = new Set(ending.events.map(({ subject, threadId }) => subject.threadId === threadId)); // prettier-ignore
    expect(ownThreads.has(false)).toBe(false);
  });

  it('whatever is thrown is described without running code of the program', async () => {
    const ending = await compare('values');
    expect(ending.stdout).toBe('touches 0\n');
    expect(ending.events.map(({ payload }) => `${String(payload['name'])}: ${String(payload['message'])}`)).toEqual([
      'undefined: undefined', 'null: null', 'number: 13', 'bigint: 13', 'string: text', 'symbol: Symbol(s)', 'Proxy: ', 'Odd: ', 'function: ', 'Object: plain', 'Object: ', 'AggregateError: many',
    ]); // prettier-ignore
  });
});

it('nothing is to be seen before and after, and next to nothing while somebody listens', async () => {
  const { stderr, stdout } = await runThread('restored.mjs', [], []);
  expect(stderr).toBe('');
  const said = new Map(stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown> & { what: string }).map(({ what, ...rest }) => [what, rest])); // prettier-ignore
  const before = said.get('before');
  expect(before).toMatchObject({ own: true, isPlain: true });
  expect(said.get('after')).toEqual(before);
  expect(said.get('while')).toEqual({ ...before, own: false, isPlain: false });
  expect(said.get('order')).toEqual({ id: 7, seen: ['newListener', 'order'] });
  expect(said.get('result')).toEqual({ heard: true, kept: true });
  expect(said.get('over')).toEqual({ isOurs: true, heard: false });
  expect(said.get('back')).toEqual({ same: true, writable: false });
  expect(said.get('ended')).toMatchObject({ own: true, isPlain: true });
});

describe('timers and collections', () => {
  it('late timers are told with how late they are, punctual ones not', async () => {
    const { events, stdout } = await runThread('busy.mjs', [], [['timer.late', { thresholdMs: 100 }]], ['--expose-gc']); // prettier-ignore
    expect(stdout).toBe('{"done":3}\n');
    const byName = new Map(events.map(({ payload }) => [payload['callback'], payload]));
    expect(byName.get('overdue')).toMatchObject({ delayMs: 30, isInterval: false });
    expect(byName.get('overdue')?.['lateMs']).toBeGreaterThanOrEqual(160);
    expect(byName.get('tick')).toMatchObject({ delayMs: 20, isInterval: true });
    expect(byName.has('punctual')).toBe(false);
    expect(events.length).toBeLessThanOrEqual(4);
  });

  it('collections are told with kind and time; those that are too short not', async () => {
    const { events } = await runThread('busy.mjs', [], [['gc.pause', {}]], ['--expose-gc']);
    const forced = events.filter(({ payload }) => payload['isForced'] === true);
    expect(forced.map(({ payload }) => payload['kind'])).toContain('mark-sweep');
    for (const { payload, subject } of events) {
      expect(payload['durationMs']).toBeGreaterThan(0);
      expect(payload['heapUsedBytes']).toBeGreaterThan(1e6);
      expect(subject.threadId).toBe(0);
    }
    const times = events.map(({ timestampNs }) => timestampNs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const none = await runThread(
      'busy.mjs',
      [],
      [['gc.pause', { minMs: 60_000 }]],
      ['--expose-gc'],
    );
    expect(none.events).toEqual([]);
  });
});
