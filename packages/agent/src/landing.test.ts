import { expect, it } from 'vitest';
import { Landing } from './landing.ts';

const caught = (event: string) => ({ catchIds: [1], event, payload: {}, timestampNs: 1 });

it('steps out until the frame of the user is on top', () => {
  const landing = new Landing(caught('a'), 2, true);
  expect(landing.arrive(4)).toBeUndefined();
  expect(landing.arrive(3)).toBeUndefined();
  expect(landing.arrive(2)).toEqual({ where: 'exact', notes: [] });
});

it('says where it came to stand when that is not the frame of the post', () => {
  expect(new Landing(caught('a'), 2, true).arrive(1)?.notes).toEqual([
    'The frame of the post had ended: stopped in its caller.',
  ]);
  expect(new Landing(caught('a'), 2, false).arrive(2)).toEqual({
    where: 'elsewhere',
    notes: ['No user code is below this post: stopped in the nearest frame of a dependency.'],
  });
});

it('lands in the deepest frame that an event on the way was posted from', () => {
  const landing = new Landing(caught('a'), 2, true);
  landing.meet(caught('b'), 3);
  landing.meet(caught('c'), 1);
  expect(landing.arrive(3)).toEqual({ where: 'exact', notes: [] });
  expect(landing.others.map(({ event }) => event)).toEqual(['b', 'c']);
});

it('gives up in a stack that never ends', () => {
  const landing = new Landing(caught('a'), 2, true);
  let hops = 0;
  while (landing.arrive(1000) === undefined) hops++;
  expect(hops).toBe(201);
});

it('is overdue once when the thread runs on, and then stands where it is', () => {
  const landing = new Landing(caught('a'), 2, true);
  expect(landing.isOverdue()).toBe(false);
  expect(landing.arrive(3)).toBeUndefined(); // a step has ended: patience begins anew
  expect(Array.from({ length: 7 }, () => landing.isOverdue())).toEqual([false, false, false, false, false, true, false]); // prettier-ignore
  expect(landing.arrive(3)).toMatchObject({ where: 'elsewhere', isAsync: true });
});
