import { createContext, runInContext } from 'node:vm';
import { expect, it } from 'vitest';
import { isInside } from './inside.ts';

/** Evaluates it below two functions, in a realm of its own. */
function evaluate(prelude: string, ...words: string[]): unknown {
  const text = `${prelude}; const before = Reflect.ownKeys(Error).join();
    function outer() { return inner(); } function inner() { return ${isInside(...words)}; }
    [outer(), Reflect.ownKeys(Error).join() === before, Error.stackTraceLimit, globalThis.called === undefined]`;
  return runInContext(text, createContext({}), { filename: 'loader.js' });
}

it('finds functions and files on the stack, and leaves the settings as they were', () => {
  expect(evaluate('', 'outer')).toEqual([true, true, 10, true]);
  expect(evaluate('', 'nowhere', 'loader.js')).toEqual([true, true, 10, true]);
  expect(evaluate('', 'elsewhere')).toEqual([false, true, 10, true]);
});

it('calls nothing of the program, whatever it has made of its settings', () => {
  expect(evaluate('Error.stackTraceLimit = 0; Error.prepareStackTrace = () => { globalThis.called = true; return "outer"; }', 'outer')).toEqual([true, true, 0, true]); // prettier-ignore
  expect(evaluate('Object.defineProperty(Error, "prepareStackTrace", { set() { globalThis.called = true; } })', 'outer')).toEqual([false, true, 10, true]); // prettier-ignore
  expect(evaluate('Object.freeze(Error)', 'outer')).toEqual([false, true, 10, true]);
});
