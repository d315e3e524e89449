import { describe, expect, it } from 'vitest';
import type { EventItem } from '@extension-events/session';
import type { EventTypeDescriptor } from '@extension-events/core';
import { formatEvent } from './format-event.ts';

const descriptor: EventTypeDescriptor = {
  name: 'net.send',
  kind: 'filtered',
  description: 'Bytes were sent.',
  fields: {
    len: { type: 'u32', unit: 'By' },
    share: { type: 'f64', unit: '1' },
    hits: { type: 'u32', unit: '{sample}' },
    peer: { type: 'string' },
    body: { type: 'bytes' },
    where: { type: 'stack' },
  },
};
const item: EventItem = {
  kind: 'event',
  event: 'net.send',
  pid: 1,
  tid: 1,
  threadId: 0,
  timestampNs: 1e9,
  seq: 1,
  payload: { peer: 'p', len: 13, share: 1 / 3, hits: 2, where: 'a\nb' },
};
const text = (change: Partial<EventItem> = {}, known: typeof descriptor | undefined = descriptor) =>
  formatEvent({ ...item, ...change }, known, 'main').replace(/^\d\d:\d\d:\d\d\.\d{6} /, '');

describe('formatEvent', () => {
  it('shows fields in the order of the descriptor, with units where they tell something', () => {
    expect(text()).toBe('main net.send len=13 By share=0.3333 hits=2 peer="p"');
  });

  it('shows a type that it has never heard of', () => {
    const line = formatEvent({ ...item, payload: { n: 1n, on: true } }, undefined, 'worker 1');
    expect(line).toMatch(/ worker 1 net\.send n=1 on=true$/);
  });

  it('shows the first bytes and how many there are', () => {
    const body = new Uint8Array(40).fill(0xab);
    expect(text({ payload: { body: body.subarray(0, 2) } })).toBe('main net.send body=0xabab');
    expect(text({ payload: { body } })).toBe(`main net.send body=0x${'ab'.repeat(32)}… (40 bytes)`);
  });

  it('puts each frame of the stack on a line of its own', () => {
    expect(text({ payload: {}, stack: ['f (a.js:1:2)', 'g (a.js:3:4)'] })).toBe(
      'main net.send\n    at f (a.js:1:2)\n    at g (a.js:3:4)',
    );
  });

  it('lets no payload steer the terminal', () => {
    const line = text({ payload: { peer: '\u001B[2J\u009B31m\r' }, stack: ['\u001B[H'] });
    // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
    expect(line.replace('\n', '')).not.toMatch(/[\u0000-\u001F\u007F-\u009F]/);
  });
});
