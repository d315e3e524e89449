import { describe, expect, it } from 'vitest';
import {
  makeFrame,
  makeFunction,
  makeNode,
  makePlace,
  makeRoot,
  makeStack,
  makeWindow,
} from '../fixtures/test-data.ts';
import { FunctionIndex } from './function-index.ts';
import type { Place } from './internal-types.ts';
import { locate } from './locate.ts';
import type { Spot } from './locate.ts';
import { SourceText } from './source-text.ts';

const text = new SourceText(`function hot(rows) {
  let count = 0;
  for (const row of rows) {
    count += JSON.parse(row).length;
    count += row.indexOf('x');
  }
  return count;
}
other();`);
const hot = { ...makeFunction('hot', 1, 'file:///a.js', 13), key: 'file:///a.js:1:13' };
const node = makeNode(makeRoot(), 'hot', { url: hot.url, line: 1, column: 13, lines: { 3: 1 } });
const index = new FunctionIndex([makeWindow([node])], { tryGet: () => undefined });

function find(places: readonly Place[], stacks: readonly ReturnType<typeof makeStack>[]): Spot {
  return locate({ function: hot, places, stacks, index, text, line: 0 });
}
const on = (line: number, native = ''): Place => makePlace(hot, line, native);
const at = (line: number, column: number): ReturnType<typeof makeStack> =>
  makeStack([makeFrame(hot, line, column)]);
const times = <T>(count: number, value: T): T[] => Array<T>(count).fill(value);
const inBuiltin = (name: string, line: number): ReturnType<typeof makeStack> =>
  makeStack([makeFrame(name), makeFrame(hot, line, 9)]);

describe('locate', () => {
  it('shows the line with most samples, at the column where interrupts met it', () => {
    const spot = find([...times(9, on(5)), on(2)], [at(5, 14), at(5, 14), at(5, 2), at(1, 13)]);
    expect(spot).toMatchObject({ line: 5, column: 14, native: '', confirmed: true, note: '' });
  });

  it('shows the first column of the line, unconfirmed, when no interrupt met the function', () => {
    expect(find(times(9, on(5)), [])).toMatchObject({ line: 5, column: 5, confirmed: false });
  });

  it('takes only lines of the function for its own, and says when most are not', () => {
    const spot = find([...times(9, on(300)), on(2)], []);
    expect(spot).toMatchObject({ line: 2, note: 'inlined callee' });
    expect(find(times(9, on(300)), [at(3, 3)])).toMatchObject({ line: 3, note: 'inlined callee' });
    expect(find(times(9, on(0)), [])).toMatchObject({ line: 1, note: 'line not known' });
  });

  it('names a built-in function from the stacks, unless it is cheap or the line has no samples', () => {
    const places = times(9, on(2));
    const spot = find(places, times(5, inBuiltin('RegExp.test', 2)));
    expect(spot).toMatchObject({ line: 2, column: 9, native: 'RegExp.test' });
    expect(find(places, times(5, inBuiltin('Array.push', 2))).native).toBe('');
    expect(find(places, times(5, inBuiltin('RegExp.test', 7))).native).toBe('');
    expect(find(places, times(5, inBuiltin('Atomics.wait', 2))).native).toBe('');
  });

  it('names a costly built-in function from the text of the hot line, or of its neighbour under a loop', () => {
    const named = { line: 4, column: 14, native: 'JSON.parse' };
    expect(find(times(9, on(4)), [])).toMatchObject(named);
    expect(find(times(9, on(3)), [])).toMatchObject(named);
    expect(find(times(9, on(2)), []).native).toBe('');
  });

  it('believes in an ordinary method only when the thread is deaf to interrupts', () => {
    const places = times(9, on(5));
    expect(find(places, times(5, at(3, 3))).native).toBe('');
    const deaf = times(5, makeStack([makeFrame(hot, 3, 3)], 5e6));
    expect(find(places, deaf)).toMatchObject({ line: 5, native: 'indexOf' });
  });

  it('shows where native code is called that the profiler saw', () => {
    const calls = makeStack([makeFrame('Object.run'), makeFrame(hot, 5, 20)]);
    const places = times(9, on(0, 'indexOf'));
    expect(find(places, [calls])).toMatchObject({ line: 5, column: 20, native: 'indexOf' });
    expect(find(places, [])).toMatchObject({ line: 5, native: 'indexOf' });
    expect(find(times(9, on(0, 'elsewhere')), [])).toMatchObject({
      line: 1,
      note: 'called from this function',
    });
  });
});
