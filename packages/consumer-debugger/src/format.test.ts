import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suggestLess } from './candidates.ts';
import { formatFieldValue, formatPayload } from './format-payload.ts';
import { formatDuration, formatNumber, formatQuantity } from './format-quantity.ts';
import { formatListing } from './format-source.ts';
import { formatFrame, formatLocals, formatRemarks } from './format-stop.ts';
import { formatValue, fullStyle, lineStyle, shortStyle } from './format-value.ts';
import { findNearMisses } from './near-misses.ts';
import { createPaint, makePrintable, wantsColour } from './paint.ts';
import { toRequestValues } from './request-values.ts';
import { isStrippedFrom, showPath } from './source-files.ts';
import { hotSpotType, sendType } from './test-support/fake-process.ts';
import { formatLocal, unwrapEvaluation } from './v8-values.ts';

const plain = createPaint(false);

describe('quantities', () => {
  it('are told in the unit that suits their size', () => {
    const cases: [number | bigint, string | undefined, string, string][] = [
      [13, 'By', 'len', '13 bytes'],
      [1, 'By', 'len', '1 byte'],
      [2000, 'ms', 'windowMs', '2.0 s'],
      [0.5, 'ms', 'x', '500 µs'],
      [1_500_000, 'ns', 'x', '1.5 ms'],
      [200, 's', 'x', '3 min 20 s'],
      [0.624, '1', 'share', '62.4 %'],
      [0.0004, '1', 'share', '0.04 %'],
      [0.624, '1', 'load', '0.624'],
      [1_031_224, '{sample}', 'hits', '1,031,224 samples'],
      [9999, undefined, 'n', '9999'],
      [2n ** 64n, undefined, 'n', '18,446,744,073,709,551,616'],
      [200, 'Hz', 'f', '200 Hz'],
      [12.5, '%', 'cpu', '12.5 %'],
    ];
    for (const [value, unit, name, text] of cases)
      expect(formatQuantity(value, unit, name)).toBe(text);
  });

  it('of any size are one short line', () => {
    fc.assert(
      fc.property(
        fc.double(),
        fc.constantFrom('ns', 'ms', 's', 'By', '1', '{x}', undefined),
        (value, unit) => {
          expect(formatQuantity(value, unit, 'share')).toMatch(/^.{1,40}$/);
        },
      ),
    );
    expect(formatNumber(Number.NaN)).toBe('NaN');
    expect(formatDuration(-5)).toBe('-5 ns');
  });
});

describe('payloads', () => {
  it('of any type are told by field, with units', () => {
    const said = formatPayload({ len: 13, peer: 'a\u001B[2J', extra: true }, sendType, () => '');
    expect(said).toBe(String.raw`len = 13 bytes, peer = "a\u001b[2J", extra = yes`);
    expect(formatPayload({}, undefined, () => '')).toBe('');
    // What names something is no quantity.
    expect(formatPayload({ remotePort: 38034, threadId: 12345, lines: 38034 }, undefined, () => '')).toBe('remotePort = 38034, threadId = 12345, lines = 38,034'); // prettier-ignore
    expect(formatFieldValue(new Uint8Array([1, 255]), 'By')).toBe('<2 bytes: 01 ff>');
  });

  it('with shared field words make a sentence; words for the machine are left out', () => {
    const payload = {
      source: 'v8',
      function: 'parse',
      url: 'x',
      line: 3,
      scriptId: '9',
      functionLine: 1,
      share: 0.5,
      samples: 100,
      windowMs: 2000,
      hits: 50,
      confirmed: false,
      native: 'JSON.parse',
      note: 'inlined callee',
    };
    expect(formatPayload(payload, hotSpotType, () => 'src/x.ts:3')).toBe(
      'parse at src/x.ts:3 took 50.0 % of 100 samples in the last 2.0 s (hits 50, not confirmed, native JSON.parse, inlined callee)',
    );
  });
});

