import { type AnyPayload, ExtensionEventError, getRegistry, type Listening, type PostedEvent } from '@extension-events/core'; // prettier-ignore
import { afterEach, expect, it, vi } from 'vitest';
import type { CheckedEvent } from '../program/checked.ts';
import type { ScriptSpec } from '../program/wire.ts';
import { defaultBudget } from './budget.ts';
import type { StopReason } from './errors.ts';
import { type ScriptCallbacks, ScriptInstance } from './instance.ts';
import { add, aggregate, body, bool, entry, equal, field, global, type Handmade, int, print, raise, set, sourceOf, specOf, text } from './testing/trees.ts'; // prettier-ignore

const registry = getRegistry();
const rest: Disposable[] = [];

afterEach(() => {
  for (const each of rest.splice(0).toReversed()) each[Symbol.dispose]();
});

const sendFields = { len: { type: 'u32' }, peer: { type: 'string', optional: true } } as const;

function register(name: string): { post(payload: AnyPayload): void } {
  const type = registry.registerEventType({ name, description: '', fields: sendFields });
  rest.push(type);
  return type;
}

function hear(name: string): PostedEvent[] {
  const events: PostedEvent[] = [];
  const listening: Listening = registry.listen(name, (event) => events.push(event));
  rest.push({ [Symbol.dispose]: () => listening.unlisten() });
  return events;
}

interface Started {
  readonly instance: ScriptInstance;
  readonly stopped: StopReason[];
  readonly exits: number[];
}

function start(
  probes: readonly Handmade[],
  spec: Partial<ScriptSpec> = {},
  { nowNs, ...callbacks }: Partial<ScriptCallbacks> & { readonly nowNs?: () => number } = {},
): Started {
  const stopped: StopReason[] = [];
  const exits: number[] = [];
  const instance = new ScriptInstance(
    registry,
    specOf(spec),
    { onStopped: (reason) => stopped.push(reason), onExit: () => exits.push(1), ...callbacks },
    { source: sourceOf(probes), ...(nowNs && { nowNs }) },
  );
  rest.push(instance);
  return { instance, stopped, exits };
}

const lucky: CheckedEvent = {
  name: 'lucky13',
  file: 'test.ev',
  fields: { len: { type: 'u32' }, peer: { type: 'string', optional: true } },
};
const len = field('len', 'int');
const peer = field('peer', 'string', true);

it('throws its event inside the post that it hears', async () => {
  const send = register('t.send');
  start(
    [
      {
        pattern: 't.send',
        body: body([raise(0, { len, peer })], { condition: equal(len, int(13)) }),
      },
    ],
    { events: [lucky] },
  );
  const heard = hear('lucky13');
  for (const n of [12, 13, 14]) send.post({ len: n });
  send.post({ len: 13, peer: 'there' });
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(heard.map(({ payload }) => payload)).toEqual([{ len: 13 }, { len: 13, peer: 'there' }]);
});

it('counts what matched, and hands its share over once', () => {
  const send = register('t.send');
  const { instance } = start(
    [{ pattern: 't.*', body: body([add(0, int(1), len), aggregate(1, len)]) }],
    { globals: [global('n', 'number', ['number']), global('x', 'stats')] },
  );
  for (const n of [7, 9, 7]) send.post({ len: n });
  expect(instance.collect()).toEqual({
    hasExited: false,
    globals: [
      {
        global: 0,
        entries: [
          { key: [7], value: 2 },
          { key: [9], value: 1 },
        ],
      },
      { global: 1, entries: [{ key: [], stats: { count: 3, sum: 23, min: 7, max: 9, buckets: [] } }] }, // prettier-ignore
    ],
  });
  expect(instance.collect()).toEqual({ hasExited: false, globals: [] });
  expect(instance.tell()).toMatchObject({ matched: 3, failed: 0 });
});

it('hears a type that is registered later', () => {
  const { instance } = start([{ pattern: 't.late', body: body([add(0, int(1))]) }], {
    globals: [global('n', 'number')],
  });
  register('t.late').post({ len: 1 });
  expect(instance.collect().globals).toEqual([{ global: 0, entries: [{ key: [], value: 1 }] }]);
});

