import { expect, it } from 'vitest';
import { CpuShares } from './cpu-shares.ts';

it('a share is that of the time between two looks, the same however often it is asked for', () => {
  let ns: number | undefined = 5e9;
  const shares = new CpuShares(() => ns);
  shares.begin(0);
  expect(shares.share(1)).toBeUndefined();
  ns = 5.5e9;
  shares.begin(1e9);
  expect(shares.share(1)).toBe(0.5);
  ns = 6e9;
  expect(shares.share(1)).toBe(0.5);
  expect(shares.share(1, 7)).toBeUndefined();
  shares.begin(2e9);
  expect(shares.share(1)).toBe(0.5);
  ns = undefined;
  shares.begin(3e9);
  expect(shares.share(1)).toBeUndefined();
});
