import { afterEach, expect, it, vi } from 'vitest';
import { sayRefusals } from './refusals.ts';

let written = '';
vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
  written += String(text);
  return true;
});
afterEach(() => {
  written = '';
});

const noField = (event: string, hint: string) => ({ event, error: { code: 'EE_EXPR_FIELD', message: `${event} has no field 'b'.`, hint } }); // prettier-ignore

it('says together what several event types say alike, with the hint that knows what was meant', () => {
  sayRefusals([
    noField('a.x', 'Fields: n.'),
    { event: 'a.z', error: { code: 'EE_REQUEST', message: 'too much', hint: 'less' } },
    noField('a.y', 'did you mean c? Fields: c.'),
  ]);
  expect(written).toBe(
    "a.x, a.y are not heard:\nEE_EXPR_FIELD: a.y has no field 'b'.\nhint: did you mean c? Fields: c.\n" +
      'a.z is not heard:\nEE_REQUEST: too much\nhint: less\n',
  );
});

it('keeps processes apart', () => {
  sayRefusals([7, 8].map((pid) => ({ ...noField('a', 'no'), pid })));
  expect(written).toBe(
    [7, 8].map((pid) => `a is not heard in process ${pid}:\nEE_EXPR_FIELD: a has no field 'b'.\nhint: no\n`).join(''), // prettier-ignore
  );
});
