import type { AnyPayload } from '@extension-events/core';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { check, TestThread } from '../run/testing/threads.ts';
import type { ThreadShare } from '../program/wire.ts';
import { defaultBudget } from './budget.ts';
import type { StopReason } from './errors.ts';
import { ScriptInstance } from './instance.ts';
import { randomScript, randomTypes } from './testing/texts.ts';

const budget = { ...defaultBudget, statementsPerHit: 500, entriesPerMap: 12, stringLength: 1100 };
const secret = { isSecret: true };

interface Started {
  readonly thread: TestThread;
  readonly instance: ScriptInstance;
  readonly stopped: StopReason[];
}

function start(text: string): Started {
  const thread = new TestThread(0, randomTypes);
  const { files, program } = check(text, thread.registry);
  const stopped: StopReason[] = [];
  const instance = new ScriptInstance(
    thread.registry,
    { run: 'r', name: 'x.ev', files, globals: program.globals, events: program.events, budget },
    { onStopped: (reason) => stopped.push(reason), onExit: () => undefined },
  );
  return { thread, instance, stopped };
}

// ---------------------------------------------------------------- payloads that mean harm

type Answer = (read: number) => unknown;

const wrong = fc.constantFrom<unknown>(
  undefined, null, 7, -1, 1.5, NaN, Infinity, 1e300, 2n ** 64n, -1n, 2n ** 4000n, true, '', 'x'.repeat(5000), '__proto__',
  secret, [1], new Uint8Array(3), () => secret, Symbol.iterator, Object.create(null), new Proxy({}, {}),
  { valueOf: () => secret, toString: () => 'text', length: secret },
  new (class extends Uint8Array { override get length(): never { return secret as never; } })(2),
); // prettier-ignore

const good: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  len: fc.nat(255),
  amount: fc.bigInt(0n, 99n),
  rate: fc.double(),
  ok: fc.boolean(),
  peer: fc.constantFrom('a', '__proto__', 'x'.repeat(3000)),
  body: fc.constant(new Uint8Array(2)),
  code: fc.integer({ min: -5, max: 5 }),
  note: fc.constantFrom('n', 'constructor'),
  big: fc.bigInt(-9n, 9n),
};

/** Right for some reads, and then anything, or an exception. */
function answerOf(name: string): fc.Arbitrary<Answer> {
  return fc
    .record({
      right: good[name] ?? fc.constant(0),
      wrong,
      until: fc.nat(4),
      throws: fc.boolean(),
    })
    .map(({ right, throws, until, wrong: other }): Answer => (read) => {
      if (read < until) return right;
      if (throws) throw new Error('a getter of the program');
      return other;
    });
}

const hostile: fc.Arbitrary<readonly [string, AnyPayload]> = fc
  .constantFrom('a.sent', 'b.seen')
  .chain((event) => {
    const names = Object.keys(randomTypes[event] ?? {});
    const answers = Object.fromEntries(names.map((name) => [name, answerOf(name)]));
    return fc.tuple(fc.record(answers), fc.boolean()).map(([given, isProxy]) => {
      const reads: Record<string, number> = {};
      const read = (name: string): unknown =>
        given[name]?.((reads[name] = (reads[name] ?? 0) + 1) - 1);
      if (isProxy) {
        const target = Object.fromEntries(names.map((name) => [name, 0]));
        const proxy = new Proxy(target, { get: (_, name) => read(String(name)) });
        return [event, proxy] as const;
      }
      const payload = {};
      for (const name of names) {
        Object.defineProperty(payload, name, { enumerable: true, get: () => read(name) });
      }
      return [event, payload] as const;
    });
  });

// ---------------------------------------------------------------- what must hold

const prototypes = [Object, Array, String, Number, Map, Set, Function, RegExp, Uint8Array].map(({ prototype }) => prototype as object); // prettier-ignore
const describePrototypes = (): unknown =>
  prototypes.map((prototype) => Reflect.ownKeys(prototype).map((key) => [key, Object.getOwnPropertyDescriptor(prototype, key)?.value as unknown])); // prettier-ignore

