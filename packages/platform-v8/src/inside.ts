/**
 * The text of an expression: was the thread interrupted below a call whose frame has one of these
 * words? The program's `Error` settings are put back; no setter of its own and no
 * `prepareStackTrace` is called. Where it forbids them to be changed, the answer is no.
 */
export function isInside(...words: readonly string[]): string {
  return `((words) => {
const { getOwnPropertyDescriptor, isExtensible } = Object, { deleteProperty, set } = Reflect, undo = [];
const change = (key, value) => {
  const before = getOwnPropertyDescriptor(Error, key);
  if (before === undefined ? !isExtensible(Error) : before.writable !== true) return false;
  set(Error, key, value);
  undo.push(() => (before === undefined ? deleteProperty(Error, key) : set(Error, key, before.value)));
  return true;
};
try {
  const holder = {};
  if (!change('stackTraceLimit', 200) || !change('prepareStackTrace', undefined)) return false;
  Error.captureStackTrace(holder);
  return words.some((word) => String(holder.stack).includes(word));
} catch {
  return false;
} finally {
  for (const each of undo) each();
}
})(${JSON.stringify(words)})`;
}

/**
 * The text of an expression: was the thread interrupted while it loads a module of Node's own? That
 * module is half there: what is loaded now and needs it would be broken, for the program too.
 */
export const isLoadingModule: string = isInside('node:internal/bootstrap/');
