import { expect, it } from 'vitest';
import { parseRequest, splitPairs } from './request.ts';

it('reads numbers, booleans and text', () => {
  expect(parseRequest(['share=0.05', 'by=line', 'on=true', 'off=false', 'empty=', 'text=a=b', 'hex=0x10'])).toEqual({ share: 0.05, by: 'line', on: true, off: false, empty: '', text: 'a=b', hex: '0x10' }); // prettier-ignore
});

it('leaves the values text where they are read by a type', () => {
  expect(splitPairs(['name=013', 'on=true', 'rest=a=b'], '')).toEqual([['name', '013'], ['on', 'true'], ['rest', 'a=b']]); // prettier-ignore
});

it('lets the last of several words win', () => {
  expect(parseRequest(['share=1', 'share=2'])).toEqual({ share: 2 });
});

it('takes names of the standard library', () => {
  expect(parseRequest(['http.slow/slow_ms=200', 'net.tiny-send/tiny_run=3'])).toEqual({ 'http.slow/slow_ms': 200, 'net.tiny-send/tiny_run': 3 }); // prettier-ignore
});

it.each(['share', '=1', 'sh are=1'])('refuses %s', (word) => {
  expect(() => parseRequest([word])).toThrow(expect.objectContaining({ code: 'EE_USAGE' }));
});
