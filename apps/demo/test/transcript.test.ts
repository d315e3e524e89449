import { describe, expect, it } from 'vitest';
import { readCommands } from '../src/debugger.ts';
import { findFaults, splitCommands } from '../src/transcript.ts';

const commands = ['catch hot-spot', 'continue', 'bt', 'info locals', 'detach'];
const good = `(extev) catch hot-spot
Catchpoint 1: hot-spot
(extev) continue
Catchpoint 1 (hot-spot) in thread 1: share 0.61, hits 120 in 400 ms
#0 comesFirst (walk.ts:16:7)
16      for (const stop of walk) {
(extev) bt
#0 comesFirst (walk.ts:16:7)
#1 buildPickList (picking.ts:25:10)
(extev) info locals
left = {bin: 3}
right = {bin: 4}
(extev) detach
Detached.
`;

describe('the transcript of the demo', () => {
  it('is split at its echoed commands', () => {
    expect(splitCommands(good, commands)).toHaveLength(5);
    expect(splitCommands(good, commands)[0]).toBe('Catchpoint 1: hot-spot');
  });

  it('is good when it shows the stop, the way to it and the locals', () => {
    expect(findFaults(good, commands)).toEqual([]);
  });

  it('is not good when the stop is elsewhere', () => {
    const elsewhere = good.replaceAll('comesFirst (walk.ts', 'collect (picking.ts');
    expect(findFaults(elsewhere, commands)).toEqual([
      'the stop does not name comesFirst',
      'the stop does not show a line of walk.ts',
      'the backtrace does not lead from the route to the hot function',
    ]);
  });

  it('is not good when the debugger gave up on the way', () => {
    const [short = ''] = good.split('(extev) bt');
    expect(findFaults(short, commands)).toContain('only 2 of 5 commands were echoed');
    expect(findFaults('', commands)).toContain('the program did not stop for hot-spot');
  });

  it('knows the commands of the demo', () => {
    expect(readCommands()).toContain('catch hot-spot');
    expect(readCommands()).toContain('detach');
  });
});