it('prints through an event of its own', async () => {
  const send = register('t.send');
  start([{ pattern: 't.send', body: body([print(text('hello\n'))]) }]);
  const heard = hear('script.output');
  send.post({ len: 1 });
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  expect(heard[0]?.payload).toEqual({ run: 'run-1', text: 'hello\n' });
});

it('undoes everything when it is disposed', () => {
  const send = register('t.send');
  const before = registry.describeTypes().map(({ descriptor }) => descriptor.name);
  const { instance } = start([{ pattern: 't.send', body: body([raise(0, { len })]) }], {
    events: [lucky],
  });
  expect(registry.tryGetEventType('lucky13')).toBeDefined();
  instance[Symbol.dispose]();
  expect(registry.describeTypes().map(({ descriptor }) => descriptor.name)).toEqual(before);
  expect(registry.tryGetEventType('t.send')?.hasListeners).toBe(false);
  send.post({ len: 1 });
  instance[Symbol.dispose]();
});

it('leaves nothing behind when it cannot start', () => {
  rest.push(registry.registerEventType({ name: 'lucky13', description: '', fields: {} }));
  const send = register('t.send');
  const before = registry.describeTypes();
  expect(() => start([{ pattern: 't.send', body: body([]) }], { events: [lucky] })).toThrow(
    expect.objectContaining({ code: 'EE_SCRIPT_CONFLICT' }),
  );
  expect(registry.describeTypes()).toEqual(before);
  send.post({ len: 1 });
});

it('stops when the program registers the name of its event for itself', async () => {
  const heard = hear('script.stopped');
  const { stopped } = start([], { events: [lucky] });
  const own = registry.registerEventType({ name: 'lucky13', description: '', fields: {} });
  rest.push(own);
  expect(stopped).toEqual([expect.objectContaining({ code: 'EE_SCRIPT_CONFLICT' })]);
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  expect(heard[0]?.payload).toMatchObject({ run: 'run-1', name: 'test.ev', code: 'EE_SCRIPT_CONFLICT' }); // prettier-ignore
});

it('shares an event with another script of the same fields, until both have ended', () => {
  const a = start([], { events: [lucky] });
  const b = start([], { events: [lucky] });
  a.instance[Symbol.dispose]();
  a.instance[Symbol.dispose]();
  expect(registry.tryGetEventType('lucky13')).toBeDefined();
  b.instance[Symbol.dispose]();
  expect(registry.tryGetEventType('lucky13')).toBeUndefined();
});

it('says why the source of a requested event was refused', () => {
  const error = new ExtensionEventError('EE_NOT_HERE', 'no counter', 'none');
  rest.push(
    registry.registerEventType({
      name: 't.requested',
      kind: 'requested',
      description: '',
      fields: {},
      arm: () => {
        throw error;
      },
      disarm: () => undefined,
    }),
  );
  expect(() => start([{ pattern: 't.requested', body: body([]) }])).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^EE_/) as string }),
  );
});

it('stops with the error when a later type does not fit', () => {
  const misfit = new ExtensionEventError('EE_SCRIPT_FIELD', 't.late has no field len.', 'none');
  const { stopped } = start([
    {
      pattern: 't.*',
      body: () => {
        throw misfit;
      },
    },
  ]);
  expect(stopped).toEqual([]);
  register('t.late');
  expect(stopped).toEqual([{ code: 'EE_SCRIPT_FIELD', message: 't.late has no field len.', hint: 'none' }]); // prettier-ignore
});

it('ends its probes after exit(), and lets the probe run to its end', () => {
  const send = register('t.send');
  const { exits, instance } = start(
    [{ pattern: 't.send', body: body([{ kind: 'exit' }, add(0, int(1))]) }],
    { globals: [global('n', 'number')] },
  );
  send.post({ len: 1 });
  send.post({ len: 1 });
  expect(exits).toEqual([1]);
  expect(instance.collect()).toEqual({
    hasExited: true,
    globals: [{ global: 0, entries: [{ key: [], value: 1 }] }],
  });
});

