// oxlint-disable vitest/no-conditional-expect -- what is expected depends on the generated case
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getCounter, namedCounters, resolvePeriod } from './counters.ts';

const names = namedCounters.map(({ name }) => name);

describe('the name of a counter', () => {
  it('is found in the table, in any case', () => {
    for (const counter of namedCounters) {
      expect(getCounter(counter.name)).toBe(counter);
      expect(getCounter(counter.name.toUpperCase())).toBe(counter);
    }
    expect(new Set(names).size).toBe(names.length);
  });

  // As `perf list hwcache` prints them, and as perf_event_open(2) lays the configuration out.
  it.each([
    ['L1-dcache-loads', 0x0], ['L1-dcache-load-misses', 0x1_00_00], ['L1-dcache-stores', 0x1_00],
    ['L1-dcache-prefetches', 0x2_00], ['L1-dcache-prefetch-misses', 0x1_02_00],
    ['L1-icache-load-misses', 0x1_00_01], ['LLC-loads', 0x2], ['LLC-store-misses', 0x1_01_02],
    ['dTLB-load-misses', 0x1_00_03], ['iTLB-loads', 0x4], ['branch-load-misses', 0x1_00_05],
    ['node-loads', 0x6], ['node-prefetch-misses', 0x1_02_06],
  ])('means a cache, an operation and a result: %s', (name, config) => {
    expect(getCounter(name).event).toEqual({ type: 'hardware-cache', config });
  }); // prettier-ignore

  it('leaves out what caches do not have', () => {
    for (const name of ['L1-icache-stores', 'iTLB-stores', 'branch-stores', 'iTLB-prefetches'])
      expect(names).not.toContain(name);
    expect(names.filter((name) => getCounter(name).kind === 'hardware-cache')).toHaveLength(32);
  });

  it.each([
    ['cs', 'context-switches'],
    ['faults', 'page-faults'],
    ['cpu-cycles', 'cycles'],
    ['branch-instructions', 'branches'],
  ])('has the short forms of perf: %s', (alias, name) => {
    expect(getCounter(alias).name).toBe(name);
  });

  it('is raw with an r and up to 16 hexadecimal digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (config) => {
        const { name, kind, event } = getCounter(`r${config.toString(16)}`);
        expect([name, kind]).toEqual([`r${config.toString(16)}`, 'raw']);
        expect(event).toEqual({ type: 'raw', config });
      }),
    );
    expect(getCounter('r01C2')).toMatchObject({
      name: 'r01c2',
      event: { type: 'raw', config: 0x1c2n },
    });
  });

  it.each([
    ['cylces', 'cycles'],
    ['page-fault', 'page-faults'],
    ['LLC-load-miss', 'LLC-load-misses'],
    ['context-switch', 'context-switches'],
    ['instructoins', 'instructions'],
  ])('is guessed when mistyped: %s', (wrong, right) => {
    expect(() => getCounter(wrong)).toThrow(
      expect.objectContaining({
        code: 'EE_PERFMON_COUNTER_UNKNOWN',
        hint: expect.stringContaining(right),
      }),
    );
  });

  it('is refused with modifiers, and the hint says how raw ones are written', () => {
    for (const text of ['cpu/event=0x3c/', 'cycles:u', 'r', 'r12345678901234567', 'rxyz', ''])
      expect(() => getCounter(text)).toThrow(expect.objectContaining({ hint: expect.stringContaining('r01c2') }));
  }); // prettier-ignore

  it('is known, raw or refused with a code, whatever it is', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom(...names, 'constructor', '__proto__')); // prettier-ignore
    fc.assert(
      fc.property(text, (each) => {
        try {
          expect(getCounter(each).defaultPeriod).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toMatchObject({ code: 'EE_PERFMON_COUNTER_UNKNOWN' });
        }
      }),
    );
  });
});

describe('what is known of counters', () => {
  it('has a period that each can keep, and names substitutes that exist', () => {
    for (const counter of namedCounters) {
      expect(resolvePeriod(counter)).toBe(counter.defaultPeriod);
      for (const name of counter.substitutes) expect(names).toContain(name);
      if (counter.kind !== 'software') expect(counter.substitutes.at(-1)).toMatch(/^(task-clock|page-faults)$/); // prettier-ignore
    }
  });

  it('takes the shortest period of a clock and refuses what is below, as it does fractions', () => {
    const clock = getCounter('task-clock');
    expect(resolvePeriod(clock, 10_000)).toBe(10_000);
    for (const period of [9999, 1, 10_000.5])
      expect(() => resolvePeriod(clock, period)).toThrow(expect.objectContaining({ code: 'EE_PERFMON_PERIOD' })); // prettier-ignore
    expect(resolvePeriod(getCounter('page-faults'), 1)).toBe(1);
  });
});
