import { describe, expect, it } from 'vitest';
import { formatOfPath } from './format.ts';
import { checkOptions, chooseFormat, listensOf } from './options.ts';
import type { LoggerOptions } from './types.ts';

const options: LoggerOptions = { patterns: ['net.*'], out: '/tmp/log' };

describe('options', () => {
  it.each([
    ['a.ndjson', 'ndjson'],
    ['a.JSONL', 'ndjson'],
    ['a.json', 'chrome-trace'],
    ['a.txt', 'text'],
    ['a.log', 'text'],
    ['a.data', undefined],
    ['json', undefined],
  ])('take %s for %s', (path, format) => {
    expect(formatOfPath(path)).toBe(format);
    expect(chooseFormat({ ...options, out: path })).toBe(format ?? 'text');
    expect(chooseFormat({ ...options, out: path, format: 'ndjson' })).toBe('ndjson');
  });

  it('give text patterns what is asked of all, and leave others as they are', () => {
    const patterns = ['a.b', { pattern: 'c.d', where: 'n == 1' }];
    expect(
      listensOf({ ...options, patterns, where: 'len > 1', stack: 3, request: { k: 1 } }),
    ).toEqual([
      { pattern: 'a.b', where: 'len > 1', stack: 3, request: { k: 1 } },
      { pattern: 'c.d', where: 'n == 1' },
    ]);
  });

  it.each([
    [{ patterns: [] }, 'EE_LOG_OPTIONS'],
    [{ patterns: ['a..'] }, 'EE_PATTERN'],
    [{ patterns: [{ pattern: 'a', catch: {} }] }, 'EE_LOG_OPTIONS'],
    [{ format: 'xml' as 'text' }, 'EE_LOG_OPTIONS'],
    [{ maxHit: 0 }, 'EE_LOG_OPTIONS'],
    [{ bufferBytes: NaN }, 'EE_LOG_OPTIONS'],
    [{ rotate: {} }, 'EE_LOG_OPTIONS'],
    [{ rotate: { bytes: 0 } }, 'EE_LOG_OPTIONS'],
    [{ rotate: { ms: 5, keep: -1 } }, 'EE_LOG_OPTIONS'],
    [{ rotate: { ms: 5 }, out: process.stdout }, 'EE_LOG_OPTIONS'],
  ] as const)('refuse %j', (change, code) => {
    const given = { ...options, ...change };
    expect(() => {
      listensOf(given);
      checkOptions(given);
    }).toThrow(expect.objectContaining({ code }));
  });

  it('take what is just enough', () => {
    const given = { ...options, maxHit: 1, bufferBytes: 1, flushMs: 0, rotate: { bytes: 1, keep: 0 } }; // prettier-ignore
    expect(() => checkOptions(given)).not.toThrow();
  });
});