it('stops a loop that does not end', () => {
  const send = register('t.send');
  const { instance, stopped } = start(
    [{ pattern: 't.send', body: body([{ kind: 'loop', condition: bool(true), body: [add(0, int(1))], step: [] }]) }], // prettier-ignore
    { globals: [global('n', 'number')], events: [lucky] },
  );
  send.post({ len: 1 });
  expect(stopped).toHaveLength(1);
  expect(stopped[0]).toMatchObject({ code: 'EE_SCRIPT_BUDGET', message: expect.stringContaining('statements per hit') as string }); // prettier-ignore
  expect(registry.tryGetEventType('lucky13')).toBeUndefined();
  expect(registry.tryGetEventType('t.send')?.hasListeners).toBe(false);
  // Two statements an iteration, the one itself included.
  const share = instance.collect().globals[0]?.entries[0]?.value;
  expect(share).toBe(defaultBudget.statementsPerHit / 2);
});

it('stops throws that go round in circles', () => {
  const send = register('t.send');
  const { stopped } = start(
    [
      { pattern: 't.send', body: body([raise(0, { len: int(1) })]) },
      { pattern: 'lucky13', body: body([raise(0, { len: int(1) }), add(0, int(1))]) },
    ],
    { events: [lucky], globals: [global('n', 'number')] },
  );
  send.post({ len: 1 });
  expect(stopped[0]?.message).toContain('nested more than 4 deep');
});

it('stops when a map has one entry too many, and not before', () => {
  const send = register('t.send');
  const { stopped } = start([{ pattern: 't.send', body: body([add(0, int(1), len)]) }], {
    globals: [global('n', 'number', ['number'])],
    budget: { ...defaultBudget, entriesPerMap: 100 },
  });
  for (let n = 0; n < 100; n++) send.post({ len: n });
  send.post({ len: 7 });
  expect(stopped).toEqual([]);
  send.post({ len: 100 });
  expect(stopped[0]?.message).toContain('map entries');
});

it('stops when its state takes too much memory', () => {
  const send = register('t.send');
  const { stopped } = start([{ pattern: 't.send', body: body([set(0, peer, len)]) }], {
    globals: [global('last', 'string', ['number'])],
    budget: { ...defaultBudget, memoryBytes: 20_000 },
  });
  for (let n = 0; n < 100 && stopped.length === 0; n++)
    send.post({ len: n, peer: 'x'.repeat(1000) });
  expect(stopped[0]?.message).toContain('memory');
});

it('stops when it takes more than its share of the time, twice in a row', () => {
  const send = register('t.send');
  let now = 0;
  // Each reading of the clock takes 30 us: a hit that is timed seems to cost that much.
  const nowNs = (): number => (now += 30_000);
  const { instance, stopped } = start([{ pattern: 't.send', body: body([]) }], {}, { nowNs });
  let posts = 0;
  for (; stopped.length === 0 && posts < 1e6; posts++) send.post({ len: 1 });
  expect(stopped[0]?.message).toContain("share of a thread's time");
  expect(instance.tell().threadShare).toBeGreaterThan(0.25);
  expect(now).toBeGreaterThan(2e9);
});

it('does not count the time of others inside its throws', () => {
  const send = register('t.send');
  let now = 0;
  const nowNs = (): number => (now += 1000);
  const { stopped } = start(
    [{ pattern: 't.send', body: body([raise(0, { len })]) }],
    { events: [lucky] },
    { nowNs },
  );
  const slow = registry.tap({
    mode: 'probe',
    pattern: 'lucky13',
    probe: () => () => {
      now += 50_000_000; // a debugger stands there
      return true;
    },
  });
  rest.push({ [Symbol.dispose]: () => registry.untap(slow) });
  for (let n = 0; n < 1000; n++) send.post({ len: 1 });
  expect(now).toBeGreaterThan(40e9);
  expect(stopped).toEqual([]);
});

