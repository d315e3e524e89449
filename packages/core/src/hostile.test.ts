/** A post never throws, whatever it is given: what does not fit is lost, counted, and the ring stays whole. */
import { expect, it, vi } from 'vitest';
import type { AnyPayload } from './types.ts';
import { TestRing } from './test-ring.ts';

const fields = {
  n: { type: 'u32' },
  text: { type: 'string' },
  body: { type: 'bytes', optional: true },
  big: { type: 'i64', optional: true },
  note: { type: 'string', optional: true },
} as const;

const good = { n: 1, text: 'good' };
const boom = (): never => {
  throw new Error('boom');
};
const throwing = new Proxy({}, { ownKeys: boom, get: boom, getOwnPropertyDescriptor: boom, has: boom }); // prettier-ignore
const cyclic: Record<string, unknown> = { ...good };
cyclic['self'] = cyclic;
class Lying extends Uint8Array {
  override get length(): number {
    return 1;
  }
}

/** A getter that answers with the next value at each call, and then with the last. */
function changing(...values: unknown[]): AnyPayload {
  let calls = 0;
  return {
    n: 1,
    get text() {
      return values[Math.min(calls++, values.length - 1)] as string;
    },
  };
}

function setUp(): { ring: TestRing; post: (payload: unknown) => void; heard: AnyPayload[]; accounts: () => unknown[] } {
  const ring = new TestRing();
  const type = ring.registry.registerEventType({ name: 'hostile', description: '', fields });
  const heard: AnyPayload[] = [];
  const local = type.listen((payload) => heard.push(payload));
  const record = ring.registry.tap({ mode: 'record', pattern: 'hostile', slot: 0 });
  return {
    ring,
    heard,
    post: (payload) => type.post(payload as never),
    accounts: () => [local.account, record.account].map(({ matched, delivered, lost }) => [matched, delivered, lost]), // prettier-ignore
  };
} // prettier-ignore

