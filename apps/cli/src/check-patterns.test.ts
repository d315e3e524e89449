import { expect, it } from 'vitest';
import { checkPatterns } from './check-patterns.ts';

it('takes names and patterns', () => {
  expect(() => checkPatterns(['net.send', '**', 'channel:42', 'tracepoint:sched:*'])).not.toThrow();
});

it('refuses the number that an option has left over', () => {
  expect(() => checkPatterns(['net.send', '5'])).toThrow(
    expect.objectContaining({ code: 'EE_USAGE', hint: expect.stringContaining('--stack=5') }),
  );
  expect(() => checkPatterns(['net..send'])).toThrow(
    expect.objectContaining({ code: 'EE_PATTERN' }),
  );
});
