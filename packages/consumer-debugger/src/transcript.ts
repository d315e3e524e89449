import type { Writable } from 'node:stream';
import { createPaint, type Paint } from './paint.ts';

export interface TranscriptOptions {
  readonly hasColour: boolean;
  /** Columns that a line should not exceed. */
  readonly width: () => number;
}

/** What the user reads: lines on one stream, in order. */
export class Transcript {
  readonly paint: Paint;
  readonly #output: Writable;
  readonly #width: () => number;
  #around: ((print: () => void) => void) | undefined;

  constructor(output: Writable, options: TranscriptOptions) {
    this.#output = output;
    this.#width = options.width;
    this.paint = createPaint(options.hasColour);
  }

  get width(): number {
    return Math.max(40, this.#width());
  }

  write(...lines: readonly string[]): void {
    for (const line of lines) this.#output.write(`${line}\n`);
  }

  /** A line that comes on its own, in brackets: a thread that stopped or ran on by itself. */
  notice(text: string): void {
    const print = (): void => this.write(this.paint('yellow', `[${text}]`));
    if (this.#around === undefined) print();
    else this.#around(print);
  }

  /** While a prompt stands, notices are printed by `around`, which clears it and draws it again. */
  guard(around: ((print: () => void) => void) | undefined): void {
    this.#around = around;
  }
}
