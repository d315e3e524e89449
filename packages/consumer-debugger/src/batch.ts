import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Interpreter } from './interpreter.ts';

/** Where a batch of commands went wrong. */
export interface BatchFailure {
  readonly place: string;
  readonly line: string;
}

/**
 * Runs the lines of a stream until one fails, the debugger is left, or the stream ends.
 *
 * @param name - What the stream is called when a line of it fails.
 */
export async function runBatch(
  interpreter: Interpreter,
  input: Readable,
  name: string,
): Promise<BatchFailure | undefined> {
  const lines = createInterface({ input, terminal: false, crlfDelay: Infinity });
  let number = 0;
  try {
    for await (const line of lines) {
      number++;
      if ((await interpreter.execute(line)) === 'failed') {
        return { place: `${name}:${number}`, line: line.trim() };
      }
      if (interpreter.exitCode !== undefined) return undefined;
    }
    if (interpreter.isCollecting) await interpreter.execute('end');
    return undefined;
  } finally {
    lines.close();
  }
}
