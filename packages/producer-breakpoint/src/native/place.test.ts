import fc from 'fast-check';
import { expect, it } from 'vitest';
import { uprobePlaceOf } from './place.ts';

const maps = `00400000-00401000 r--p 00000000 08:01 77 /srv/app
00401000-00402000 r-xp 00001000 08:01 77 /srv/app
00402000-00403000 rw-p 00002000 08:01 77 /srv/app
7f0000000000-7f0000001000 r-xp 00000000 00:00 0
7f0000002000-7f0000003000 r-xp 00003000 08:01 78 /srv/old.so (deleted)
`;

it('says where in a file a uprobe goes, or why none can', () => {
  expect(uprobePlaceOf(maps, 0x401136n)).toEqual({ path: '/srv/app', offset: 0x1136n });
  expect(uprobePlaceOf(maps, 0x402010n)).toEqual({ refusal: 'it is not code' });
  expect(uprobePlaceOf(maps, 0x7f0000000010n)).toEqual({ refusal: 'no file is mapped there' });
  expect(uprobePlaceOf(maps, 0x7f0000002010n)).toEqual({ refusal: 'no file is mapped there' });
  expect(uprobePlaceOf(maps, 0x10n)).toEqual({ refusal: 'nothing is mapped there' });
  expect(uprobePlaceOf('', 0n)).toEqual({ refusal: 'nothing is mapped there' });
});

it('bears any text of maps', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.bigInt(0n, 2n ** 64n - 1n), (text, address) => {
      expect(uprobePlaceOf(text, address)).toBeTypeOf('object');
    }),
  );
});