describe('values', () => {
  const array = {
    type: 'object',
    subtype: 'array',
    description: 'Array(3)',
    preview: {
      type: 'object',
      subtype: 'array',
      description: 'Array(3)',
      overflow: false,
      properties: [
        { name: '0', type: 'number', value: '1' },
        { name: '1', type: 'string', value: 'b' },
        { name: '2', type: 'object', value: 'Object' },
      ],
    },
  };
  const row = {
    type: 'object',
    className: 'Row',
    description: 'Row',
    preview: {
      type: 'object',
      description: 'Row',
      overflow: true,
      properties: [
        { name: 'id', type: 'number', value: '7' },
        { name: 'run', type: 'function', value: '' },
        { name: 'late', type: 'accessor' },
      ],
    },
  };

  it('are short in frames, and open in a line of their own', () => {
    expect(formatValue(array, shortStyle)).toBe('Array(3)');
    expect(formatValue(array, lineStyle)).toBe('Array(3) [1, "b", {…}]');
    expect(formatValue(row, shortStyle)).toBe('Row');
    expect(formatValue(row, lineStyle)).toBe('Row {id: 7, run: [Function], late: <getter>, …}');
    expect(formatValue({ type: 'object', description: 'Object' }, shortStyle)).toBe('{…}');
    expect(formatValue(array, { maxLength: 18, isOpen: true })).toBe('Array(3) [1, …]');
  });

  it('of every kind have their own look', () => {
    const cases: [Parameters<typeof formatValue>[0], string][] = [
      [{ type: 'undefined' }, 'undefined'],
      [{ type: 'object', subtype: 'null', value: null }, 'null'],
      [{ type: 'number', unserializableValue: '-0', description: '-0' }, '-0'],
      [{ type: 'bigint', unserializableValue: '12n' }, '12n'],
      [{ type: 'symbol', description: 'Symbol(x)' }, 'Symbol(x)'],
      [{ type: 'object', subtype: 'error', description: 'Error: no\n    at x' }, 'Error: no'],
      [{ type: 'object', subtype: 'regexp', description: '/a/g' }, '/a/g'],
      [
        { type: 'function', className: 'Function', description: 'function f(a) { }' },
        '[Function: f]',
      ],
      [
        { type: 'function', className: 'AsyncFunction', description: 'async run(x) {}' },
        '[AsyncFunction: run]',
      ],
      [
        { type: 'function', className: 'Function', description: '(a) => a' },
        '[Function (anonymous)]',
      ],
      [{ type: 'function', description: 'class Row extends X {}' }, '[class Row]'],
      [
        {
          type: 'object',
          subtype: 'map',
          description: 'Map(1)',
          preview: {
            type: 'object',
            subtype: 'map',
            description: 'Map(1)',
            overflow: false,
            properties: [],
            entries: [
              {
                key: { type: 'string', description: 'a', overflow: false, properties: [] },
                value: { type: 'number', description: '1', overflow: false, properties: [] },
              },
            ],
          },
        },
        'Map(1) {"a" => 1}',
      ],
    ];
    for (const [value, text] of cases) expect(formatValue(value, fullStyle)).toBe(text);
  });

  it('that are long strings keep their closing quote', () => {
    const text = formatValue({ type: 'string', value: 'x'.repeat(100) }, shortStyle);
    expect(text).toBe(`"${'x'.repeat(25)}…"`);
    expect(text).toHaveLength(shortStyle.maxLength);
  });

  it('that V8 may have optimized away are doubted, and those before their declaration named', () => {
    const gone = { name: 'x', value: { type: 'undefined' } };
    expect(formatLocal(gone, true).value).toBe('undefined (may be optimized out)');
    expect(formatLocal(gone, false).value).toBe('undefined');
    expect(formatLocal({ name: 'x' }, false).value).toBe('<uninitialized>');
  });

  it('that an expression threw are a coded error', () => {
    const exception = { type: 'object', description: 'ReferenceError: x is not defined\n    at y' };
    const answer = { result: exception, exceptionDetails: { text: 'Uncaught', exception } };
    expect(() => unwrapEvaluation(answer, 'x')).toThrow('ReferenceError: x is not defined');
  });
});

describe('stops', () => {
  it('tell honestly where they landed', () => {
    const base = { kind: 'stop', thread: 1 } as const;
    expect(formatRemarks({ ...base, landed: 'exact' })).toEqual([]);
    expect(formatRemarks({ ...base, landed: 'function' })[0]).toContain(
      'in the function of the event',
    );
    expect(formatRemarks({ ...base, landed: 'in-place' })[0]).toContain('stopped in place');
    expect(formatRemarks({ ...base, landed: 'elsewhere' })[0]).toContain('was not reached again');
    expect(formatRemarks({ ...base, landed: 'elsewhere', notes: ['Settled.'] })).toEqual([
      '  (Settled)',
    ]);
  });

  it('show frames that are not the program’s own without emphasis', () => {
    const place = { file: 'f', shown: 'src/a.ts', line: 3, column: 9, isMapped: true, handle: 0 };
    const frame = { level: 12, functionName: '', place, isUser: true, handle: 0 };
    expect(formatFrame(frame, [{ name: 'a', value: '1' }], plain)).toBe(
      '#12 <anonymous> (a=1) at src/a.ts:3:9',
    );
    const paint = createPaint(true);
    const dimmed = formatFrame({ ...frame, isUser: false }, undefined, paint);
    expect(dimmed.startsWith('\u001B[2m#12')).toBe(true);
  });

  it('show as many locals as fit, the doubtful ones together', () => {
    const doubt = 'undefined (may be optimized out)';
    const variables = [
      { name: 'a', value: '1' },
      { name: 'b', value: doubt },
      { name: 'c', value: doubt },
    ];
    expect(formatLocals(variables, 100)).toBe(`locals: a = 1, b, c = ${doubt}`);
    expect(formatLocals([], 100)).toBeUndefined();
    const many = Array.from({ length: 40 }, (_, index) => ({
      name: `v${index}`,
      value: 'x'.repeat(20),
    }));
    expect(formatLocals(many, 80)).toMatch(/, … 3\d more \(info locals\)$/);
  });
});

