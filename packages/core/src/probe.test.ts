/** Probes: code of a script that runs inside the post. */
import { expect, it } from 'vitest';
import type { EventType } from './event-type.ts';
import type { PostedEvent } from './listen.ts';
import type { ProbeContext } from './tap.ts';
import { TestRing } from './test-ring.ts';
import type { AnyPayload } from './types.ts';

const fields = { n: { type: 'u32' } } as const;

function setUp(): { ring: TestRing; tick: EventType<typeof fields>; lucky: EventType } {
  const ring = new TestRing(1 << 16);
  const { registry } = ring;
  const tick = registry.registerEventType({ name: 'tick', description: '', fields });
  const lucky = registry.registerEventType({ name: 'lucky', description: '', fields }) as never;
  return { ring, tick, lucky };
}

it('is compiled once for each type, and runs inside the post on the very payload', () => {
  const { ring, tick } = setUp();
  const compiled: string[] = [];
  const seen: AnyPayload[] = [];
  const probe = ring.registry.tap({
    mode: 'probe',
    pattern: '*',
    probe: (descriptor) => {
      compiled.push(descriptor.name);
      return (payload) => seen.push(payload) % 2 === 1;
    },
  });
  const payload = { n: 1 };
  tick.post(payload);
  expect(seen).toEqual([payload]);
  expect(seen[0]).toBe(payload);
  tick.post({ n: 2 });
  expect(compiled).toEqual(expect.arrayContaining(['tick', 'lucky']));
  expect(compiled).toHaveLength(2);
  expect(probe.account).toMatchObject({ matched: 1, delivered: 1, lost: 0 });
});

it('posts about the same thread and time as the event it runs for', () => {
  const { ring, lucky } = setUp();
  const heard: PostedEvent[] = [];
  let source: ((payload: AnyPayload) => void) | undefined;
  ring.registry.registerEventType({
    name: 'sampled',
    kind: 'requested',
    description: '',
    fields,
    arm: (arming) => {
      source = (payload) => arming.post(payload as never, { tid: 4711, threadId: 3 }, 1234);
    },
    disarm: () => undefined,
  });
  ring.registry.tap({
    mode: 'probe',
    pattern: 'sampled',
    probe: () => (payload, context) => {
      context.post(lucky, payload);
      return true;
    },
  });
  ring.registry.tap({ mode: 'probe', pattern: 'lucky', run: (event) => heard.push(event) });
  source?.({ n: 13 });
  expect(heard).toMatchObject([{ payload: { n: 13 }, timestampNs: 1234, subject: { tid: 4711 } }]);
});

it('posts to nobody for the price of a test', () => {
  const { ring, tick, lucky } = setUp();
  ring.registry.tap({ mode: 'probe', pattern: 'tick', probe: () => (payload, context) => { context.post(lucky, payload); return true; } }); // prettier-ignore
  tick.post({ n: 1 });
  expect(ring.registry.describeTypes().find(({ descriptor }) => descriptor.name === 'lucky')).toMatchObject({ heard: 0 }); // prettier-ignore
});

it('sees the poster first in the stack it captures, and none of our own frames', () => {
  const { ring, tick } = setUp();
  let stack = '';
  const capture = (context: ProbeContext): boolean => {
    stack = context.captureStack(2);
    return true;
  };
  ring.registry.tap({ mode: 'probe', pattern: 'tick', probe: () => (_, context) => capture(context) }); // prettier-ignore
  // oxlint-disable-next-line typescript/no-implied-eval -- a frame with the name of ours
  const wrapper = new Function('post', 'return post();\n//# sourceURL=extension-events:producer/x') as (post: () => void) => void; // prettier-ignore
  function sendReport(): void {
    wrapper(() => tick.post({ n: 1 }));
  }
  sendReport();
  const frames = stack.split('\n');
  expect(frames).toHaveLength(2);
  expect(stack).not.toContain('extension-events:producer');
  expect(frames[1]).toMatch(/^sendReport/);
});

it('may end itself from inside', () => {
  const { ring, tick } = setUp();
  let runs = 0;
  const tap = ring.registry.tap({
    mode: 'probe',
    pattern: 'tick',
    probe: () => () => {
      runs++;
      ring.registry.untap(tap);
      return true;
    },
  });
  tick.post({ n: 1 });
  tick.post({ n: 1 });
  expect(runs).toBe(1);
  expect(tick.hasListeners).toBe(false);
});

it('a type that gives way is displaced by the program that registers its name with other fields', () => {
  const ring = new TestRing(1 << 16);
  const { registry } = ring;
  const told: string[] = [];
  const ours = registry.registerEventType({ name: 'cache.evict', description: '', fields, displaced: () => told.push('ours') }); // prettier-ignore
  const listener = registry.tap({ mode: 'probe', pattern: 'cache.evict', run: () => undefined });
  const text = { key: { type: 'string' } } as const;
  const other = { name: 'cache.evict', description: '', fields: text } as const;
  expect(() => registry.registerEventType({ ...other, displaced: () => told.push('other') })).toThrow(/other fields/); // prettier-ignore
  const theirs = registry.registerEventType(other);
  expect(told).toEqual(['ours']);
  ours.post({ n: 1 });
  theirs.post({ key: 'k' });
  expect(listener.account).toMatchObject({ matched: 1, delivered: 1 });
  expect(() => registry.registerEventType({ ...other, fields })).toThrow(/other fields/);
  ours.unregister();
  expect(registry.tryGetEventType('cache.evict')).toBe(theirs);
});

it('a type that the program shares gives way no longer', () => {
  const { registry } = new TestRing(1 << 16);
  const common = { name: 'cache.evict', description: '' };
  const tool = registry.registerEventType({ ...common, fields, displaced: () => undefined });
  registry.registerEventType({ ...common, fields });
  const text = { key: { type: 'string' } } as const;
  expect(() => registry.registerEventType({ ...common, fields: text })).toThrow(/other fields/);
  tool.unregister();
  expect(registry.tryGetEventType('cache.evict')).toBeDefined();
});

it('counts the event that it ends its own tap with', () => {
  const { ring, tick } = setUp();
  const { registry } = ring;
  const probe = registry.tap({
    mode: 'probe',
    pattern: 'tick',
    probe: () => () => {
      registry.untap(probe);
      return true;
    },
  });
  tick.post({ n: 1 });
  tick.post({ n: 2 });
  expect(probe.account).toMatchObject({ matched: 1, delivered: 1, lost: 0 });
});
