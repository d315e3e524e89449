import { expect, it } from 'vitest';
import type { CodedError } from './errors.ts';
import { describeFailures, tellFailures } from './catch-failures.ts';

const noField = (event: string, hint: string): [string, CodedError] => [event, { code: 'EE_EXPR_FIELD', message: `${event} has no field 'b'.\n  b == 1\n  ^`, hint }]; // prettier-ignore

it('names together the event types of a pattern that fail alike', () => {
  const failures = new Map<string, CodedError>([
    noField('a.x', 'Fields: n.'),
    ['a.y', { code: 'EE_REQUEST', message: 'no', hint: '' }],
    noField('a.z', 'did you mean c?'),
  ]);
  expect(tellFailures('catchpoint 1', 'a.*', failures)).toEqual([
    "catchpoint 1 does not stop for a.x, a.z: EE_EXPR_FIELD: a.z has no field 'b'.; hint: did you mean c?",
    'catchpoint 1 does not stop for a.y: EE_REQUEST: no',
  ]);
  expect(describeFailures('a.*', failures)).toEqual([
    "not for a.x, a.z: EE_EXPR_FIELD: a.z has no field 'b'.",
    'not for a.y: EE_REQUEST: no',
  ]);
});

it('says of a name that it is not armed', () => {
  const failures = new Map([['x', { code: 'EE_ARM_FAILED', message: 'No.', hint: 'Ask.' }]]);
  expect(tellFailures('catchpoint 2', 'x', failures)).toEqual(['catchpoint 2 is not armed: EE_ARM_FAILED: No.; hint: Ask.']); // prettier-ignore
  expect(describeFailures('x', failures)).toEqual(['not armed: EE_ARM_FAILED: No.']);
});
