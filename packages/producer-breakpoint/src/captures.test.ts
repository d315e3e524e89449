import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runInThisContext } from 'node:vm';
import { type Capture, parseCaptures } from './captures.ts';
import { conditionOf } from './script/helper.ts';

function names(count: number): string {
  return Array.from({ length: count }, (_, at) => `a${at}`).join();
}

/** The captures of a text, or the code of its refusal. */
function attempt(text: string): Capture[] | string {
  try {
    return parseCaptures(text);
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('parseCaptures', () => {
  it('reads names and paths of properties', () => {
    expect(parseCaptures('order.id, rows[0].x ,this.name,$a,order.id')).toEqual([
      { text: 'order.id', root: 'order', path: ['id'] },
      { text: 'rows[0].x', root: 'rows', path: ['0', 'x'] },
      { text: 'this.name', root: 'this', path: ['name'] },
      { text: '$a', root: '$a', path: [] },
    ]);
    expect(parseCaptures(undefined)).toEqual([]);
    expect(parseCaptures(' ')).toEqual([]);
  });

  it.each([
    'f()', 'a + b', 'a?.b', 'a[b]', 'a["b"]', 'new.target', 'import.meta', 'await', 'let', 'a.b=1', 'a`x`', 'a.#b',
    '1', 'a..b', '.a', 'a.', 'a,,b', 'a\u2028b', '(a)', '() => a', 'a\\u0062', 'yield', 'a;b', 'a//', '/*', 'x'.repeat(201),
  ])('refuses %j', (text) => {
    expect(() => parseCaptures(text)).toThrow(expect.objectContaining({ code: 'EE_BREAKPOINT_CAPTURE' })); // prettier-ignore
  }); // prettier-ignore

  it('takes sixteen, not seventeen', () => {
    expect(parseCaptures(names(16))).toHaveLength(16);
    expect(() => parseCaptures(names(17))).toThrow('17 captures');
    expect(parseCaptures('x'.repeat(200))).toHaveLength(1);
  });

  it('lets nothing through that could act: a condition of any text only calls the helper', () => {
    const pieces = fc.constantFrom('a', 'this', '.', '[', ']', '0', '(', ')', ',', ' ', '`', '"', "'", '\\', '\n', '/', '*', '=', ';', '$', '{', '}', 'é', '\u2029', 'await'); // prettier-ignore
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const captures = attempt(parts.join(''));
        const isRefused = captures === 'EE_BREAKPOINT_CAPTURE';
        const list = isRefused ? [] : (captures as Capture[]);
        const calls: unknown[][] = [];
        const touched = new Proxy({}, { has: () => true, get: (_, key) => (key === Symbol.unscopables ? undefined : `value of ${String(key)}`) }); // prettier-ignore
        const run = runInThisContext(`(function (__extensionEventsHit, scope) { with (scope) { return [${conditionOf(1, 2, list)}\n]; } })`) as (...args: unknown[]) => unknown; // prettier-ignore
        run((...args: unknown[]) => void calls.push(args), new Proxy(touched, { has: (_, key) => key !== '__extensionEventsHit' })); // prettier-ignore
        expect(calls).toHaveLength(1);
      }),
      { numRuns: 2000 },
    );
  });
});
