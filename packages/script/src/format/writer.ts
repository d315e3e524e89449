import type { Comment } from './tokens.ts';

const step = 2;

/** Lines under construction. */
export class Writer {
  #text = '';
  #line = '';
  #indent = 0;
  /** A comment up to the end of the line was written: nothing may follow it there. */
  #isClosed = false;
  #isAfterComment = false;

  get text(): string {
    return this.#text + (this.#line === '' ? '' : `${this.#line}\n`);
  }

  get column(): number {
    return this.#line.slice(this.#line.lastIndexOf('\n') + 1).length || this.#indent * step;
  }

  get isEmpty(): boolean {
    return this.#text === '' && this.#line === '';
  }

  /** @param hasBlank - whether a blank comes before it, if it does not start a line */
  write(text: string, hasBlank: boolean = false): void {
    if (this.#isClosed) this.newLine();
    if (this.#line === '') this.#line = ' '.repeat(this.#indent * step) + text;
    else this.#line += (hasBlank || this.#isAfterComment ? ' ' : '') + text;
    this.#isAfterComment = false;
  }

  newLine(): void {
    this.#isClosed = false;
    this.#isAfterComment = false;
    if (this.#line === '') return;
    this.#text += `${this.#line.trimEnd()}\n`;
    this.#line = '';
  }

  /** An empty line, unless there is one or the text starts. */
  gap(): void {
    this.newLine();
    if (this.#text !== '' && !this.#text.endsWith('\n\n')) this.#text += '\n';
  }

  indented(by: number, step_: () => void): void {
    this.#indent += by;
    step_();
    this.#indent -= by;
  }

  /** Comments before a token; those that started a line get one of their own. */
  before(comments: readonly Comment[]): void {
    for (const comment of comments) {
      if (comment.isFirst) this.newLine();
      if (comment.isFirst && comment.hasGap) this.gap();
      this.#comment(comment);
    }
  }

  /** Comments behind a token. */
  after(comments: readonly Comment[]): void {
    for (const comment of comments) this.#comment(comment);
  }

  #comment({ text, isLine }: Comment): void {
    this.write(text, true);
    this.#isAfterComment = true;
    if (isLine) this.#isClosed = true;
  }
}
