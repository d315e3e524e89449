import { expect, it } from 'vitest';
import type { WireError } from '../frames.ts';
import { Refusals } from './refusals.ts';

const field = (event: string, hint = 'Fields: a.'): WireError => ({ code: 'EE_EXPR_FIELD', message: `${event} has no field b.`, hint }); // prettier-ignore

function collect(): { refusals: Refusals; told: string[] } {
  const told: string[] = [];
  return {
    refusals: new Refusals((event, { message }) => told.push(`${event}: ${message}`)),
    told,
  };
}

it('tells what every thread says once, when the listen is in force', () => {
  const { refusals, told } = collect();
  for (let thread = 0; thread < 3; thread++) refusals.add('x', field('x'));
  expect(told).toEqual([]);
  refusals.release();
  refusals.add('x', field('x'));
  refusals.add('y', field('y'));
  expect(told).toEqual(['x: x has no field b.', 'y: y has no field b.']);
});

it('tells another reason, and the same one again after the source was armed', () => {
  const { refusals, told } = collect();
  refusals.release();
  refusals.add('x', field('x'));
  refusals.add('x', { code: 'EE_REQUEST', message: 'no', hint: '' });
  refusals.forget('x');
  refusals.add('x', { code: 'EE_REQUEST', message: 'no', hint: '' });
  expect(told).toEqual(['x: x has no field b.', 'x: no', 'x: no']);
});

it('has one error for a pattern that nothing serves: that which knows what was meant', () => {
  const { refusals } = collect();
  expect(refusals.ofAll('*')).toBeUndefined();
  refusals.add('x', field('x'));
  expect(refusals.ofAll('*')).toMatchObject({ message: 'x has no field b.', hint: 'Fields: a.' });
  refusals.add('y', field('y', 'did you mean c? Fields: c.'));
  expect(refusals.ofAll('*')).toMatchObject({
    code: 'EE_EXPR_FIELD',
    message: 'y has no field b.',
    hint: 'did you mean c? Fields: c. Nothing else that matches * here can be heard so (1 more).',
  });
});
