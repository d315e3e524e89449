/**
 * The stack of the posting thread, innermost first, one frame a line as V8 prints it without
 * `    at `; our own frames are left out.
 *
 * The program's own `Error` settings are put back, and its `prepareStackTrace` is not called.
 */
export function captureStack(depth: number, below: (...args: never[]) => unknown): string {
  const settings: { prepareStackTrace?: unknown } = Error;
  const { stackTraceLimit } = Error;
  const { prepareStackTrace } = settings;
  const holder: { stack?: string } = {};
  try {
    Error.stackTraceLimit = depth;
    settings.prepareStackTrace = undefined;
    Error.captureStackTrace(holder, below);
    return (holder.stack ?? '').replace(/^[^\n]*\n?/, '').replaceAll(/^ {4}at /gm, '');
  } catch {
    return ''; // a frozen Error: the program goes first
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    settings.prepareStackTrace = prepareStackTrace;
  }
}
