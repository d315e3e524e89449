import fc from 'fast-check';
import { type Observable, of, Subject } from 'rxjs';
import { expect, it } from 'vitest';
import { mergeInOrder } from './in-order.ts';
import type { EventItem, LossItem } from './items.ts';

type Item = EventItem | LossItem;

const at = (timestampNs: number, event = 'a'): EventItem => ({ kind: 'event', event, pid: 1, tid: 1, threadId: 0, timestampNs, seq: 0, payload: {} }); // prettier-ignore
const loss: LossItem = { kind: 'loss', tid: 1, threadId: 0, reason: 'ring-full', count: 3 };

function listen(count: number) {
  const sources = Array.from({ length: count }, () => new Subject<Item>());
  const heard: (number | string)[] = [];
  mergeInOrder(sources).subscribe({
    next: (item) => heard.push(item.kind === 'loss' ? 'loss' : item.timestampNs),
    complete: () => heard.push('end'),
    error: (error) => heard.push(String(error)),
  });
  return { sources, heard };
}

it('puts what arrives together in the order of its time', async () => {
  const { heard, sources } = listen(2);
  const [a, b] = sources;
  for (const time of [1, 4, 5]) a?.next(at(time));
  for (const time of [2, 3, 6]) b?.next(at(time));
  expect(heard).toEqual([]);
  await Promise.resolve();
  expect(heard).toEqual([1, 2, 3, 4, 5, 6]);
  b?.next(at(8));
  await Promise.resolve();
  expect(heard.at(-1)).toBe(8);
});

it('keeps a loss at its place in its listen', async () => {
  const { heard, sources } = listen(2);
  sources[0]?.next(at(1));
  sources[0]?.next(loss);
  sources[0]?.next(at(4));
  sources[1]?.next(at(2));
  await Promise.resolve();
  expect(heard).toEqual([1, 'loss', 2, 4]);
});

it('tells all that has come before it ends', () => {
  const { heard, sources } = listen(2);
  sources[0]?.next(at(2));
  sources[1]?.next(at(1));
  sources[0]?.complete();
  expect(heard).toEqual([]);
  sources[1]?.complete();
  expect(heard).toEqual([1, 2, 'end']);
  const failing = listen(2);
  failing.sources[0]?.next(at(2));
  failing.sources[1]?.error('gone');
  expect(failing.heard).toEqual([2, 'gone']);
});

it('leaves one source alone, and none ends at once', () => {
  const one: Observable<Item> = of(at(2), at(1));
  expect(mergeInOrder([one])).toBe(one);
  expect(listen(0).heard).toEqual(['end']);
});

it('loses and doubles nothing, whatever comes when', async () => {
  const steps = fc.array(fc.record({ source: fc.nat(2), time: fc.nat(50), pause: fc.boolean() }));
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const { heard, sources } = listen(3);
      let together: number[] = [];
      const expected: number[] = [];
      for (const { pause, source, time } of all) {
        sources[source]?.next(at(time));
        together.push(time);
        if (!pause) continue;
        await Promise.resolve();
        expected.push(...together.toSorted((a, b) => a - b));
        together = [];
      }
      await Promise.resolve();
      expected.push(...together.toSorted((a, b) => a - b));
      expect(heard).toEqual(expected);
    }),
  );
});
