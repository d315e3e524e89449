/** Whatever is listened to, registered and posted in whatever order: flags, armings and accounts stay right. */
// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the generated case
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EventType } from './event-type.ts';
import { flag } from './flags.ts';
import type { Tap, TapMode } from './tap.ts';
import { TestRing } from './test-ring.ts';

const fields = { n: { type: 'u32' } } as const;
const names = ['a.one', 'a.two', 'b.one'] as const;
const armed = 'b.armed';

/** The real thing, and a model of it in plain words, side by side. */
class World {
  readonly ring: TestRing = new TestRing(1 << 20);
  readonly types: Map<string, EventType<typeof fields>> = new Map();
  readonly taps: { tap: Tap; mode: TapMode; pattern: string; heard: number; expected: number }[] =
    [];
  readonly sources: Map<number, number> = new Map();
  ended = 0;

  register(name: string): void {
    if (this.types.has(name)) return;
    const common = { name, description: '', fields };
    const type =
      name === armed
        ? this.ring.registry.registerEventType({
            ...common,
            kind: 'requested',
            request: { which: { type: 'u8', default: 0 } },
            arm: ({ armId, request }) => void this.sources.set(armId, request.which),
            disarm: ({ armId }) => void this.sources.delete(armId),
          })
        : this.ring.registry.registerEventType(common);
    this.types.set(name, type);
  }

  unregister(name: string): void {
    this.types.get(name)?.unregister();
    this.types.delete(name);
  }

  listen(mode: TapMode, pattern: string, which: number): void {
    const slot = this.taps.findIndex(({ tap }) => !tap.isLive);
    if (slot < 0 && this.taps.length >= 32) return;
    const entry = { mode, pattern, heard: 0, expected: 0 };
    const tap = this.ring.registry.tap({
      mode,
      pattern,
      ...(pattern === armed ? { request: { which } } : {}),
      ...(mode === 'record' ? { slot: slot < 0 ? this.taps.length : slot } : {}),
      run: () => entry.heard++,
    });
    const made = Object.assign(entry, { tap });
    if (slot < 0) this.taps.push(made);
    else this.taps[slot] = made;
  }

  unlisten(at: number): void {
    const entry = this.taps[at % Math.max(1, this.taps.length)];
    if (entry !== undefined) this.ring.registry.untap(entry.tap);
  }

  post(name: string, isGood: boolean): void {
    const type = this.types.get(name);
    if (type === undefined) return;
    for (const entry of this.taps) if (this.hears(entry, name)) entry.expected++;
    type.post({ n: isGood ? 1 : -1 });
  }

  hears({ tap, pattern }: World['taps'][number], name: string): boolean {
    if (!tap.isLive) return false;
    return name === armed ? pattern === armed : tap.matches(name);
  }

  // oxlint-disable vitest/no-standalone-expect -- the test calls it after every step
  check(): void {
    for (const [name, type] of this.types) {
      let bits = 0;
      for (const entry of this.taps) if (this.hears(entry, name)) bits |= flag[entry.mode];
      expect(this.ring.registry.words[type.index]).toBe(bits);
    }
    const wanted = this.types.has(armed)
      ? new Set(this.taps.filter(({ tap, pattern }) => tap.isLive && pattern === armed).map(({ tap }) => tap.options.request?.['which'])) // prettier-ignore
      : new Set();
    expect(new Set(this.sources.values())).toEqual(wanted);
    expect(this.sources.size).toBe(wanted.size);
    for (const { tap, expected } of this.taps) expect(tap.account.matched).toBe(expected);
  }
}

const name = fc.constantFrom(...names, armed);
const command = fc.oneof(
  fc.tuple(fc.constant('register' as const), name),
  fc.tuple(fc.constant('unregister' as const), name),
  fc.tuple(
    fc.constant('listen' as const),
    fc.constantFrom<TapMode[]>('local', 'record', 'probe', 'stop'),
    fc.constantFrom('a.*', '?.**', 'b.one', armed),
    fc.nat(2),
  ),
  fc.tuple(fc.constant('unlisten' as const), fc.nat(31)),
  fc.tuple(fc.constant('post' as const), name, fc.boolean()),
  fc.tuple(fc.constant('safe point' as const)),
);

it('keeps flags, armings and accounts right', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 60 }), async (commands) => {
      const world = new World();
      world.ring.registry.words[6] = 1; // a debugger's breakpoint stands
      for (const [what, ...args] of commands) {
        if (what === 'safe point') await Promise.resolve();
        else (world[what] as (...given: unknown[]) => void)(...args);
        world.check();
      }
      await Promise.resolve();
      for (const { tap, mode, heard } of world.taps) {
        const { matched, delivered, lost, throttled } = tap.account;
        expect(delivered + lost + throttled).toBe(matched);
        if (mode === 'local' || mode === 'probe') expect(heard).toBe(delivered);
      }
      for (const { tap } of world.taps) world.ring.registry.untap(tap);
      world.check();
      expect(world.sources.size).toBe(0);
    }),
  );
});
