/** The bytes of one frame of each kind. They are a promise between releases: a change here is a new protocol version. */
import { expect, it } from 'vitest';
import { encodeFrame, FrameDecoder } from './codec.ts';
import { type Frame, frameKinds, grants, lossReasons, protocolVersion } from './frames.ts';

/** Length, kind, body. */
const golden: readonly (readonly [Frame, string])[] = [
  [
    {"kind":"hello","protocol":1,"role":"consumer","pid":42,"name":"extev","grants":["stop"]},
    '4b000000 01 7b2270726f746f636f6c223a312c22726f6c65223a22636f6e73756d6572222c22706964223a34322c226e616d65223a226578746576222c226772616e7473223a5b2273746f70225d7d',
  ],
  [
    {"kind":"types","define":[{"thread":1,"index":16,"descriptor":{"name":"tick","kind":"filtered","description":"","fields":{"n":{"type":"u32"}}}}]},
    '83000000 02 7b22646566696e65223a5b7b22746872656164223a312c22696e646578223a31362c2264657363726970746f72223a7b226e616d65223a227469636b222c226b696e64223a2266696c7465726564222c226465736372697074696f6e223a22222c226669656c6473223a7b226e223a7b2274797065223a22753332227d7d7d7d5d7d',
  ],
  [
    {"kind":"threads","threads":[{"key":1,"tid":42,"threadId":0,"name":"main","state":"running"}]},
    '4e000000 03 7b2274687265616473223a5b7b226b6579223a312c22746964223a34322c227468726561644964223a302c226e616d65223a226d61696e222c227374617465223a2272756e6e696e67227d5d7d',
  ],
  [
    {"kind":"listen","id":1,"listen":2,"pattern":"net.*","where":"len == 13"},
    '3a000000 04 7b226964223a312c226c697374656e223a322c227061747465726e223a226e65742e2a222c227768657265223a226c656e203d3d203133227d',
  ],
  [
    {"kind":"unlisten","re":3,"accounts":[{"thread":1,"matched":9,"lost":1,"throttled":2}]},
    '46000000 05 7b227265223a332c226163636f756e7473223a5b7b22746872656164223a312c226d617463686564223a392c226c6f7374223a312c227468726f74746c6564223a327d5d7d',
  ],
  [
    {"kind":"arm","listen":2,"event":"hot-spot","armId":3,"state":"armed"},
    '3a000000 06 7b226c697374656e223a322c226576656e74223a22686f742d73706f74222c2261726d4964223a332c227374617465223a2261726d6564227d',
  ],
  [
    {"kind":"load-producer","id":4,"producer":"hot-spot","url":"file:///p.mjs"},
    '35000000 07 7b226964223a342c2270726f6475636572223a22686f742d73706f74222c2275726c223a2266696c653a2f2f2f702e6d6a73227d',
  ],
  [
    {"kind":"script","id":5,"script":1,"action":"remove"},
    '26000000 08 7b226964223a352c22736372697074223a312c22616374696f6e223a2272656d6f7665227d',
  ],
  [
    { kind: 'records', thread: 258, bytes: Uint8Array.of(1, 2, 3, 255) },
    '0d000000 09 0201000000000000010203ff',
  ],
  [
    {"kind":"loss","listen":2,"thread":1,"reason":"ring-full","count":5},
    '37000000 0a 7b226c697374656e223a322c22746872656164223a312c22726561736f6e223a2272696e672d66756c6c222c22636f756e74223a357d',
  ],
  [
    {"kind":"stop","thread":1,"cause":{"type":"step"},"frames":[]},
    '31000000 0b 7b22746872656164223a312c226361757365223a7b2274797065223a2273746570227d2c226672616d6573223a5b5d7d',
  ],
  [
    {"kind":"debug","id":6,"thread":1,"method":"pause"},
    '25000000 0c 7b226964223a362c22746872656164223a312c226d6574686f64223a227061757365227d',
  ],
  [
    {"kind":"bye","reason":"exit","exitCode":0},
    '1f000000 0d 7b22726561736f6e223a2265786974222c2265786974436f6465223a307d',
  ],
]; // prettier-ignore

it.each(golden)('%j has these bytes', (frame, spaced) => {
  const hex = spaced.replaceAll(' ', '');
  expect(Buffer.from(encodeFrame(frame)).toString('hex')).toBe(hex);
  expect(new FrameDecoder().push(Uint8Array.from(Buffer.from(hex, 'hex')))).toEqual([frame]);
});

it('there are golden bytes of every kind', () => {
  expect(golden.map(([frame]) => frame.kind)).toEqual(Object.keys(frameKinds));
});

it('numbers and words of the protocol stay what they are', () => {
  expect(protocolVersion).toBe(1);
  expect(Object.values(frameKinds)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  expect(grants).toEqual(['stop', 'evaluate', 'write']);
  expect(lossReasons).toEqual(['ring-full', 'queue-full', 'bad-payload', 'too-large', 're-entry', 'predicate-failed']);
}); // prettier-ignore
