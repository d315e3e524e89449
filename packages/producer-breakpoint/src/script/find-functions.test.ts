import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findFunctionBodies } from './find-functions.ts';
import { maskText } from './mask-text.ts';

/** What begins where the bodies do. */
function bodies(text: string, name: string): string[] {
  return findFunctionBodies(text, name).map((at) => text.slice(at, at + 3));
}

describe('findFunctionBodies', () => {
  it.each([
    ['function run() {111}', 'run', ['111']],
    ['async function* run (a, {b}) {111}', 'run', ['111']],
    ['const run = () => {111}; run()', 'run', ['111']],
    ['const run = async (a = f(1)) => 111 + 2', 'run', ['111']],
    ['let run = x => {111}', 'run', ['111']],
    ['const o = { run: function () {111}, go() {222} }', 'run', ['111']],
    ['class A { run() {111} }\nclass B { static async run() {222} }', 'run', ['111', '222']],
    ['class A { run() {111} }\nclass B { run() {222} }', 'B.run', ['222']],
    ['A.prototype.run = function () {111}', 'A.run', ['111']],
    ['exports.run = run; function run() {111}', 'run', ['111']],
    ['if (run()) {111}', 'run', []],
    ['run(a); {111}', 'run', []],
    ['// function run() {111}\n"function run() {222}"; `run() {333}`', 'run', []],
    ['const re = /run\\(\\) {/; function run() {111}', 'run', ['111']],
    ['x = a / b; function run() {111} // /', 'run', ['111']],
    ['`${f(`${1}`)}`; function run() {111}', 'run', ['111']],
    ['function rerun() {111} function run2() {222}', 'run', []],
    ['const a = run == 1 ? (x) => 1 : 2', 'run', []],
  ])('finds in %s', (text, name, found) => {
    expect(bodies(text, name)).toEqual(found);
  });

  it('bears any text', () => {
    const pieces = fc.constantFrom('run', '(', ')', '{', '}', '=>', '=', ':', '/', '*', '`', '${', '"', "'", '\\', '\n', ' ', 'class ', 'function ', '[', ']'); // prettier-ignore
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        for (const at of findFunctionBodies(text, 'A.run')) expect(at).toBeLessThanOrEqual(text.length); // prettier-ignore
        for (const at of findFunctionBodies(text, 'run')) expect(at).toBeLessThanOrEqual(text.length); // prettier-ignore
      }),
    );
  });
});

it('a masked text has the length and the lines of the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const masked = maskText(text);
      expect(masked).toHaveLength(text.length);
      expect(masked.split('\n').length).toBe(text.split('\n').length);
    }),
  );
});
