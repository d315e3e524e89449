import { expect, it } from 'vitest';
import { requireLinux } from './platform.ts';

it('takes Linux, and refuses everything else with a code and a hint', () => {
  expect(() => requireLinux('linux')).not.toThrow();
  for (const platform of ['darwin', 'win32'] as const)
    expect(() => requireLinux(platform)).toThrow(expect.objectContaining({ code: 'EE_PLATFORM', hint: expect.stringMatching(/localSession/) as string })); // prettier-ignore
});
