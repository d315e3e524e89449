import { PassThrough, Readable } from 'node:stream';
import { type DebuggerOptions, runDebugger } from '../consumer.ts';
import type { FakeProcess } from './fake-process.ts';

/** Everything that is written to it, as text. */
export class Sink extends PassThrough {
  text = '';

  constructor() {
    super();
    this.setEncoding('utf8');
    this.on('data', (chunk: string) => {
      this.text += chunk;
    });
  }
}

export interface Run {
  readonly code: number;
  /** What was printed, without the greeting and the farewell. */
  readonly transcript: string;
  readonly whole: string;
  readonly errors: string;
}

/** Pipes commands into the debugger, as a script would. */
export async function runLines(
  process: FakeProcess,
  lines: readonly string[],
  options: Partial<DebuggerOptions> = {},
): Promise<Run> {
  const output = new Sink();
  const errorOutput = new Sink();
  const code = await runDebugger({
    connection: process,
    input: Readable.from(lines.map((line) => `${line}\n`)),
    output,
    errorOutput,
    cwd: '/somewhere/else',
    env: {},
    ...options,
  });
  const whole = output.text;
  const inner = whole
    .split('\n')
    .filter((line) => !/^(?:Attached to|Detached from) process/.test(line));
  return { code, whole, transcript: inner.join('\n').trimEnd(), errors: errorOutput.text };
}
