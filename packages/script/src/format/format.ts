import { ScriptError } from '../program/errors.ts';
import { parsePieces } from '../program/parser.ts';
import { isSpaced, kindOf } from './spacing.ts';
import { attachComments } from './tokens.ts';
import type { Comment, FormatToken } from './tokens.ts';
import { TreeReader } from './tree.ts';
import type { Block, Compound, Layout, Run } from './tree.ts';
import { Writer } from './writer.ts';

const lineLength = 100;

/**
 * A script in its usual layout: two blanks a level, one statement a line, blanks around operators. A
 * block that was written on one line, with at most one statement, stays so while it fits 100
 * columns. Comments, empty lines between statements and line breaks inside of them stay. Formatting
 * what was formatted changes nothing.
 *
 * @throws ScriptError when the text does not follow the grammar
 */
export function formatProgram(text: string, name: string = 'script.ev'): string {
  const { pieces, problems } = parsePieces({ name, text });
  const [first, ...rest] = problems;
  if (first !== undefined) throw new ScriptError([first, ...rest]);
  const { items, end } = new TreeReader(attachComments(text, pieces)).items();
  const writer = new Writer();
  const layouter = new Layouter(writer);
  layouter.list(items);
  if (end.hasGap && end.before.length > 0) writer.gap();
  layouter.comments(end.before.map((comment) => ({ ...comment, isFirst: true })));
  return writer.text;
}

/** Writes a tree. */
class Layouter {
  readonly #writer: Writer;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  comments(comments: readonly Comment[]): void {
    this.#writer.before(comments);
  }

  list(layouts: readonly Layout[]): void {
    for (const layout of layouts) {
      this.#writer.newLine();
      if (firstOf(layout).hasGap && !this.#writer.isEmpty) this.#gapUnlessFirst(layout, layouts);
      this.#layout(layout, false);
    }
  }

  #gapUnlessFirst(layout: Layout, layouts: readonly Layout[]): void {
    if (layout !== layouts[0]) this.#writer.gap();
  }

  /** @param isLast - before the `}` of its line: no `;` then */
  #layout(layout: Layout, isLast: boolean): void {
    if (layout.kind === 'run') this.#run(layout, isLast);
    else if (layout.kind === 'block') this.#block(layout, false);
    else this.#compound(layout, isLast);
  }

  #run({ tokens, after, needsEnd }: Run, isLast: boolean): void {
    const last = tokens.at(-1);
    const inner = last === undefined ? tokens : [...tokens.slice(0, -1), { ...last, after: [] }];
    this.#tokens(inner);
    if (needsEnd && !isLast) this.#writer.write(';');
    this.#writer.after([...(last?.after ?? []), ...after]);
  }

  /** @param hasBlank - behind an `else` */
  #compound({ head, body, otherwise }: Compound, isLast: boolean, hasBlank: boolean = false): void {
    this.#tokens(head, hasBlank);
    this.#below(body, isLast && otherwise === undefined);
    if (otherwise === undefined) return;
    const { word, body: rest } = otherwise;
    if (body.kind !== 'block') this.#writer.newLine();
    this.#writer.before(word.before);
    this.#writer.write('else', true);
    this.#writer.after(word.after);
    if (isChained(word, rest)) this.#compound(rest, isLast, true);
    else this.#below(rest, isLast);
  }

  /** A body behind its head: on the line of the head when it was there and fits. */
  #below(body: Layout, isLast: boolean): void {
    if (body.kind === 'block') {
      this.#block(body, true);
      return;
    }
    const { isFirst, before } = firstOf(body);
    const flat = isFirst || before.length > 0 ? undefined : flatten(body, isLast);
    if (flat !== undefined && this.#writer.column + 1 + flat.length <= lineLength) {
      this.#writer.write(flat, true);
      this.#writer.after(trailingOf(body));
      return;
    }
    this.#writer.newLine();
    this.#writer.indented(1, () => this.#layout(body, false));
  }

  /** @param hasBlank - behind a head */
  #block(block: Block, hasBlank: boolean): void {
    const { open, body, close } = block;
    const flat = flattenBlock(block);
    this.#writer.before(open.before);
    if (flat !== undefined && this.#writer.column + 1 + flat.length <= lineLength) {
      this.#writer.write(flat, hasBlank);
    } else {
      this.#writer.write('{', hasBlank);
      this.#writer.after(open.after);
      this.#writer.indented(1, () => {
        this.list(body);
        if (close.before.length > 0) this.#writer.newLine();
        const hasGap = close.before[0]?.hasGap === true && body.length > 0;
        if (hasGap) this.#writer.gap();
        this.#writer.before(close.before.map((each, i) => ({ ...each, isFirst: true, hasGap: i > 0 && each.hasGap }))); // prettier-ignore
      });
      this.#writer.newLine();
      this.#writer.write('}');
    }
    this.#writer.after(close.after);
  }

  /** Tokens of one statement; line breaks between them stay, two levels in. */
  #tokens(tokens: readonly FormatToken[], hasBlank: boolean = false): void {
    const kind = kindOf(tokens);
    const payload = payloadOf(tokens);
    for (const [index, token] of tokens.entries()) {
      const isInside = payload !== undefined && index > payload && index < tokens.length - 1;
      const isLaidOut = payload !== undefined && tokens[payload + 1]?.isFirst === true;
      const depth = index === 0 ? 0 : isLaidOut && index > payload ? (isInside ? 1 : 0) : 2;
      const breaks =
        index > 0 &&
        (isLaidOut && index > payload
          ? index === tokens.length - 1 || isFieldStart(tokens, index, payload)
          : token.isFirst);
      this.#writer.indented(depth, () => {
        this.#writer.before(token.before);
        if (breaks || (index === 0 && token.isFirst && token.before.length > 0)) {
          this.#writer.newLine();
        }
        if (index === 0 && token.isApart) this.#writer.gap();
        const isTrailingComma = !isLaidOut && token.text === ',' && index === tokens.length - 2 && payload !== undefined; // prettier-ignore
        if (isTrailingComma) return;
        const isAfterComma = !isLaidOut && payload !== undefined && index === tokens.length - 1;
        const blank = index === 0 ? hasBlank : isSpaced(tokens, index, kind) || isAfterComma;
        this.#writer.write(token.text, blank);
        if (isLaidOut && index === tokens.length - 2 && token.text !== ',') this.#writer.write(',');
        this.#writer.after(token.after);
      });
    }
  }
}

