/**
 * The stack of the posting thread, innermost first, one frame a line as V8 prints it without
 * `    at `; our own frames are left out. Empty where the program forbids it (a frozen `Error`).
 *
 * The program's own `Error` settings are put back, and its `prepareStackTrace` is not called.
 *
 * @param below - the function whose callers are wanted
 */
export function captureStack(depth: number, below: (...args: never[]) => unknown): string {
  const putBack = [
    change('stackTraceLimit', depth + spare),
    change('prepareStackTrace', undefined),
  ];
  try {
    if (!putBack.every(Boolean)) return '';
    const holder: { stack?: string } = {};
    Error.captureStackTrace(holder, below);
    const lines = (holder.stack ?? '').replace(/^[^\n]*\n?/, '').replaceAll(/^ {4}at /gm, '');
    const frames = lines.split('\n');
    return frames
      .filter((frame) => !own.test(frame))
      .slice(0, depth)
      .join('\n');
  } catch {
    return '';
  } finally {
    for (const undo of putBack) undo?.();
  }
}

// What is loaded into a program under this scheme stands between its call and the post.
const own = /(?:^|\()extension-events:/;
/** Frames of ours that may be in between. */
const spare = 8;

// Only a plain, writable setting is touched: a setter is the program's code.
function change(
  key: 'stackTraceLimit' | 'prepareStackTrace',
  value: unknown,
): (() => void) | undefined {
  const before = Object.getOwnPropertyDescriptor(Error, key);
  if (before?.value === value && before?.writable !== false) return noop;
  if (before === undefined ? !Object.isExtensible(Error) : before.writable !== true)
    return undefined;
  Reflect.set(Error, key, value);
  return () => {
    if (before === undefined) Reflect.deleteProperty(Error, key);
    else Reflect.set(Error, key, before.value);
  };
}

const noop = (): void => {};
