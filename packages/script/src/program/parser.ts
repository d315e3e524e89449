import { isEventName } from '@extension-events/core';
import type { FieldType } from '@extension-events/core';
import type { Span } from '../expression/excerpt.ts';
import { clip } from '../expression/grammar.ts';
import type { Token } from '../expression/lexer.ts';
import { nearest } from '../expression/nearest.ts';
import type {
  EventDeclaration,
  FieldDeclaration,
  GlobalDeclaration,
  Point,
  PointParameter,
  Probe,
  Program,
} from './ast.ts';
import type { Problem } from './errors.ts';
import { scriptLimits } from './limits.ts';
import { ProblemList, enough, refuse, untilEnough } from './problems.ts';
import type { Piece } from './scanner.ts';
import { itemStart, StatementParser } from './statements.ts';
import type { SourceFile } from './wire.ts';
import { isForeignTimer, isOwnPoint, isReserved, timerHint } from './words.ts';

/** What came of a text: the program holds the items that are free of errors. */
export interface ParsedProgram {
  readonly program: Program;
  readonly problems: readonly Problem[];
}

const fieldTypes: readonly FieldType[] = [
  'bool', 'u8', 'u16', 'u32', 'u64', 'i8', 'i16', 'i32', 'i64', 'f32', 'f64', 'string', 'stack',
]; // prettier-ignore
const items = ['event', 'global', 'probe'];
const rawName = /[A-Za-z0-9_*?.-]+/y;
// A foreign name goes up to a blank or to what the grammar needs behind it.
const rawPattern = /[A-Za-z*?][A-Za-z0-9*?_-]*:[^\s{}(),;"'`]+|[A-Za-z0-9_*?.-]+/y;

/**
 * Parses the files of a script. Never throws; after an error it goes on behind the statement or the
 * item that has it. Takes time in proportion to the text.
 */
export function parseProgram(files: readonly SourceFile[]): ParsedProgram {
  const list = new ProblemList();
  const program = {
    files,
    events: [] as EventDeclaration[],
    globals: [] as GlobalDeclaration[],
    probes: [] as Probe[],
  };
  untilEnough(() => {
    if (isTooLarge(files, list)) return;
    files.forEach((_, index) => new ItemParser(program, index, list).parse());
  });
  return { program, problems: list.problems };
}

/** The pieces of a text that follows the grammar, for the formatter. */
export function parsePieces(file: SourceFile): {
  readonly pieces: readonly Piece[];
  readonly problems: readonly Problem[];
} {
  const list = new ProblemList();
  const pieces: Piece[] = [];
  const program = { files: [file], events: [], globals: [], probes: [] };
  untilEnough(() => {
    if (!isTooLarge([file], list)) new ItemParser(program, 0, list, pieces).parse();
  });
  return { pieces, problems: list.problems };
}

function isTooLarge(files: readonly SourceFile[], list: ProblemList): boolean {
  const { maxLength, maxFiles } = scriptLimits;
  let length = 0;
  for (const [index, file] of files.entries()) {
    length += file.text.length;
    const isLong = length > maxLength;
    if (!isLong && index < maxFiles) continue;
    list.add(file, {
      code: 'EE_SCRIPT_LIMIT',
      message: isLong
        ? `The files have more than ${maxLength} characters together.`
        : `A script has at most ${maxFiles} files.`,
      hint: 'run several scripts with one part each.',
      span: { start: 0, end: 0 },
    });
    return true;
  }
  return false;
}

interface Building {
  readonly files: readonly SourceFile[];
  readonly events: EventDeclaration[];
  readonly globals: GlobalDeclaration[];
  readonly probes: Probe[];
}

/** Items: what stands outside of probes. */
class ItemParser extends StatementParser {
  readonly #program: Building;
  readonly #file: number;

  constructor(program: Building, file: number, list: ProblemList, pieces?: Piece[]) {
    super(program.files[file] ?? { name: '', text: '' }, list, pieces);
    this.#program = program;
    this.#file = file;
  }

  parse(): void {
    for (;;) {
      const before = this.scanner.lastEnd;
      try {
        if (this.peek().kind === 'end') return;
        if (!this.accept(';')) this.#item();
      } catch (error) {
        if (error === enough) throw error;
        if (error !== itemStart) {
          this.report(error);
          this.#skipToItem(before);
        }
      }
    }
  }

  #item(): void {
    const { start } = this.peek();
    if (this.acceptWord('event')) return this.#event(start);
    if (this.acceptWord('global')) return this.#globals();
    if (this.acceptWord('probe')) return this.#probe(start);
    const token = this.peek();
    return this.refuse(`Expected event, global or probe, found ${this.describe()}.`, hintForItem(token)); // prettier-ignore
  }

  /** Errors inside a probe are the statements' own; here an item is given up. */
  #skipToItem(before: number): void {
    let depth = 0;
    let isThrown = false;
    if (this.scanner.lastEnd === before) this.skipToken();
    for (;;) {
      const token = this.tryPeek();
      if (token === undefined) continue;
      if (token.kind === 'end') return;
      const isItem = token.kind === 'name' && items.includes(token.name) && !isThrown;
      if (isItem && (depth === 0 || this.isItemStart())) return;
      if (this.isNext('{')) depth++;
      const isEnd = depth === 0 ? this.isNext(';') || this.isNext('}') : depth === 1 && this.isNext('}'); // prettier-ignore
      if (this.isNext('}')) depth--;
      if (isEnd) return this.advance();
      isThrown = token.kind === 'name' && token.name === 'throw';
      this.advance();
    }
  }

  #event(start: number): void {
    const name = this.eventName();
    const fields: FieldDeclaration[] = [];
    if (this.accept('{')) {
      while (!this.isNext('}')) {
        fields.push(this.#field());
        if (!this.accept(',')) break;
      }
      this.expect('}', 'fields read: len: u32, peer: string?, with a comma between two.');
    }
    const { text, ...nameSpan } = name;
    const end = this.scanner.lastEnd;
    this.#checkEvent(text, nameSpan, fields);
    this.#program.events.push({ name: text, nameSpan, fields, start, end, file: this.#file });
  }

  #checkEvent(name: string, span: Span, fields: readonly FieldDeclaration[]): void {
    if (!isEventName(name)) {
      const [near] = name.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-').match(/[a-z][a-z0-9.-]*/) ?? []; // prettier-ignore
      refuse(
        'EE_SCRIPT_NAME',
        `${clip(name)} is not an event name.`,
        near !== undefined && isEventName(near)
          ? `did you mean ${near}?`
          : 'write dot-separated kebab-case such as net.send or hot-spot.',
        span,
      );
    }
    if (isOwnPoint(name) || name.startsWith('script.')) {
      const hint = 'begin, end, timer.s, timer.ms and script.… belong to the language.';
      refuse('EE_SCRIPT_NAME', `An event cannot be called ${name}.`, hint, span);
    }
    if (this.#program.events.length >= scriptLimits.maxEvents) {
      tooMany(`A script declares at most ${scriptLimits.maxEvents} events.`, span);
    }
    const names = new Set<string>();
    for (const field of fields) {
      if (names.has(field.name)) {
        const hint = 'give one of them another name.';
        refuse('EE_SCRIPT_DUPLICATE', `${name} has two fields ${field.name}.`, hint, field);
      }
      names.add(field.name);
      if (names.size > scriptLimits.maxFieldsOfEvent) {
        tooMany(`An event has at most ${scriptLimits.maxFieldsOfEvent} fields.`, field);
      }
    }
  }

  #field(): FieldDeclaration {
    const name = this.takeName('a field', 'fields read: len: u32, peer: string?.');
    this.expect(':', `write its type: ${name.name}: u32.`);
    const type = this.takeName('a type', `types are ${fieldTypes.join(' ')}.`);
    const found = fieldTypes.find((each) => each === type.name);
    if (found === undefined) {
      const near = nearest(type.name, fieldTypes);
      const guess = near === undefined ? '' : `did you mean ${near}? `;
      const hint = `${guess}types are ${fieldTypes.join(' ')}.`;
      refuse('EE_SCRIPT_TYPE', `There is no type ${clip(type.name)}.`, hint, type);
    }
    const isOptional = this.accept('?');
    const { start } = name;
    return { name: name.name, type: found, isOptional, start, end: this.scanner.lastEnd };
  }

  #globals(): void {
    do {
      const { name, start, end } = this.takeName('a name', 'write global sizes, total = 0;');
      if (isReserved(name)) {
        const hint = 'choose another name.';
        refuse('EE_SCRIPT_SYNTAX', `${name} is a word of the language.`, hint, { start, end });
      }
      const initial = this.accept('=') ? this.#literal() : undefined;
      this.#checkEndOfGlobal(name, initial !== undefined);
      if (this.#program.globals.length >= scriptLimits.maxGlobals) {
        tooMany(`A script has at most ${scriptLimits.maxGlobals} globals.`, { start, end });
      }
      this.#program.globals.push({ name, initial, start, end, file: this.#file });
    } while (this.accept(','));
  }

  #checkEndOfGlobal(name: string, hasInitial: boolean): void {
    const token = this.peek();
    if (this.isNext('[')) {
      this.refuse('A map is declared without its keys.', `write global ${name}; and use ${name}[key].`); // prettier-ignore
    }
    if (hasInitial && token.kind === 'operator' && !this.isNext(',') && !this.isNext(';')) {
      this.refuse('A global starts with a literal.', `compute it in a probe: probe begin { ${name} = …; }`); // prettier-ignore
    }
  }

  #literal(): number | string | boolean {
    const isNegative = this.accept('-');
    const token = this.peek();
    if (token.kind === 'integer' || token.kind === 'float') {
      this.advance();
      return isNegative ? -Number(token.value) : Number(token.value);
    }
    if (!isNegative && token.kind === 'string') {
      this.advance();
      this.checkString(token);
      return token.value;
    }
    if (!isNegative && this.acceptWord('true')) return true;
    if (!isNegative && this.acceptWord('false')) return false;
    const hint = 'a literal is a number, a "string", true or false.';
    return this.refuse(`Expected a literal, found ${this.describe()}.`, hint);
  }

  #probe(start: number): void {
    const before = this.problemCount;
    const points: Point[] = [];
    do points.push(this.#point());
    while (this.accept(','));
    if (this.isNext('/')) {
      this.refuse('A condition follows the word if.', 'write probe net.send if ($len == 13) { … }.'); // prettier-ignore
    }
    const body = this.block('a probe reads: probe net.send { … }.');
    const span = { start, end: this.scanner.lastEnd };
    const { maxProbes, maxPointsOfProbe } = scriptLimits;
    const head = { start, end: start + 'probe'.length };
    if (this.#program.probes.length >= maxProbes) {
      tooMany(`A script has at most ${maxProbes} probes.`, head);
    }
    if (points.length > maxPointsOfProbe) {
      tooMany(`A probe has at most ${maxPointsOfProbe} points.`, head);
    }
    // Statements with errors have been left out: what is left is not what was meant.
    if (this.problemCount > before) return;
    this.#program.probes.push({ points, body, ...span, file: this.#file });
  }

  #point(): Point {
    const { start } = this.peek();
    const first = this.#pattern();
    const isAwaited = first.text === 'await' && this.#isPattern();
    const { text: pattern, ...patternSpan } = isAwaited ? this.#pattern() : first;
    const parameters = this.accept('(') ? this.#parameters(pattern) : [];
    const condition = this.acceptWord('if')
      ? this.inParentheses(() => this.expression())
      : undefined;
    const end = this.scanner.lastEnd;
    return { pattern, patternSpan, isAwaited, parameters, condition, start, end };
  }

  #isPattern(): boolean {
    const token = this.peek();
    if (token.kind === 'operator') return token.operator === '*' || token.operator === '?';
    return token.kind !== 'end' && !(token.kind === 'name' && token.name === 'if');
  }

  #pattern(): Span & { readonly text: string } {
    const found = this.scanner.takeRaw(rawPattern);
    if (found !== undefined) return found;
    const token = this.peek();
    if (token.kind === 'string') {
      this.advance();
      return { text: token.value, start: token.start, end: token.end };
    }
    const hint = 'a point is the name of an event, or begin, end, timer.s(1).';
    return this.refuse(`Expected the name of an event, found ${this.describe()}.`, hint);
  }

  #parameters(pattern: string): readonly PointParameter[] {
    const parameters: PointParameter[] = [];
    if (this.accept(')')) return parameters;
    do {
      const token = this.peek();
      const isNamed = token.kind === 'name' && !['true', 'false'].includes(token.name);
      if (isNamed) {
        this.advance();
        this.expect('=', `write ${token.name}=VALUE.`);
      } else if (!pattern.startsWith('timer.')) {
        return this.refuse(
          'A parameter needs its name.',
          isForeignTimer(pattern)
            ? timerHint
            : 'write perfmon.overflow(counter="page-faults", period=100).',
        );
      }
      const value = this.#literal();
      const name = isNamed ? token.name : undefined;
      parameters.push({ name, value, start: token.start, end: this.scanner.lastEnd });
    } while (this.accept(','));
    this.expect(')', 'separate parameters by commas and close the list.');
    return parameters;
  }

  /** Takes the name of an event that is declared. */
  eventName(): Span & { readonly text: string } {
    const found = this.scanner.takeRaw(rawName);
    if (found !== undefined) return found;
    const hint = 'an event is declared as: event lucky13 { len: u32 }.';
    return this.refuse(`Expected the name of an event, found ${this.describe()}.`, hint);
  }
}

function hintForItem(token: Token): string {
  const name = token.kind === 'name' ? token.name : '';
  if (name === 'BEGIN' || name === 'END') return `did you mean probe ${name.toLowerCase()}?`;
  const near = nearest(name, items);
  return near === undefined
    ? 'statements stand in a probe: probe net.send { … }.'
    : `did you mean ${near}?`;
}

function tooMany(message: string, span: Span): never {
  return refuse('EE_SCRIPT_LIMIT', message, 'run several scripts with one part each.', span);
}