it.each<[string, unknown]>([
  ['undefined', undefined],
  ['null', null],
  ['a number', 13],
  ['a string', 'len'],
  ['a symbol', Symbol('x')],
  ['a function', (): number => 1],
  ['an empty object', {}],
  ['an array', [1, 'good']],
  ['a missing field', { n: 1 }],
  ['an unknown field', { ...good, fd: 3 }],
  ['a cyclic object', cyclic],
  ['a string for a number', { ...good, n: '1' }],
  ['a fraction', { ...good, n: 1.5 }],
  ['a negative number', { ...good, n: -1 }],
  ['a number too large', { ...good, n: 2 ** 32 }],
  ['NaN', { ...good, n: Number.NaN }],
  ['a bigint for a number', { ...good, n: 1n }],
  ['a symbol for a number', { ...good, n: Symbol('n') }],
  ['a number with valueOf that throws', { ...good, n: { valueOf: boom } }],
  ['a String object', { ...good, text: new String('boxed') }],
  ['a bigint too large', { ...good, big: 2n ** 63n }],
  ['an array for bytes', { ...good, body: [1] }],
  ['a look-alike of bytes', { ...good, body: Object.create(Uint8Array.prototype) }],
  ['null for an optional field', { ...good, note: null }],
  ['a proxy that throws at everything', throwing],
  ['a getter that throws', { n: 1, get text(): string { return boom(); } }], // prettier-ignore
  ['a revoked proxy', (() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()], // prettier-ignore
  ['detached bytes', { ...good, body: (() => { const b = new Uint8Array(4); structuredClone(b, { transfer: [b.buffer] }); return b; })() }], // prettier-ignore
  ['an endless text', { ...good, text: 'x'.repeat(100_000) }],
])('loses and counts %s', async (_what, payload) => {
  const { ring, post, heard, accounts } = setUp();
  post(payload);
  post(good);
  await Promise.resolve();
  const items = ring.read();
  expect(items.at(-1)).toMatchObject({ payload: good });
  expect(items).toHaveLength(2);
  expect(items[0]).toMatchObject({ slot: 0, count: 1 });
  expect(heard.at(-1)).toEqual(good);
  for (const [matched, delivered, lost] of accounts() as number[][]) {
    expect(matched).toBe(2);
    expect(Number(delivered) + Number(lost)).toBe(2);
  }
});

it.each<[string, unknown, AnyPayload]>([
  ['a frozen object', Object.freeze({ ...good }), good],
  ['an object without prototype', Object.assign(Object.create(null), good), good],
  ['optional fields spelled out as undefined', { ...good, note: undefined, big: undefined }, good],
  ['an instance with getters on its class', new (class { n = 1; get text() { return 'good'; } })(), good], // prettier-ignore
  ['a proxy of a good object', new Proxy(good, {}), good],
  ['symbol keys', { ...good, [Symbol('hidden')]: 1 }, good],
  ['the limits', { n: 0xff_ff_ff_ff, text: '', big: -(2n ** 63n) }, { n: 0xff_ff_ff_ff, text: '', big: -(2n ** 63n) }], // prettier-ignore
  ['a Buffer', { ...good, body: Buffer.from('hi') }, { ...good, body: Uint8Array.of(104, 105) }],
  ['bytes that lie about their length', { ...good, body: new Lying([1, 2, 3]) }, { ...good, body: Uint8Array.of(1, 2, 3) }], // prettier-ignore
  ['shared bytes', { ...good, body: new Uint8Array(new SharedArrayBuffer(2)) }, { ...good, body: new Uint8Array(2) }], // prettier-ignore
])('delivers %s', async (_what, payload, expected) => {
  const { ring, post, heard, accounts } = setUp();
  post(payload);
  await Promise.resolve();
  expect(heard).toEqual([expected]);
  expect(ring.read()).toMatchObject([{ payload: expected }]);
  expect(accounts()).toEqual([
    [1, 1, 0],
    [1, 1, 0],
  ]);
  // The same for one listen alone, which takes a short cut once the ring knows the type.
  const alone = new TestRing();
  const type = alone.registry.registerEventType({ name: 'hostile', description: '', fields });
  const tap = alone.registry.tap({ mode: 'record', pattern: 'hostile', slot: 3 });
  type.post(good);
  type.post(payload as never);
  expect(alone.read()).toMatchObject([{ payload: good }, { payload: expected, slots: [3] }]);
  expect(tap.account).toMatchObject({ matched: 2, delivered: 2, lost: 0 });
});

const wellFormed = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text)); // prettier-ignore

const acting = (act: () => void): never => ({ n: 1, get text() { act(); return 'late'; } }) as never; // prettier-ignore

it('records an event of one listen alone whole or not at all, whatever its getters do', () => {
  const ring = new TestRing();
  const type = ring.registry.registerEventType({ name: 'hostile', description: '', fields });
  const tap = ring.registry.tap({ mode: 'record', pattern: 'hostile', slot: 0 });
  type.post(good);
  let left = 1;
  type.post(acting(() => left-- > 0 && type.post({ n: 2, text: 'inner' })));
  expect(ring.read()).toMatchObject([{ payload: good }, { payload: { n: 2 } }, { payload: { text: 'late' } }]); // prettier-ignore
  type.post(acting(() => { throw new Error('no'); })); // prettier-ignore
  type.post({ ...good, more: 1 } as never);
  type.post({ ...good, text: 'x'.repeat(5000) });
  expect(ring.read()).toMatchObject([{ reason: 'bad-payload', count: 2 }, { payload: { n: 1 } }]);
  expect(tap.account).toMatchObject({ matched: 6, delivered: 4, lost: 2 });
  type.post(acting(() => ring.registry.untap(tap)));
  expect(ring.read()).toEqual([]);
  expect(tap.account).toMatchObject({ matched: 6, delivered: 4, lost: 2 });
});

it('writes -0 to an integer field as 0', () => {
  const { ring, post } = setUp();
  post({ ...good, n: -0 });
  expect(ring.read()).toMatchObject([{ payload: { n: 0 } }]);
});