function expectPlain({ globals }: ThreadShare): void {
  const plain = new Set(['number', 'string', 'boolean', 'undefined']);
  for (const { entries } of globals) {
    for (const { key, stats, value } of entries) {
      for (const part of key) expect(plain).toContain(typeof part);
      expect(plain).toContain(typeof value);
      for (const one of Object.values(stats ?? {})) {
        expect(typeof one === 'number' || Array.isArray(one)).toBe(true);
      }
    }
  }
}

it('never throws into the program, and never lets go of its objects', () => {
  const before = describePrototypes();
  let failed = 0;
  let matched = 0;
  fc.assert(
    fc.property(randomScript, fc.array(hostile, { minLength: 1, maxLength: 8 }), (text, posts) => {
      const { instance, stopped, thread } = start(text);
      const thrown: unknown[] = [];
      for (const pattern of ['inner', 'outer', 'script.output']) {
        thread.registry.tap({
          mode: 'probe',
          pattern,
          run: ({ payload }: { readonly payload: object }) =>
            thrown.push(...Object.values(payload)),
        });
      }
      for (const [event, payload] of posts) thread.post(event, payload);
      for (const value of thrown) expect(['number', 'bigint', 'string', 'boolean']).toContain(typeof value); // prettier-ignore
      for (const { code } of stopped) expect(code).toBe('EE_SCRIPT_BUDGET');
      expectPlain(instance.collect());
      const counts = instance.tell();
      failed += counts.failed;
      matched += counts.matched;
      instance[Symbol.dispose]();
    }),
    { numRuns: Number(process.env['SCRIPT_RUNS'] ?? 60) },
  );
  expect(describePrototypes()).toEqual(before);
  expect(secret).toEqual({ isSecret: true });
  expect(matched).toBeGreaterThan(0);
  expect(failed).toBeGreaterThan(0);
});

it('keeps payload strings such as __proto__ as keys like any other', () => {
  const { instance, thread } = start('global n probe b.seen { n[peer]++; n[peer + "!"]++ }');
  for (const peer of ['__proto__', 'constructor', 'toString'])
    thread.post('b.seen', { len: 1, peer });
  expect(instance.collect().globals[0]?.entries).toEqual(
    ['__proto__', 'constructor', 'toString'].flatMap((name) => [
      { key: [name], value: 1 },
      { key: [`${name}!`], value: 1 },
    ]),
  );
  instance[Symbol.dispose]();
});

it('does not call what the program puts into Map and Array later', () => {
  const { instance, thread } = start(
    `global n, x, last
     probe b.seen { n[len, peer]++; x[peer] <<< len; last[len] = peer;
       foreach (k in x- limit 2) { last[0] = k } foreach (k2 in last) delete last[k2] }`,
  );
  const type = thread.types.get('b.seen');
  const called: string[] = [];
  const put: (() => void)[] = [];
  const patched = { Map: ['get', 'set', 'has', 'delete', 'forEach', 'clear'], Set: ['add', 'has'], Array: ['sort'] } as const; // prettier-ignore
  for (const [name, methods] of Object.entries(patched)) {
    const { prototype } = { Map, Set, Array }[name as 'Map'] as { prototype: object };
    for (const method of methods) {
      const original: unknown = Reflect.get(prototype, method);
      put.push(() => Reflect.set(prototype, method, original));
      Reflect.set(prototype, method, () => {
        called.push(`${name}.${method}`);
        throw new Error('patched');
      });
    }
  }
  try {
    for (let len = 0; len < 5; len++) type?.post({ len, peer: `p${len}` });
  } finally {
    for (const undo of put) undo();
  }
  expect(called).toEqual([]);
  expect(instance.tell()).toMatchObject({ matched: 5, failed: 0 });
  instance[Symbol.dispose]();
});
