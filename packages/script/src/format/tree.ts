/** Tokens of a valid text as a tree of statements: as much structure as layout needs. */
import type { Comment, FormatToken } from './tokens.ts';

/** Tokens that make a line of their own, without what ends them. */
export interface Run {
  readonly kind: 'run';
  readonly tokens: readonly FormatToken[];
  /** Comments of the `;` that ended it. */
  readonly after: readonly Comment[];
  /** `event` and `probe` need no `;`. */
  readonly needsEnd: boolean;
}
/** `if (…)` and its like, or the head of a probe, with what stands below. */
export interface Compound {
  readonly kind: 'compound';
  readonly head: readonly FormatToken[];
  readonly body: Layout;
  readonly otherwise?: { readonly word: FormatToken; readonly body: Layout };
}
export interface Block {
  readonly kind: 'block';
  readonly open: FormatToken;
  readonly body: readonly Layout[];
  readonly close: FormatToken;
}
export type Layout = Run | Compound | Block;

const nothing: FormatToken = { kind: 'end', text: '', before: [], after: [], isFirst: false, hasGap: false, isApart: false, }; // prettier-ignore

/** Reads what the parser has accepted: nothing is checked. */
export class TreeReader {
  readonly #tokens: readonly FormatToken[];
  #next = 0;
  #pending: Comment[] = [];

  constructor(tokens: readonly FormatToken[]) {
    this.#tokens = tokens;
  }

  /** All items; the comments at the end of the text are the last token's. */
  items(): { readonly items: readonly Layout[]; readonly end: FormatToken } {
    const items: Layout[] = [];
    for (;;) {
      this.#skipEmpty();
      const token = this.#peek();
      if (token.kind === 'end') return { items, end: this.#take() };
      items.push(token.text === 'probe' ? this.#probe() : this.#run(token.text !== 'event'));
    }
  }

  #probe(): Layout {
    const head: FormatToken[] = [];
    let depth = 0;
    while (depth > 0 || this.#peek().text !== '{') {
      const { text } = this.#peek();
      if (text === '(') depth++;
      if (text === ')') depth--;
      head.push(this.#take());
    }
    return { kind: 'compound', head, body: this.#block() };
  }

  #statement(): Layout {
    switch (this.#peek().text) {
      case '{':
        return this.#block();
      case 'if':
      case 'while':
      case 'for':
      case 'foreach':
        return this.#compound();
      default:
        return this.#run(true);
    }
  }

  #compound(): Layout {
    const isIf = this.#peek().text === 'if';
    const head: FormatToken[] = [];
    let depth = 0;
    do {
      const { text } = this.#peek();
      if (text === '(') depth++;
      if (text === ')') depth--;
      head.push(this.#take());
    } while (depth > 0 || head.length < 2);
    const body = this.#body();
    if (!isIf || this.#peek().text !== 'else') return { kind: 'compound', head, body };
    const word = this.#take();
    return { kind: 'compound', head, body, otherwise: { word, body: this.#body() } };
  }

  #body(): Layout {
    if (this.#peek().text !== ';') return this.#statement();
    const end = this.#take();
    return { kind: 'block', open: { ...end, text: '{', after: [] }, body: [], close: { ...nothing, text: '}', after: end.after } }; // prettier-ignore
  }

  #block(): Block {
    const open = this.#take();
    const body: Layout[] = [];
    for (;;) {
      this.#skipEmpty();
      if (this.#peek().text === '}') return { kind: 'block', open, body, close: this.#take() };
      body.push(this.#statement());
    }
  }

  /** A statement without statements below it, or an item but a probe. */
  #run(needsEnd: boolean): Run {
    const tokens: FormatToken[] = [];
    let depth = 0;
    for (;;) {
      const { text, kind } = this.#peek();
      const isItem = !needsEnd || tokens[0]?.text === 'global';
      const isNextItem = isItem && depth === 0 && tokens.length > 1 && ['event', 'global', 'probe'].includes(text) && kind === 'name'; // prettier-ignore
      if (kind === 'end' || isNextItem) break;
      if (depth === 0 && (text === ';' || text === '}')) break;
      if ('([{'.includes(text)) depth++;
      if (')]}'.includes(text)) depth--;
      tokens.push(this.#take());
    }
    const isEnded = this.#peek().text === ';';
    const end = isEnded ? this.#take() : nothing;
    // Comments around a `;` that find no room behind it go to what follows.
    const hasRoom = tokens.at(-1)?.after.length === 0 && end.before.length === 0;
    if (!hasRoom) this.#pending.push(...[...end.before, ...end.after].map(onOwnLine));
    const isBare = tokens[0]?.text === 'event' && tokens.at(-1)?.text !== '}';
    return { kind: 'run', tokens, after: hasRoom ? end.after : [], needsEnd: needsEnd || isBare };
  }

  /** Statements that are nothing but `;`: their comments go to what follows. */
  #skipEmpty(): void {
    while (this.#peek().text === ';') {
      const { before, after } = this.#take();
      this.#pending.push(...before, ...after.map(onOwnLine));
    }
  }

  #peek(): FormatToken {
    return this.#tokens[this.#next] ?? nothing;
  }

  #take(): FormatToken {
    const token = this.#peek();
    this.#next++;
    if (this.#pending.length === 0) return token;
    const before = [...this.#pending, ...token.before];
    this.#pending = [];
    return { ...token, before };
  }
}

function onOwnLine(comment: Comment): Comment {
  return { ...comment, isFirst: true };
}
