import { describe, expect, it } from 'vitest';
import { Budget } from './budget.ts';

const seconds = 1e9;

/** How many of the events pass that come at equal distances for so long. */
function admitted(budget: Budget, perSecond: number, forSeconds: number, bytes = 1): number {
  let passed = 0;
  for (let i = 0; i < perSecond * forSeconds; i++) {
    if (budget.admit(5 * seconds + (i / perSecond) * seconds, bytes)) passed++;
  }
  return passed;
}

describe('a budget', () => {
  it('without limits admits everything', () => {
    expect(admitted(new Budget({}), 10_000, 1)).toBe(10_000);
    expect(new Budget({}).takeTurn()).toBe(false);
  });

  it.each([
    [1, 10],
    [5, 50],
    [1000, 10_000],
  ])('of %d events a second admits about %d in ten', (eventsPerSecond, expected) => {
    const burst = Math.max(1, eventsPerSecond / 10);
    const passed = admitted(new Budget({ eventsPerSecond }), 5000, 10);
    expect(passed).toBeGreaterThanOrEqual(expected - 1);
    expect(passed).toBeLessThanOrEqual(expected + burst + 1);
  });

  it('of none, or of nonsense, admits nothing', () => {
    for (const eventsPerSecond of [0, -1, Number.NaN]) {
      expect(admitted(new Budget({ eventsPerSecond }), 100, 1)).toBe(0);
    }
  });

  it('gives a tenth of a second at once, and no more', () => {
    const budget = new Budget({ eventsPerSecond: 100 });
    const burst = (nowNs: number): number => {
      let passed = 0;
      while (budget.admit(nowNs, 1)) passed++;
      return passed;
    };
    expect(burst(1 * seconds)).toBe(10);
    expect(burst(1.05 * seconds)).toBe(5);
    expect(burst(100 * seconds)).toBe(10);
    expect(burst(99 * seconds)).toBe(0);
  });

  it('of bytes lets one large event pass and makes the next ones wait for it', () => {
    const budget = new Budget({ bytesPerSecond: 1000 });
    expect(budget.admit(1 * seconds, 5000)).toBe(true);
    expect(budget.admit(2 * seconds, 1)).toBe(false);
    expect(budget.admit(6 * seconds, 1)).toBe(true);
    expect(admitted(new Budget({ bytesPerSecond: 1000 }), 1000, 10, 100)).toBeLessThanOrEqual(103);
  });

  it('of time is spent by what timed events cost: one in sixteen stands for all', () => {
    const budget = new Budget({ threadShare: 0.01 });
    const turns = Array.from({ length: 32 }, () => budget.takeTurn());
    expect(turns.filter(Boolean)).toHaveLength(2);
    expect(turns[15]).toBe(true);
    expect(budget.admit(1 * seconds, 1)).toBe(true);
    budget.charge(1e6); // 16 ms: a hundredth of 1.6 s
    expect(budget.admit(1.5 * seconds, 1)).toBe(false);
    expect(budget.admit(2.7 * seconds, 1)).toBe(true);
  });
});
