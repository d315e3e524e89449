/** An agent comes into a thread by interrupt: between any two calls of what runs there, core's too. */
import { expect, it, vi } from 'vitest';

let interrupt: (() => void) | undefined;
function interrupted(): void {
  const act = interrupt;
  interrupt = undefined;
  act?.();
}

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  readlinkSync: () => {
    interrupted();
    return '/proc/1/task/1';
  },
}));

const { getRegistry } = await import('./global.ts');

it('a registry that is being made is not made twice', () => {
  let inner: unknown;
  interrupt = () => (inner = getRegistry());
  const outer = getRegistry();
  expect(inner).toBeDefined();
  expect(outer).toBe(inner);
  expect(getRegistry()).toBe(inner);
});

it.each([1, 2])('a tap that comes while another goes is not lost: at call %i', (call) => {
  const registry = getRegistry();
  const heard: string[] = [];
  const pattern = `interrupted-${call}.*`;
  const tap = (who: string) => registry.tap({ mode: 'probe', pattern, probe: () => () => heard.push(who) > 0 }); // prettier-ignore
  const register = (name: string) => registry.registerEventType({ name: `interrupted-${call}.${name}`, description: '', fields: {} }); // prettier-ignore
  const present = register('present');
  const leaving = tap('leaving');
  const filter = Array.prototype.filter;
  let calls = 0;
  // oxlint-disable-next-line no-extend-native -- the place between two calls
  vi.spyOn(Array.prototype, 'filter').mockImplementation(function (this: unknown[], ...given: Parameters<typeof filter>) {
    if (++calls === call) tap('late');
    return filter.apply(this, given);
  }); // prettier-ignore
  registry.untap(leaving);
  vi.restoreAllMocks();
  expect(calls).toBeGreaterThan(call);
  present.post({});
  expect(heard).toEqual(['late']);
  register('later').post({});
  expect(heard).toEqual(['late', 'late']);
});
