import type { SourceLine } from './types.ts';

/** Asked behind each question: its answer tells that the one before is complete. */
export const sentinelAddress = 'ffffffffffffffff';

/**
 * Reads what `addr2line -f -C -i -a` writes for questions that are each followed by
 * {@link sentinelAddress}: the address on a line of its own, then a function and `file:line` for
 * each inlined call, innermost first. Nothing else marks the end of an answer.
 */
export class Addr2lineOutput {
  #rest = '';
  #answer: SourceLine[] | undefined;
  #function: string | undefined;
  readonly #onAnswer: (lines: readonly SourceLine[]) => void;

  constructor(onAnswer: (lines: readonly SourceLine[]) => void) {
    this.#onAnswer = onAnswer;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    if (line === `0x${sentinelAddress}`) {
      const answer = this.#answer;
      this.#answer = undefined;
      this.#function = undefined;
      if (answer !== undefined) this.#onAnswer(answer);
    } else if (/^0x[0-9a-f]{16}$/.test(line)) {
      this.#answer = [];
      this.#function = undefined;
    } else if (this.#answer !== undefined) {
      this.#takePair(this.#answer, line);
    }
  }

  #takePair(answer: SourceLine[], line: string): void {
    if (this.#function === undefined) {
      this.#function = line;
      return;
    }
    const match = /^(.*):(\d+)(?: \(discriminator \d+\))?$/.exec(line);
    const [, file = '??', number = '0'] = match ?? [];
    if (file !== '??' && number !== '0') {
      const name = this.#function === '??' ? '' : this.#function;
      answer.push({ function: name, file, line: Number(number) });
    }
    this.#function = undefined;
  }
}
