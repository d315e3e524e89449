import { performance } from 'node:perf_hooks';
import { type AnyPayload, getRegistry } from '@extension-events/core';
import { expect, it, vi } from 'vitest';
import { LearnedType } from './learned-type.ts';

// So much has passed from one look at the clock to the next.
let tookMs = 0;
let nowMs = 0;
vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += tookMs));

/** Posts messages, each of which takes so long to look at; returns what is said of them. */
function post(...allMs: readonly number[]): string[] {
  const registry = getRegistry();
  const base = { name: 'channel:learned-test', kind: 'filtered', description: '', producer: 'test', fields: { json: { type: 'string' } }, isProvisional: true } as const; // prettier-ignore
  const type = new LearnedType(registry, base, { listened: () => undefined });
  const told: string[] = [];
  const run = ({ payload }: { payload: AnyPayload }): void => void told.push(String(payload['json'])); // prettier-ignore
  const tap = registry.tap({ mode: 'probe', pattern: base.name, run });
  for (const ms of allMs) {
    tookMs = ms;
    type.post({ n: 1 });
  }
  registry.untap(tap);
  type.unregister();
  return told;
}

const shown = '{"n":1}';
const notShown = '"[too costly to show]"';

it('looks no more at messages that are costly again and again', () => {
  expect(post(9, 9, 9, 9, 9)).toEqual([shown, shown, shown, notShown, notShown]);
});

it('forgets one that took long because the thread had lost the processor', () => {
  const told = post(...Array.from({ length: 200 }, (_, i) => (i % 20 === 0 ? 9 : 0)));
  expect(told).toEqual(Array.from({ length: 200 }, () => shown));
});