/** `else if` stays together. */
function isChained(word: FormatToken, rest: Layout): rest is Compound {
  if (rest.kind !== 'compound' || rest.head[0]?.text !== 'if') return false;
  return word.after.length === 0 && rest.head[0].before.length === 0;
}

/** Index of the `{` of a payload, whose `}` ends the run; undefined without one, and of an empty one. */
function payloadOf(tokens: readonly FormatToken[]): number | undefined {
  const index = tokens.findIndex(({ kind, text }) => kind === 'operator' && text === '{');
  return index < 0 || index === tokens.length - 2 ? undefined : index;
}

/** Is the token the first of a field? */
function isFieldStart(tokens: readonly FormatToken[], index: number, payload: number): boolean {
  if (index === payload + 1) return true;
  let depth = 0;
  for (let i = payload + 1; i < index; i++) {
    const { kind, text } = tokens[i] ?? { kind: 'end', text: '' };
    if (kind !== 'operator') continue;
    if (text === '(' || text === '[') depth++;
    if (text === ')' || text === ']') depth--;
  }
  return depth === 0 && tokens[index - 1]?.kind === 'operator' && tokens[index - 1]?.text === ',';
}

function firstOf(layout: Layout): FormatToken {
  const token =
    layout.kind === 'run'
      ? layout.tokens[0]
      : layout.kind === 'block'
        ? layout.open
        : layout.head[0];
  return (
    token ?? {
      kind: 'end',
      text: '',
      before: [],
      after: [],
      isFirst: false,
      hasGap: false,
      isApart: false,
    }
  );
}

// ---- One line

/** Comments behind the last token of what was flattened. */
function trailingOf(layout: Layout): readonly Comment[] {
  if (layout.kind === 'block') return layout.close.after;
  if (layout.kind === 'compound') return trailingOf(layout.otherwise?.body ?? layout.body);
  return [...(layout.tokens.at(-1)?.after ?? []), ...layout.after];
}

/** The text on one line; undefined when a comment or a line break inside of it forbids that. */
function flatten(layout: Layout, isLast: boolean): string | undefined {
  if (layout.kind === 'block') return flattenBlock(layout);
  if (layout.kind === 'run') {
    const flat = flattenTokens(layout.tokens);
    return flat === undefined ? undefined : `${flat}${layout.needsEnd && !isLast ? ';' : ''}`;
  }
  const { head, body, otherwise } = layout;
  if (firstOf(body).isFirst || hasTrailing(head) || firstOf(body).before.length > 0)
    return undefined;
  const headText = flattenTokens(head);
  const bodyText = flatten(body, isLast && otherwise === undefined);
  if (headText === undefined || bodyText === undefined) return undefined;
  if (otherwise === undefined) return `${headText} ${bodyText}`;
  // An else has a line of its own, but behind a block.
  const { word, body: rest } = otherwise;
  if (body.kind !== 'block' || firstOf(rest).isFirst || hasComments(word)) return undefined;
  if (body.close.after.length > 0 || firstOf(rest).before.length > 0) return undefined;
  const restText = flatten(rest, isLast);
  return restText === undefined ? undefined : `${headText} ${bodyText} else ${restText}`;
}

function flattenBlock({ open, body, close }: Block): string | undefined {
  if (open.after.length > 0 || close.before.length > 0) return undefined;
  const [only, ...more] = body;
  if (only === undefined) return '{}';
  if (more.length > 0 || firstOf(only).isFirst || close.isFirst) return undefined;
  if (firstOf(only).before.length > 0 || trailingOf(only).length > 0) return undefined;
  const flat = flatten(only, true);
  return flat === undefined ? undefined : `{ ${flat} }`;
}

function flattenTokens(tokens: readonly FormatToken[]): string | undefined {
  const kind = kindOf(tokens);
  const payload = payloadOf(tokens);
  let text = '';
  for (const [index, token] of tokens.entries()) {
    const isLast = index === tokens.length - 1;
    if (index > 0 && (token.isFirst || token.before.length > 0)) return undefined;
    if (!isLast && token.after.length > 0) return undefined;
    const isTrailingComma = token.text === ',' && payload !== undefined && index === tokens.length - 2; // prettier-ignore
    if (isTrailingComma) continue;
    const blank = (index > 0 && isSpaced(tokens, index, kind)) || (isLast && payload !== undefined);
    text += `${blank ? ' ' : ''}${token.text}`;
  }
  return text;
}

function hasTrailing(tokens: readonly FormatToken[]): boolean {
  return (tokens.at(-1)?.after.length ?? 0) > 0;
}

function hasComments({ before, after }: FormatToken): boolean {
  return before.length > 0 || after.length > 0;
}
