const mostLines = 300;
const longest = 400;

/** The newest lines of a text that comes in pieces. */
export class OutputLines {
  #first = 0;
  #lines: readonly string[] = [];
  /** A line that has not ended yet. */
  #open = '';

  add(text: string): void {
    const parts = `${this.#open}${text}`.split(/\r?\n/);
    this.#open = (parts.pop() ?? '').slice(0, longest);
    const all = [...this.#lines, ...parts.map((line) => line.slice(0, longest))];
    const over = Math.max(0, all.length - mostLines);
    this.#first += over;
    this.#lines = all.slice(over);
  }

  get lines(): { readonly lines: readonly string[]; readonly firstLine: number } {
    return { lines: this.#lines, firstLine: this.#first };
  }
}
