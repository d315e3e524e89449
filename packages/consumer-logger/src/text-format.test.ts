import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paintAll } from './colour.ts';
import { textFormat } from './text-format.ts';
import { anyItem, hostileText, makeItem, settings } from './testing/items.ts';

const stamp = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} {2}/;
const types = [
  { name: 'net.send', fields: { len: { type: 'u32', unit: 'By' }, peer: { type: 'string' } } },
] as const;
const make = () => textFormat(settings(types));

describe('text', () => {
  it('shows time, process, thread, event and fields, below each other', () => {
    const format = make();
    const lines = [
      format.event(makeItem({ event: 'http.client.request', pid: 4242 })),
      format.event(makeItem({ payload: { peer: 'p13', len: 13 } })),
      format.loss({ pid: 7, tid: 8, count: 3, reason: 'ring-full', pattern: 'net.*' }),
    ];
    expect(lines.map((line) => line.replace(stamp, ''))).toEqual([
      '4242 main  http.client.request\n',
      '7    main  net.send  len=13 By peer="p13"\n',
      '7    main  # 3 events of net.* lost here: ring-full\n',
    ]);
    const wide = format.event(makeItem({ event: 'http.client.request', payload: { n: 1 } }));
    expect(wide).toMatch(/http\.client\.request {2}n=1\n$/);
    expect(format.event(makeItem({ payload: { len: 1 } }))).toMatch(/net\.send {13}len=1 By\n$/);
  });

  it('puts frames on lines of their own, further in', () => {
    const lines = make().event(makeItem({ stack: ['f (a.js:1:2)', 'g'] })).split('\n'); // prettier-ignore
    expect(lines.slice(1)).toEqual(['    at f (a.js:1:2)', '    at g', '']);
  });

  it('ends with the account, unless somebody reads along', () => {
    const summary = { matched: 6, delivered: 2, lost: 3, throttled: 1 };
    expect(make().end(summary)).toBe('# matched 6, delivered 2, lost 3, throttled 1\n');
    expect(make().end(undefined)).toBe('');
    expect(textFormat({ ...settings(), isTerminal: true }).end(summary)).toBe('');
  });

  it('paints where it is told to', () => {
    const line = textFormat({ ...settings(), paint: paintAll }).event(makeItem());
    expect(line).toContain('\u001B[1mnet.send\u001B[22m');
  });

  it('lets nothing steer the terminal or begin a line: not names, not payloads, not units', () => {
    // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
    const steering = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069]/;
    fc.assert(
      fc.property(anyItem, hostileText, hostileText, (item, name, unit) => {
        const fields = { [name]: { type: 'u32', unit } } as const;
        const format = textFormat(settings([{ name: item.event, fields }], name));
        const text = format.event({ ...item, payload: { ...item.payload, [name]: 1 } });
        expect(text).not.toMatch(steering);
        const [first = '', ...frames] = text.slice(0, -1).split('\n');
        expect(first).toMatch(stamp);
        expect(frames).toHaveLength(item.stack?.length ?? 0);
        expect(frames.every((frame) => frame.startsWith('    at '))).toBe(true);
      }),
    );
  });

  it('writes strings so that they can be read back', () => {
    fc.assert(
      fc.property(
        hostileText.filter((text) => text !== ''),
        (peer) => {
          const line = make().event(makeItem({ payload: { peer } }));
          expect(JSON.parse(/ peer=(".*")\n$/.exec(line)?.[1] ?? '')).toBe(peer);
        },
      ),
    );
  });
});
