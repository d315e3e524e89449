import { afterEach, expect, it } from 'vitest';
import { captureStack } from './stack.ts';
import { maxStacksPerSecond } from './tap.ts';
import { TestRing } from './test-ring.ts';

const settings: { prepareStackTrace?: unknown } = Error;
const { stackTraceLimit } = Error;
const { prepareStackTrace } = settings;
afterEach(() => {
  Error.stackTraceLimit = stackTraceLimit;
  settings.prepareStackTrace = prepareStackTrace;
});

function outer(depth: number): string {
  return inner(depth);
}
function inner(depth: number): string {
  return captureStack(depth, inner);
}

it('is the callers of a function, innermost first, one a line', () => {
  const [first, second, ...rest] = outer(2).split('\n');
  expect(first).toMatch(/^outer \(.*stack\.test\.ts:\d+:\d+\)$/);
  expect(second).toContain('stack.test.ts');
  expect(rest).toEqual([]);
});

it('neither calls nor changes what the program has set', () => {
  let calls = 0;
  const own = (): number => calls++;
  Error.stackTraceLimit = 3;
  settings.prepareStackTrace = own;
  expect(outer(20).split('\n').length).toBeGreaterThan(3);
  expect([Error.stackTraceLimit, settings.prepareStackTrace, calls]).toEqual([3, own, 0]);
  Reflect.deleteProperty(Error, 'stackTraceLimit');
  Reflect.deleteProperty(Error, 'prepareStackTrace');
  expect(outer(1)).toContain('outer');
  expect(Object.hasOwn(Error, 'stackTraceLimit')).toBe(false);
  expect(Object.hasOwn(Error, 'prepareStackTrace')).toBe(false);
});

it('is empty where a setting cannot be changed without running code of the program', () => {
  let calls = 0;
  Object.defineProperty(Error, 'stackTraceLimit', {
    configurable: true,
    get: () => 10,
    set() {
      calls++;
    },
  });
  expect(outer(5)).toBe('');
  Object.defineProperty(Error, 'stackTraceLimit', {
    configurable: true,
    writable: false,
    value: 10,
  });
  expect(outer(5)).toBe('');
  expect(calls).toBe(0);
  Object.defineProperty(Error, 'stackTraceLimit', { configurable: true, writable: true, enumerable: true, value: stackTraceLimit }); // prettier-ignore
});

function setUp(): { ring: TestRing; post: () => void } {
  const ring = new TestRing(1 << 20);
  const type = ring.registry.registerEventType({ name: 'tick', description: '', fields: {} });
  function postInHere(): void {
    type.post({});
  }
  return { ring, post: postInHere };
}

it('is attached for the listens that ask, each as deep as it asks', async () => {
  const { ring, post } = setUp();
  const stacks: (string | undefined)[] = [];
  for (const options of [{ stack: 1 }, {}, { stack: 3 }]) {
    ring.registry.listen('tick', (event) => stacks.push(event.stack), options);
  }
  ring.registry.tap({ mode: 'record', pattern: 'tick', slot: 0, stack: 2 });
  post();
  await Promise.resolve();
  const [one, none, three] = stacks;
  expect(one).toMatch(/^postInHere \(.*\)$/);
  expect(none).toBeUndefined();
  expect(three?.split('\n')).toHaveLength(3);
  expect(three?.startsWith(one ?? '?')).toBe(true);
  expect(ring.read()).toMatchObject([{ stack: three }]);
});

it('is taken 200 times a second at most; events beyond go without, and that is counted', () => {
  const { ring, post } = setUp();
  const tap = ring.registry.tap({ mode: 'record', pattern: 'tick', slot: 0, stack: 1 });
  for (let i = 0; i < maxStacksPerSecond + 10; i++) post();
  const withStack = ring.read().filter((item) => 'stack' in item && item.stack !== undefined);
  // A slow machine may begin another second on the way.
  expect(withStack.length).toBeGreaterThanOrEqual(maxStacksPerSecond);
  expect(tap.account).toMatchObject({ matched: 210, delivered: 210, withoutStack: 210 - withStack.length }); // prettier-ignore
});
