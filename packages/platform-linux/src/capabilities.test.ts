import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { findPerfCapabilities } from './capabilities.ts';

it('says of each counter whether it can be had, or why not and what instead', async (context) => {
  if (process.platform !== 'linux') context.skip('needs linux: there are no perf events');
  const before = readdirSync('/proc/self/fd').length;
  const found = await findPerfCapabilities();
  expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  expect(JSON.parse(JSON.stringify(found, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)))).toBeTruthy(); // prettier-ignore
  const names = found.counters.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(['task-clock', 'page-faults', 'cycles', 'llc-load-misses'])); // prettier-ignore
  const refused = found.counters.filter(({ ability }) => !ability.isOk);
  for (const { ability } of refused) {
    expect(ability).toMatchObject({ code: expect.stringMatching(/^EE_PERF_/), hint: expect.stringMatching(/./) }); // prettier-ignore
  }
  const substitutes = refused.flatMap(({ ability }) => ('substitute' in ability ? [ability.substitute] : [])); // prettier-ignore
  expect(names).toEqual(expect.arrayContaining(substitutes));
  const clock = found.counters.find(({ name }) => name === 'task-clock');
  if (clock?.ability.isOk !== true) context.skip('needs perf-task-clock: it is refused here');
  expect(found.maxSampleRateHz).toBeGreaterThan(0);
  // Other CPUs have more than the four registers of x86-64.
  expect(found.watchSlots).toBeLessThanOrEqual(process.arch === 'x64' ? 4 : 64);
  // A slot that can be had and never fires: no test of a breakpoint means anything on this machine.
  const isSilent = found.watchSlots > 0 && !found.breakpoints.isOk;
  expect(isSilent ? found.breakpoints.reason : 'reports none').toContain('reports none');
});
