import { describe, expect, it } from 'vitest';
import { decodeWindow, dropWaiting } from './decode.ts';
import { PlaceTable, readMeaning } from './places.ts';
import {
  makeFunction,
  makeNode,
  makePlace,
  makeRoot,
  makeSample,
  makeWindow,
} from '../fixtures/test-data.ts';

const url = 'file:///app/main.js';

describe('decodeWindow', () => {
  it('leaves out idle time and our own snippets, and keeps (program) and garbage collection as busy', () => {
    const root = makeRoot();
    const hot = makeNode(root, 'hot', { url, lines: { 3: 2 } });
    const own = makeNode(root, '', { url: 'extension-events:rolling-profile', hits: 3 });
    const nodes = [
      hot,
      own,
      makeNode(own, 'profileEnd', { hits: 2 }),
      makeNode(hot, 'profile', { hits: 1 }),
      makeNode(root, '(idle)', { hits: 4 }),
      makeNode(root, '(program)', { hits: 1 }),
      makeNode(root, '(garbage collector)', { hits: 1 }),
    ];
    const samples = decodeWindow(makeWindow(nodes), new PlaceTable());
    const seen = samples.map(({ place }) => [
      place.function?.functionName,
      place.line,
      place.native,
    ]);
    expect(seen).toEqual([
      ['hot', 3, ''],
      ['hot', 3, ''],
      [undefined, 0, ''],
      [undefined, 0, '(garbage collector)'],
    ]);
  });

  it('leaves out what was sampled while a debugger held the thread', () => {
    const hot = makeNode(makeRoot(), 'hot', { url, lines: { 3: 10 } });
    const samples = decodeWindow(makeWindow([hot]), new PlaceTable(), [{ fromNs: 3e6, toNs: 7e6 }]);
    expect(samples.map(({ timeNs }) => timeNs / 1e6)).toEqual([1, 2, 8, 9, 10]);
  });

  it('deals the lines of a node evenly over its samples, lines that are told twice too', () => {
    const hot = makeNode(makeRoot(), 'hot', { url, lines: { 3: 4, 5: 2 } });
    const doubled = {
      ...hot,
      lineHits: [...hot.lineHits.slice(1), { line: 3, hits: 1 }, { line: 3, hits: 3 }],
    };
    for (const node of [hot, doubled]) {
      const lines = decodeWindow(makeWindow([node]), new PlaceTable()).map(
        ({ place }) => place.line,
      );
      expect(lines.toSorted((a, b) => a - b)).toEqual([3, 3, 3, 3, 5, 5]);
      expect(lines.slice(0, 3)).toContain(5);
    }
  });
});

describe('readMeaning', () => {
  it('charges native code to the caller in the program, by the name that it calls', () => {
    const caller = makeNode(makeRoot(), 'derive', { url, line: 7 });
    const wrapper = makeNode(caller, 'pbkdf2Sync', {
      url: 'node:internal/crypto/pbkdf2',
      line: 60,
    });
    const native = makeNode(wrapper, 'run', { lines: { 79: 5 } });
    expect(readMeaning(native)).toMatchObject({
      kind: 'function',
      function: { functionName: 'derive', line: 7 },
      native: 'pbkdf2Sync',
      hasLines: false,
    });
    const direct = makeNode(caller, 'RegExp: ^a', { hits: 2 });
    expect(readMeaning(direct)).toMatchObject({ native: 'RegExp: ^a', hasLines: true });
  });

  it("charges Node's own code to itself, and native code of nobody to nobody", () => {
    const root = makeRoot();
    const timers = makeNode(root, 'listOnTimeout', { url: 'node:internal/timers', line: 500 });
    expect(readMeaning(timers)).toMatchObject({
      function: { functionName: 'listOnTimeout' },
      native: '',
    });
    expect(readMeaning(makeNode(timers, 'toggleTimerRef'))).toMatchObject({
      function: { url: 'node:internal/timers' },
      native: 'toggleTimerRef',
    });
    expect(readMeaning(makeNode(root, 'processTimers'))).toMatchObject({ kind: 'elsewhere' });
  });
});

describe('dropWaiting', () => {
  const waiting = makePlace(makeFunction('waits', 1), 2);
  const working = makePlace(makeFunction('works', 9), 10);
  const samples = Array.from({ length: 100 }, (_, index) =>
    makeSample(index % 5 === 0 ? working : waiting, index * 1e6),
  );

  it('keeps everything of a thread that ran as much as it was sampled busy', () => {
    expect(dropWaiting(samples, 1, 100)).toHaveLength(100);
    expect(dropWaiting(samples, 0.85, 100)).toHaveLength(100);
    expect(dropWaiting(samples, 0.75, 100)).toHaveLength(90);
  });

  it('drops the longest stay of a thread that hardly ran', () => {
    const kept = dropWaiting(samples, 0.2, 100);
    expect(new Set(kept.map(({ place }) => place))).toEqual(new Set([working]));
  });

  it('drops native code first', () => {
    const native = makePlace(makeFunction('execs', 20), 21, 'spawnSync');
    const mixed = [
      ...samples,
      ...Array.from({ length: 40 }, (_, index) => makeSample(native, (100 + index) * 1e6)),
    ];
    const kept = dropWaiting(mixed, 0.6, 140);
    expect(kept.some(({ place }) => place === native)).toBe(false);
    expect(kept).toHaveLength(100);
  });
});
