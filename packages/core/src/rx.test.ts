import { take, toArray } from 'rxjs';
import { expect, it } from 'vitest';
import { registerEventType } from './public.ts';
import { fromEvents, fromEventType } from './rx.ts';

const type = registerEventType({
  name: 'rx.tick',
  description: '',
  fields: { n: { type: 'u32' } },
});

it('listens while somebody is subscribed', async () => {
  const events$ = fromEvents('rx.*', { where: (payload) => Number(payload['n']) % 2 === 1 });
  expect(type.hasListeners).toBe(false);
  const seen: unknown[] = [];
  const subscription = events$.subscribe((event) => seen.push([event.name, event.payload]));
  expect(type.hasListeners).toBe(true);
  for (let n = 1; n <= 3; n++) type.post({ n });
  await Promise.resolve();
  subscription.unsubscribe();
  expect(type.hasListeners).toBe(false);
  type.post({ n: 5 });
  await Promise.resolve();
  expect(seen).toEqual([
    ['rx.tick', { n: 1 }],
    ['rx.tick', { n: 3 }],
  ]);
});

it('gives bare payloads of one type, and unlistens when the stream is satisfied', async () => {
  const seen: unknown[] = [];
  fromEventType(type)
    .pipe(take(2), toArray())
    .subscribe((all) => seen.push(...all));
  for (let n = 1; n <= 3; n++) type.post({ n });
  await Promise.resolve();
  expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
  expect(type.hasListeners).toBe(false);
});

function where(): never {
  throw new Error('where');
}

it('ends in an error when the predicate throws, and cannot begin with a bad pattern', async () => {
  const errors: unknown[] = [];
  fromEvents('rx.tick', { where }).subscribe({ error: (error) => errors.push(error) });
  type.post({ n: 1 });
  await Promise.resolve();
  fromEvents('').subscribe({ error: (error: { code: string }) => errors.push(error.code) });
  expect(errors).toEqual([new Error('where'), 'EE_PATTERN']);
  expect(type.hasListeners).toBe(false);
});
