import { runInThisContext } from 'node:vm';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { bindingName, conditionOf, installHelper, readHit, removeHelper } from './helper.ts';

const sent: string[] = [];

function install(): void {
  Object.defineProperty(globalThis, bindingName, { value: (text: string) => void sent.push(text), configurable: true }); // prettier-ignore
  runInThisContext(installHelper);
}

afterEach(() => {
  runInThisContext(removeHelper);
  sent.length = 0;
});

const hidden = (): string[] => Object.getOwnPropertyNames(globalThis).filter((name) => name.includes('extensionEvents')); // prettier-ignore

it('the condition is false, tells what it is to tell, and never shows the binding', () => {
  install();
  expect(hidden()).toEqual(['__extensionEventsHit']);
  const captures = [{ text: 'NaN', root: 'NaN', path: [] }];
  expect(runInThisContext(conditionOf(7, 3, captures))).toBe(false);
  const hit = readHit(sent[0] ?? '');
  expect(hit).toMatchObject({ spot: 7, values: ['NaN'] });
  expect(hit?.frames.length).toBeLessThanOrEqual(3);
  expect(hit?.frames.every(([, url]) => !url.startsWith('extension-events:'))).toBe(true);
  runInThisContext(removeHelper);
  expect(hidden()).toEqual([]);
});

it('leaves the settings of Error as they were, and bears a frozen one', () => {
  install();
  const { stackTraceLimit } = Error;
  const prepare = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  Error.stackTraceLimit = 3;
  Error.prepareStackTrace = () => 'mine';
  runInThisContext(conditionOf(1, 8, []));
  expect(Error.stackTraceLimit).toBe(3);
  expect(new Error('x').stack).toBe('mine');
  Object.defineProperty(Error, 'stackTraceLimit', { get: () => 5, configurable: true });
  runInThisContext(conditionOf(1, 8, []));
  expect(readHit(sent[1] ?? '')?.frames).toEqual([]);
  Object.defineProperty(Error, 'stackTraceLimit', { value: stackTraceLimit, writable: true, configurable: true, enumerable: true }); // prettier-ignore
  Reflect.deleteProperty(Error, 'prepareStackTrace');
  if (prepare !== undefined) Object.defineProperty(Error, 'prepareStackTrace', prepare);
  expect(sent).toHaveLength(2);
});

it('reads what the helper sends and nothing else', () => {
  for (const text of ['', '1', 'null', '[]', '{}', '{"spot":1}', '{"spot":1,"timestampNs":1,"frames":[1]}', '{"spot":1,"timestampNs":1,"frames":[],"values":[1]}']) expect(readHit(text)).toBeUndefined(); // prettier-ignore
  fc.assert(fc.property(fc.jsonValue(), (value) => void readHit(JSON.stringify(value))));
  fc.assert(fc.property(fc.string(), (text) => void readHit(text)));
});
