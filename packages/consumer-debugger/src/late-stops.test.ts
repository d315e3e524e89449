import { expect, it } from 'vitest';
import type { EventTypeDescriptor } from '@extension-events/core';
import { describeLateStops } from './late-stops.ts';

const describeType = (name: string, late?: string): EventTypeDescriptor => ({
  name,
  kind: 'filtered',
  description: '',
  fields: {},
  cause: { event: 'net.send', ...(late === undefined ? {} : { late }) },
});
const eventTypes = [describeType('lucky13'), describeType('lucky.late', 'peer is not known to the kernel')].map((descriptor) => ({ descriptor, threads: [1], listeners: 0, heard: 0 })); // prettier-ignore
const native = { eventTypes, sides: { agent: false, host: true } };

it.each([
  ['lucky13', []],
  ['lucky.late', ['stops late: peer is not known to the kernel.']],
  ['**', ['lucky.late stops late: peer is not known to the kernel.']],
  ['other', []],
])('a catch of %s says of native threads: %j', (pattern, expected) => {
  expect(describeLateStops(native, pattern)).toEqual(expected);
});

it('names native threads where there are others, and says nothing where there are none', () => {
  const late = (agent: boolean, host: boolean): string[] =>
    describeLateStops({ eventTypes, sides: { agent, host } }, 'lucky.late');
  expect(late(true, true)).toEqual(['stops late in native threads: peer is not known to the kernel.']); // prettier-ignore
  expect(late(true, false)).toEqual([]);
  expect(describeLateStops({ eventTypes }, 'lucky.late')).toEqual([]);
});
