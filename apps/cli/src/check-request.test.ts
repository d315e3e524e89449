import type { EventTypeDescriptor } from '@extension-events/core';
import { expect, it } from 'vitest';
import { checkRequest } from './check-request.ts';

const type = (name: string, request: EventTypeDescriptor['request'] = {}) => ({ descriptor: { name, kind: 'filtered', description: '', fields: {}, request } as const, threads: [1], listeners: 0, heard: 0 }); // prettier-ignore
const eventTypes = [type('net.send'), type('net.close'), type('hot-spot', { share: { type: 'f64', optional: true } })]; // prettier-ignore
const check = (patterns: readonly string[], request?: Readonly<Record<string, number>>): void =>
  checkRequest({ eventTypes }, patterns, request);

it.each([
  [['net.send'], 'net.send takes no parameter windowMs.', 'Leave --request windowMs=… out.'],
  [['net.*'], 'net.* takes no parameter windowMs.', 'Leave --request windowMs=… out.'],
  [['net.*', 'hot-spot'], 'net.*, hot-spot take no parameter windowMs.', 'Parameters: share.'],
])('refuses parameters that nothing takes: %s', (patterns, message, hint) => {
  const refusal = { code: 'EE_REQUEST', message, hint };
  expect(() => check(patterns, { windowMs: 1 })).toThrow(expect.objectContaining(refusal));
});

it('lets pass what one of them takes, what may come, and nothing', () => {
  expect(() => check(['net.send', 'hot-spot'], { share: 1 })).not.toThrow();
  expect(() => check(['net.send', 'not.there.yet'], { share: 1 })).not.toThrow();
  expect(() => check(['net.*'])).not.toThrow();
});
