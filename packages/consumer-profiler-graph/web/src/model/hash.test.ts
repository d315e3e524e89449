import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHash, writeHash } from './hash.ts';
import { emptyView, lines, mostCards, type PageView, ranges, tabs } from './page-view.ts';

// Half a surrogate pair has no place in an address.
const text = fc.string({ minLength: 1, unit: 'grapheme' });
const key = text.filter((one) => one !== '__proto__');
const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }).map((one) => (one === 0 ? 0 : one)), fc.boolean(), text); // prettier-ignore
const source = fc.record({ pattern: text, where: text, thread: text, pid: fc.nat(), request: fc.dictionary(key, value, { minKeys: 1, maxKeys: 3, noNullPrototype: true }) }, { requiredKeys: ['pattern'] }); // prettier-ignore
const card = fc.record({ source, by: fc.constantFrom(...lines), tab: fc.constantFrom(...tabs), field: text, event: text }, { requiredKeys: ['source', 'by'] }); // prettier-ignore
const time = fc.nat({ max: 2 ** 48 });
const span = fc.tuple(time, fc.integer({ min: 1, max: 1e6 })).map(([fromMs, size]) => ({ fromMs, toMs: fromMs + size })); // prettier-ignore
const view: fc.Arbitrary<PageView> = fc.record({ cards: fc.array(card, { maxLength: 4 }), rangeMs: fc.constantFrom(...ranges.map(({ ms }) => ms)), pausedMs: time, selection: span, hasTimeline: fc.constant(true), hasScripts: fc.constant(true) }, { requiredKeys: ['cards', 'rangeMs'] }); // prettier-ignore

describe('the view in the address', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(view, (one) => {
        expect(readHash(writeHash(one))).toEqual(one);
      }),
    );
  });

  it('comes back through an address bar', () => {
    fc.assert(
      fc.property(view, (one) => {
        const url = new URL('http://127.0.0.1/token/');
        url.hash = writeHash(one);
        expect(readHash(url.hash)).toEqual(one);
      }),
    );
  });

  it('can be read by people', () => {
    const one: PageView = { cards: [{ source: { pattern: 'net.send', where: 'len == 13' }, by: 'thread', tab: 'flame' }], rangeMs: 300_000 }; // prettier-ignore
    expect(writeHash(one)).toBe('#range=300000&card=net.send;by=thread;tab=flame;where=len%20%3D%3D%2013'); // prettier-ignore
  });

  it('is empty when there is none, whatever stands there', () => {
    expect(readHash('')).toEqual(emptyView);
    fc.assert(
      fc.property(fc.string(), (any) => {
        expect(readHash(any)).toMatchObject({ rangeMs: expect.any(Number) });
      }),
    );
    for (const odd of [
      '#range=7',
      '#card=',
      '#card=%',
      '#card=%E0%A4%A',
      '#span=9-3',
      '#paused=x',
      '#card=;by=x',
    ])
      expect(readHash(odd)).toEqual(emptyView);
  });

  it('has no more cards than a page', () => {
    expect(readHash(`#${'card=a&'.repeat(100)}`).cards).toHaveLength(mostCards);
  });
});
