import { expect, it } from 'vitest';
import { formatHeld } from './commands-threads.ts';

it("somebody else's stop says at which event it is and whose it is, as far as that is known", () => {
  expect(formatHeld({ event: 'lucky13', holders: ['extev debug (pid 7)', 'tool (pid 9)'] })).toBe(
    'held by extev debug (pid 7), tool (pid 9) at lucky13',
  );
  expect(formatHeld({ holders: [] })).toBe('held by another debugger');
  expect(formatHeld()).toBe('held by another debugger');
});
