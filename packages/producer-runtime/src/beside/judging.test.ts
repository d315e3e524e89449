import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeThrown } from './exception-text.ts';
import { NearLimit } from './heap.ts';
import { Silence } from './silence.ts';
import { StallJudge } from './stall-judge.ts';

describe('a stall', () => {
  it('is told at the threshold and at each doubling, then anew after the loop has turned', () => {
    const judge = new StallJudge(200, false);
    const told: number[] = [];
    for (let ms = 0; ms <= 3300; ms += 50) {
      if (!judge.isDue(ms)) continue;
      told.push(ms);
      judge.told(ms);
    }
    expect(told).toEqual([200, 400, 800, 1600, 3200]);
    expect(judge.turned()).toBe(5);
    expect(judge.turned()).toBe(0);
    expect([judge.isDue(199), judge.isDue(200)]).toEqual([false, true]);
  });

  it('is told once to a catchpoint, however long it lasts', () => {
    const judge = new StallJudge(200, true);
    judge.told(210);
    expect(judge.isDue(1e9)).toBe(false);
    judge.turned();
    expect(judge.isDue(200)).toBe(true);
  });

  it('that was seen late is not told for each doubling that was missed', () => {
    const judge = new StallJudge(100, false);
    judge.told(950);
    expect([judge.isDue(1599), judge.isDue(1600)]).toEqual([false, true]);
  });
});

describe('silence', () => {
  it('lasts while the counter stands, and ends with its next beat', () => {
    const silence = new Silence(100, 5, 1000);
    expect(silence.look(6, 1050, false)).toBe(50);
    expect(silence.look(6, 1100, false)).toBeUndefined();
    expect(silence.look(6, 1180, false)).toBeUndefined();
    expect(silence.lengthMs).toBe(130);
    expect(silence.look(7, 1250, false)).toBe(200);
    expect(silence.lengthMs).toBe(0);
  });

  it('leaves out what a debugger held, and what nobody saw', () => {
    const silence = new Silence(100, 0, 0);
    silence.look(0, 80, false);
    silence.look(0, 160, true);
    expect(silence.lengthMs).toBe(80);
    silence.look(0, 5000, false); // whoever looks got no CPU
    expect(silence.lengthMs).toBe(80);
    silence.look(0, 5050, false);
    expect(silence.lengthMs).toBe(130);
    silence.restart();
    expect(silence.lengthMs).toBe(0);
  });

  it('goes on while whoever looks waits for an answer', () => {
    const silence = new Silence(100, 0, 0);
    silence.look(0, 80, false);
    expect(silence.look(0, 380, false, 250)).toBeUndefined();
    expect(silence.lengthMs).toBe(380);
    silence.look(0, 5000, false, 250); // it got no CPU for far longer
    expect(silence.lengthMs).toBe(380);
    expect(silence.look(1, 5050, false)).toBe(430);
  });

  it('is never longer than the time that was seen', () => {
    const looks = fc.array(fc.record({ gap: fc.integer({ min: 0, max: 300 }), beats: fc.boolean(), isHeld: fc.boolean() })); // prettier-ignore
    fc.assert(
      fc.property(looks, (all) => {
        const silence = new Silence(100, 0, 0);
        let nowMs = 0;
        let beats = 0;
        let seenMs = 0;
        for (const { gap, isHeld, ...look } of all) {
          nowMs += gap;
          if (look.beats) beats++;
          if (!isHeld && gap <= 100) seenMs += gap;
          const ended = silence.look(beats, nowMs, isHeld);
          expect(ended ?? 0).toBeLessThanOrEqual(seenMs);
          if (ended !== undefined) seenMs = 0;
          expect(silence.lengthMs).toBe(ended === undefined ? seenMs : 0);
        }
      }),
    );
  });
});

describe('a full heap', () => {
  it('is news at the share, again when half of the room is gone, and anew after a collection', () => {
    const near = new NearLimit(0.8);
    const measured = [0.7, 0.8, 0.85, 0.9, 0.94, 0.95, 0.96, 0.78, 0.95, 0.74, 0.81];
    expect(measured.filter((share) => near.isNews(share))).toEqual([0.8, 0.9, 0.95, 0.81]);
  });
});

describe('what was thrown', () => {
  it.each([
    [{ type: 'object', className: 'RangeError', description: 'RangeError: no\nsuch row\n    at f (a.js:1:2)' }, 'RangeError', 'no\nsuch row'],
    [{ type: 'object', className: 'Error', description: 'OrderError [E_ORDER]: no such order\n    at f (a.js:1:2)' }, 'OrderError', 'no such order'],
    [{ type: 'object', className: 'TypeError', description: 'TypeError' }, 'TypeError', ''],
    [{ type: 'object', className: 'Object', description: 'Object' }, 'Object', ''],
    [{ type: 'string', value: 'text' }, 'string', 'text'],
    [{ type: 'number', value: 13, description: '13' }, 'number', '13'],
    [{ type: 'object', subtype: 'null', value: null }, 'null', ''],
    [{ type: 'undefined' }, 'undefined', ''],
    [{ type: 'bigint', description: '13n' }, 'bigint', '13n'],
  ])('is read from the inspector: %o', (thrown, name, message) => {
    expect(describeThrown(thrown)).toEqual({ name, message });
  }); // prettier-ignore
});