describe('listings', () => {
  it('mark the current line and cut long ones around the column', () => {
    const lines = ['a', `${'x'.repeat(300)}HERE${'y'.repeat(300)}`, '\tb'];
    const listing = { lines, from: 0, to: 9, current: { line: 2, column: 301 }, width: 60 };
    const [first, second, third] = formatListing(listing, plain);
    expect([first, third]).toEqual([' 1  a', ' 3      b']);
    expect(second).toMatch(/^>2 {2}…x+HEREy+…$/);
    expect(second?.length).toBeLessThanOrEqual(60);
  });
});

describe('text of the program', () => {
  it('cannot steer the terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // oxlint-disable-next-line no-control-regex -- what it looks for
        expect(makePrintable(text)).not.toMatch(/[\u0000-\u001F\u007F-\u009F]/);
      }),
    );
  });

  it('is coloured only for a terminal that wants it', () => {
    expect(wantsColour(true, {})).toBe(true);
    expect(wantsColour(false, {})).toBe(false);
    expect(wantsColour(true, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour(true, { TERM: 'dumb' })).toBe(false);
  });
});

describe('paths', () => {
  const bases = { cwd: '/home/me/work', root: 'file:///srv/shop' };
  it('are short where that is clear', () => {
    expect(showPath('/home/me/work/src/a.ts', bases)).toBe('src/a.ts');
    expect(showPath('/srv/shop/src/a.ts', bases)).toBe('shop/src/a.ts');
    expect(showPath('/opt/x.js', bases)).toBe('/opt/x.js');
    expect(showPath('node:fs', bases)).toBe('node:fs');
    expect(showPath('/srv/x.js', { cwd: '/', root: undefined })).toBe('/srv/x.js');
  });

  it('of stripped files are trusted only while the file is the same', () => {
    const written = ['const a: number = 1;', 'type X = 1;', 'export const b = <T>(x: T) => x;'];
    const stripped = ['const a         = 1;', '           ', 'export const b =    (x   ) => x;'];
    expect(isStrippedFrom(stripped, written)).toBe(true);
    expect(isStrippedFrom([...stripped, '', '//# sourceURL=x'].slice(0, 3), written)).toBe(true);
    expect(isStrippedFrom(stripped, ['', ...written])).toBe(false);
  });
});

const ask = (
  request: Record<string, number>,
  payload: Record<string, number>,
): string | undefined => suggestLess({ pattern: 'hot-spot', request }, payload, hotSpotType);

describe('requests', () => {
  it('are typed as declared, else by their looks', () => {
    const texts = new Map([
      ['share', '3%'],
      ['by', '5'],
      ['n', '0x10'],
      ['deep', 'true'],
      ['odd', '1x'],
    ]);
    const descriptor = { ...hotSpotType, request: { by: { type: 'string' as const } } };
    expect(toRequestValues(texts, descriptor)).toEqual({
      share: 0.03,
      by: '5',
      n: 16,
      deep: true,
      odd: '1x',
    });
  });

  it('are lowered to a round number below what was seen, and stay in range', () => {
    expect(ask({}, { share: 0.041, windowMs: 100 })).toBe('catch hot-spot share=0.03');
    expect(ask({ windowMs: 500 }, { share: 0.0099 })).toBe(
      'catch hot-spot windowMs=500 share=0.008',
    );
    expect(ask({ share: 0.5 }, { share: 0.49 })).toBe('catch hot-spot share=0.4');
    expect(ask({}, { share: 0.0001 })).toBe('catch hot-spot share=0.001');
    expect(ask({}, { share: 0.2 })).toBeUndefined();
  });
});

describe('near misses', () => {
  it('are the nearest names, best first', () => {
    const names = ['net.send', 'net.receive', 'hot-spot', 'cache.evict'];
    expect(findNearMisses('net.sent', names)).toEqual(['net.send']);
    expect(findNearMisses('hotspot', names)).toEqual(['hot-spot']);
    expect(findNearMisses('evict', names)).toEqual(['cache.evict']);
    expect(findNearMisses('zzz', names)).toEqual([]);
  });
});