it('stops when it prints too much in a second', () => {
  const send = register('t.send');
  const { stopped } = start([{ pattern: 't.send', body: body([print(text('x'.repeat(1000)))]) }], {
    budget: { ...defaultBudget, outputBytesPerSecond: 10_000 },
  });
  for (let n = 0; n < 10; n++) send.post({ len: 1 });
  expect(stopped).toEqual([]);
  send.post({ len: 1 });
  expect(stopped[0]?.message).toContain('printed more than 10000');
});

it('is not harmed by a getter that changes its mind, or throws', () => {
  const send = register('t.send');
  const { instance, stopped } = start(
    [{ pattern: 't.send', body: body([add(0, len), set(1, peer)]) }],
    { globals: [global('n', 'number'), global('s', 'string')] },
  );
  const program = { secret: 1 };
  let reads = 0;
  const payload = { len: 5, get peer(): unknown { return ++reads > 1 ? program : 'fine'; } }; // prettier-ignore
  send.post(payload as never);
  send.post({ get len(): number { if (++reads > 3) throw new Error('no'); return 1; } }); // prettier-ignore
  expect(stopped).toEqual([]);
  expect(instance.collect().globals).toEqual([]);
});

it('reads what it has added, before and after its share is handed over', () => {
  const send = register('t.send');
  const { instance } = start(
    [{ pattern: 't.send', body: body([add(0, int(1)), set(1, entry(0, 'float'))]) }],
    { globals: [global('n', 'number', [], { isReadByEvents: true, initial: 10 }), global('seen', 'number', [], { merge: 'last' })] }, // prettier-ignore
  );
  const seen = (): unknown =>
    instance.collect().globals.find((share) => share.global === 1)?.entries[0]?.value;
  send.post({ len: 1 });
  expect(seen()).toBe(11);
  send.post({ len: 1 });
  expect(seen()).toBe(12);
  instance.apply({ globals: [{ global: 0, entries: [{ key: [], value: 100 }] }] });
  send.post({ len: 1 });
  expect(seen()).toBe(101);
});

it('does not hear what scripts print by a pattern that was meant for others', () => {
  const send = register('t.send');
  const { instance, stopped } = start(
    [{ pattern: '**', body: body([print(text('x')), add(0, int(1))]) }],
    { globals: [global('n', 'number')] },
  );
  send.post({ len: 1 });
  expect(stopped).toEqual([]);
  expect(instance.tell()).toMatchObject({ matched: 1, printed: 1 });
});

it('bounds what two scripts make of each other', () => {
  const send = register('t.send');
  const ping: CheckedEvent = { name: 't.ping', file: 'a.ev', fields: {} };
  const pong: CheckedEvent = { name: 't.pong', file: 'b.ev', fields: {} };
  const a = start(
    [
      { pattern: 't.send', body: body([raise(0)]) },
      { pattern: 't.pong', body: body([raise(0)]) },
    ],
    { events: [ping], name: 'a.ev' },
  );
  const b = start([{ pattern: 't.ping', body: body([raise(0)]) }], {
    events: [pong],
    name: 'b.ev',
  });
  const thrown = (): number => a.instance.tell().thrown + b.instance.tell().thrown;
  send.post({ len: 1 });
  // Core ends it: posts are nested eight deep at most.
  const once = thrown();
  expect(once).toBeGreaterThan(3);
  expect(once).toBeLessThan(10);
  // The program goes on, and so does the next event.
  send.post({ len: 1 });
  expect(thrown()).toBe(2 * once);
});

it('hands its share over in the middle of a probe', () => {
  const send = register('t.send');
  const { instance } = start([{ pattern: 't.send', body: body([add(0, len), add(0, len)]) }], {
    globals: [global('n', 'number')],
  });
  const values: unknown[] = [];
  const collect = (): void => {
    for (const { entries } of instance.collect().globals) values.push(...entries.map(({ value }) => value)); // prettier-ignore
  };
  send.post({ len: 1 });
  let reads = 0;
  send.post({
    get len() {
      if (++reads > 1) collect(); // as an inspector would, by interrupt
      return 10;
    },
  });
  collect();
  expect(values.reduce((sum: number, value) => sum + Number(value), 0)).toBe(22);
});
