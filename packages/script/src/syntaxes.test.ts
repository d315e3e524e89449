import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { libraryFiles } from './library/index.ts';
import { parsePieces } from './program/parser.ts';
import { validPrograms } from './program/testing/programs.ts';
import { keywords } from './program/words.ts';

// A small engine for TextMate grammars: what editors do, line by line, with the rules that ours uses.
interface Rule {
  readonly name?: string;
  readonly include?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly captures?: Captures;
  readonly beginCaptures?: Captures;
  readonly endCaptures?: Captures;
  readonly patterns?: readonly Rule[];
}
type Captures = Readonly<Record<string, { readonly name: string }>>;
interface Grammar {
  readonly scopeName: string;
  readonly patterns: readonly Rule[];
  readonly repository: Readonly<Record<string, Rule>>;
}
interface Scoped {
  readonly start: number;
  readonly end: number;
  readonly scope: string;
}

const grammar = JSON.parse(
  readFileSync(new URL('../syntaxes/extev.tmLanguage.json', import.meta.url), 'utf8'),
) as Grammar;

function tokenize(text: string): readonly Scoped[] {
  const found: Scoped[] = [];
  const open: Rule[] = [];
  let offset = 0;
  for (const line of text.split(/(?<=\n)/)) {
    tokenizeLine(line, offset);
    offset += line.length;
  }
  return found;

  function tokenizeLine(line: string, base: number): void {
    let at = 0;
    for (let steps = 0; at <= line.length && steps < 10_000; steps++) {
      const top = open.at(-1);
      const next = first(line, at, top);
      if (next === undefined) {
        if (top?.name !== undefined) add(base + at, base + line.length, top.name);
        return;
      }
      const { rule, match, isEnd } = next;
      if (top?.name !== undefined) add(base + at, base + match.index, top.name);
      const end = match.index + match[0].length;
      const name = rule.name ?? (isEnd ? top?.name : undefined);
      if (name !== undefined) add(base + match.index, base + end, name);
      addCaptures(match, base, isEnd ? rule.endCaptures : (rule.beginCaptures ?? rule.captures));
      if (isEnd) open.pop();
      else if (rule.begin !== undefined) open.push(rule);
      else if (end === match.index) throw new Error(`${rule.match ?? ''} matches nothing`);
      at = end;
    }
  }

  function first(
    line: string,
    at: number,
    top: Rule | undefined,
  ):
    | {
        readonly rule: Rule;
        readonly match: RegExpMatchArray & { readonly index: number };
        readonly isEnd: boolean;
      }
    | undefined {
    // prettier-ignore
    let best: ReturnType<typeof first>;
    const consider = (rule: Rule, source: string | undefined, isEnd: boolean): void => {
      if (source === undefined) return;
      const regex = new RegExp(source, 'gm');
      regex.lastIndex = at;
      const match = regex.exec(line);
      if (match !== null && (best === undefined || match.index < best.match.index)) best = { rule, match, isEnd }; // prettier-ignore
    };
    if (top !== undefined) consider(top, top.end, true);
    for (const rule of flatten(top?.patterns ?? (top === undefined ? grammar.patterns : []))) {
      consider(rule, rule.match ?? rule.begin, false);
    }
    return best;
  }

  function addCaptures(match: RegExpMatchArray, base: number, captures: Captures = {}): void {
    let from = match.index ?? 0;
    for (const [group, part] of match.entries()) {
      const name = captures[String(group)]?.name;
      if (part === undefined || (group === 0 && name === undefined)) continue;
      const start = group === 0 ? from : (match.input ?? '').indexOf(part, from);
      if (name !== undefined) add(base + start, base + start + part.length, name);
      if (group > 0) from = start + part.length;
    }
  }

  function add(start: number, end: number, scope: string): void {
    if (end > start) found.push({ start, end, scope });
  }
}

function flatten(rules: readonly Rule[]): readonly Rule[] {
  return rules.flatMap((rule) => {
    if (rule.include !== undefined) {
      const target = grammar.repository[rule.include.slice(1)];
      if (target === undefined) throw new Error(`no ${rule.include}`);
      return flatten([target]);
    }
    const isGroup = rule.match === undefined && rule.begin === undefined;
    return isGroup ? flatten(rule.patterns ?? []) : [rule];
  });
}

const page = readFileSync(new URL('../../../docs/script-language.md', import.meta.url), 'utf8');
const examples = Array.from(page.matchAll(/^```extev(?: run)?\n(.*?)^```$/gms), ([, text = '']) => text); // prettier-ignore

/** Every token has a scope, and one of its kind; tells how many there are. */
function countScoped(text: string): number {
  const scoped = tokenize(text);
  const { pieces, problems } = parsePieces({ name: 'a.ev', text });
  expect(problems).toEqual([]);
  for (const { kind, start, end } of pieces) {
    const source = text.slice(start, end);
    // The innermost comes last.
    const scopes = scoped.filter((each) => each.start <= start && each.end > start);
    const scope = scopes.at(-1)?.scope ?? 'none';
    expect([source, scope]).toEqual([source, expect.stringMatching(wantedScope(kind, source))]);
    const outer = kind === 'string' ? /^string/ : /./;
    expect([source, scopes[0]?.scope]).toEqual([source, expect.stringMatching(outer)]);
  }
  return pieces.length;
}

/** What the innermost scope of a token looks like. */
function wantedScope(kind: string, source: string): RegExp {
  if (kind === 'integer' || kind === 'float') return /^constant.numeric/;
  if (kind === 'field') return /^variable.other.field.extev$/;
  const isKeyword = kind === 'name' && keywords.includes(source) && source !== 'limit';
  return isKeyword ? /^(?:keyword|storage|constant.language)/ : /^(?!none$|comment)/;
}

describe('the TextMate grammar', () => {
  it('is the one that package.json ships', () => {
    const { files } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly files: readonly string[] }; // prettier-ignore
    expect(files).toContain('syntaxes');
    expect(grammar.scopeName).toBe('source.extev');
  });

  it.each(
    [...examples, ...libraryFiles.map(({ text }) => text)].map(
      (text) => [text.split('\n')[0], text] as const,
    ),
  )(
    // prettier-ignore
    'gives a scope to every token of %s',
    (_, text) => expect(countScoped(text)).toBeGreaterThan(5),
  );

  it('gives a scope to every token of random programs', () => {
    fc.assert(
      fc.property(validPrograms, (text) => {
        expect(countScoped(text)).toBeGreaterThan(5);
      }),
      { numRuns: 5 },
    );
  });

  it('leaves comments and the inside of strings alone', () => {
    const text = 'probe begin { print("if # x"); } # while\n/* probe\nend */ probe end {}';
    const scoped = tokenize(text);
    const scopeAt = (part: string): string | undefined =>
      scoped.findLast(({ start, end }) => start <= text.indexOf(part) && end > text.indexOf(part))?.scope; // prettier-ignore
    expect(scopeAt('if #')).toBe('string.quoted.double.extev');
    expect(scopeAt('while')).toBe('comment.line.number-sign.extev');
    expect(scopeAt('end */')).toBe('comment.block.extev');
    expect(scopeAt('end {')).toBe('support.constant.point.extev');
  });
});
