import type { ReadStream, WriteStream } from 'node:tty';
import { formatHead, formatRows, type Paint } from './format.ts';
import type { TopPicture } from './row.ts';

const enter = '\u001B[?1049h\u001B[?25l'; // the other screen, no cursor: xterm's control sequences
const leave = '\u001B[?25h\u001B[?1049l';
const home = '\u001B[H';
const eraseLine = '\u001B[K';
const eraseBelow = '\u001B[J';

/** The terminal, as far as it is used: replaced in tests. */
export interface Terminal {
  readonly input: Pick<ReadStream, 'on' | 'off' | 'setRawMode' | 'resume' | 'pause' | 'isTTY'>;
  readonly output: Pick<WriteStream, 'write' | 'on' | 'off' | 'columns' | 'rows'>;
}

/** A picture that is drawn in place, and the keys: `q` ends it, `/` filters, arrows scroll. */
export class TopScreen implements Disposable {
  /** Resolves when the user has had enough: by `q`, or by Ctrl-C. */
  readonly left: Promise<'quit' | 'interrupted'>;
  readonly #terminal: Terminal;
  readonly #paint: Paint;
  #leave: (how: 'quit' | 'interrupted') => void = () => undefined;
  #picture: TopPicture | undefined;
  #filter = '';
  #isTyping = false;
  #first = 0;

  constructor(terminal: Terminal, paint: Paint) {
    this.#terminal = terminal;
    this.#paint = paint;
    this.left = new Promise((resolve) => {
      this.#leave = resolve;
    });
    const { input, output } = terminal;
    if (input.isTTY) {
      input.setRawMode(true);
      input.on('data', this.#take);
      input.resume();
    }
    output.on('resize', this.#draw);
    output.write(enter);
  }

  show(picture: TopPicture): void {
    this.#picture = picture;
    this.#draw();
  }

  readonly #take = (data: Buffer): void => {
    const key = data.toString();
    if (key === '\u0003') return this.#leave('interrupted'); // Ctrl-C, which raw mode hands over
    if (this.#isTyping) this.#type(key);
    else if (key === 'q') this.#leave('quit');
    else if (key === '/') this.#isTyping = true;
    else if (key === '\u001B') this.#filter = '';
    else if (key === '\u001B[A' || key === 'k') this.#first = Math.max(0, this.#first - 1);
    else if (key === '\u001B[B' || key === 'j') this.#first++;
    this.#draw();
  };

  #type(key: string): void {
    this.#first = 0;
    if (key === '\r' || key === '\n') this.#isTyping = false;
    else if (key === '\u001B') {
      this.#isTyping = false;
      this.#filter = '';
    } else if (key === '\u007F' || key === '\b') this.#filter = this.#filter.slice(0, -1);
    else if (/^[!-~]+$/.test(key)) this.#filter += key;
  }

  readonly #draw = (): void => {
    const { columns, rows } = this.#terminal.output;
    if (this.#picture === undefined) return;
    const lines = this.#lines(this.#picture, columns || 80, rows || 24);
    const text = lines.map((line) => `${line}${eraseLine}`).join('\r\n');
    this.#terminal.output.write(`${home}${text}${eraseBelow}`);
  };

  #lines(picture: TopPicture, width: number, height: number): string[] {
    const head = formatHead(picture, width, this.#paint);
    const matching = picture.rows.filter(({ event }) => event.includes(this.#filter));
    const room = Math.max(1, height - head.length - 2);
    this.#first = Math.min(this.#first, Math.max(0, matching.length - room));
    const [title = '', ...rows] = formatRows(matching.slice(this.#first), width, this.#paint);
    return [...head, title, ...rows.slice(0, room), this.#foot(matching.length, width)].slice(0, height); // prettier-ignore
  }

  #foot(matching: number, width: number): string {
    if (this.#isTyping) return this.#paint('inverse', `/${this.#filter}`.slice(0, width));
    const filter = this.#filter === '' ? '' : ` · /${this.#filter} (Esc: all): ${matching}`;
    return this.#paint('dim', `q quit · / filter · ↑ ↓ scroll${filter}`.slice(0, width));
  }

  [Symbol.dispose](): void {
    const { input, output } = this.#terminal;
    output.off('resize', this.#draw);
    if (input.isTTY) {
      input.off('data', this.#take);
      input.setRawMode(false);
      input.pause();
    }
    output.write(leave);
  }
}