it('writes lone surrogates as the replacement character, and hands them over as they are', async () => {
  const { ring, post, heard } = setUp();
  const text = `\uD83D a \uDE00 \u{1F600} é ${'long '.repeat(20)}\uD83D`;
  post({ n: 1, text });
  await Promise.resolve();
  expect(heard).toEqual([{ n: 1, text }]);
  expect(ring.read()).toMatchObject([{ payload: { n: 1, text: wellFormed(text) } }]);
});

it.each<[string, unknown[]]>([
  ['longer than it was measured', ['x', 'x'.repeat(1000)]],
  ['of more bytes than it was measured', ['xx', '€'.repeat(7)]],
  ['another type than it was measured', ['x', 13]],
  ['nothing', ['x', undefined]],
])(
  'loses a text that has become %s when it is written, and the ring stays whole',
  (_what, values) => {
    const ring = new TestRing();
    const type = ring.registry.registerEventType({ name: 'hostile', description: '', fields });
    // With a predicate: an event for one listen alone is looked at once.
    const tap = ring.registry.tap({ mode: 'record', pattern: 'hostile', slot: 0, where: () => () => true }); // prettier-ignore
    type.post(good);
    type.post(changing(...values) as never);
    type.post(good);
    expect(ring.read()).toMatchObject([
      { payload: good },
      { reason: 'bad-payload', count: 1 },
      { payload: good },
    ]);
    expect(tap.account).toMatchObject({ matched: 3, delivered: 2, lost: 1 });
  },
);

it('survives a getter that posts, at any depth, and keeps the ring whole', async () => {
  const { ring, post, accounts } = setUp();
  const nesting = {
    n: 1,
    get text() {
      post(nesting);
      return 'nested';
    },
  };
  post(nesting);
  post(good);
  await Promise.resolve();
  const items = ring.read();
  expect(items.at(-1)).toMatchObject({ payload: good });
  for (const [matched, delivered, lost] of accounts() as number[][]) {
    expect(Number(delivered) + Number(lost)).toBe(matched);
  }
});

it('survives bytes that grow in a shared buffer', () => {
  const { ring, post } = setUp();
  const buffer = new SharedArrayBuffer(1, { maxByteLength: 4096 });
  const payload = {
    n: 1,
    text: 'x',
    get body() {
      buffer.grow(Math.min(4096, buffer.byteLength * 2));
      return new Uint8Array(buffer);
    },
  };
  for (let i = 0; i < 20; i++) post(payload);
  post(good);
  expect(ring.read().at(-1)).toMatchObject({ payload: good });
});

it('survives a poster at the end of its stack', async () => {
  const { ring, post, heard, accounts } = setUp();
  let posts = 0;
  let depth = 0;
  function recurse(): void {
    depth++;
    posts++;
    post(good);
    recurse();
  }
  expect(recurse).toThrow('call stack');
  expect(depth).toBeGreaterThan(10);
  await Promise.resolve();
  ring.read();
  post({ n: 2, text: 'after' });
  await Promise.resolve();
  expect(heard.at(-1)).toEqual({ n: 2, text: 'after' });
  expect(ring.read().at(-1)).toMatchObject({ payload: { n: 2, text: 'after' } });
  for (const [matched, delivered, lost] of accounts() as number[][]) {
    expect(Number(delivered) + Number(lost)).toBe(matched);
    expect(matched).toBeGreaterThan(posts - 50);
  }
});

it('leaves a frozen Error alone and goes without a stack then', () => {
  const ring = new TestRing();
  const type = ring.registry.registerEventType({ name: 'hostile', description: '', fields });
  ring.registry.tap({ mode: 'record', pattern: 'hostile', slot: 0, stack: 4 });
  const frozen = vi.spyOn(Object, 'getOwnPropertyDescriptor');
  frozen.mockImplementation(() => ({ value: 10, writable: false, enumerable: true, configurable: false })); // prettier-ignore
  type.post(good);
  frozen.mockRestore();
  type.post(good);
  const [without, withStack] = ring.read();
  expect(without).toMatchObject({ stack: undefined });
  expect(withStack).toMatchObject({ stack: expect.stringContaining('hostile.test') });
});
