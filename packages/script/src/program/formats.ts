/** Formats of `printf` and `sprintf`: text with conversions. Pure. */
import type { ValueType } from '../expression/checked.ts';
import type { FormatPart } from './checked.ts';

/** Where in the format, in units of its value, something is wrong. */
export interface FormatProblem {
  readonly at: number;
  readonly length: number;
  readonly message: string;
  readonly hint: string;
}

type Conversion = Exclude<FormatPart, string>;

// Sizes, as in %lld of C, say nothing here.
const directive = /%([-0]*)(\d*)(?:\.(\d*))?(?:hh?|ll?|[jz])?([^])?/y;
const maxWidth = 256;
const maxPrecision = 20;
const known = 'conversions are %d %x %o %f %e %s, and %% for a percent sign.';

/** Cuts a format into literal pieces and conversions. */
export function parseFormat(format: string): readonly FormatPart[] | FormatProblem {
  const parts: FormatPart[] = [];
  let literal = '';
  for (let at = 0; at < format.length;) {
    const next = format.indexOf('%', at);
    const end = next < 0 ? format.length : next;
    literal += format.slice(at, end);
    at = end;
    if (next < 0) break;
    directive.lastIndex = at;
    const [text = '%', flags = '', width = '', precision, letter = ''] = directive.exec(format) ?? []; // prettier-ignore
    if (text === '%%') literal += '%';
    else {
      const part = readConversion(flags, width, precision, letter);
      if (typeof part === 'string') return { at, length: text.length, message: part, hint: known };
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push(part);
    }
    at += text.length;
  }
  if (literal !== '') parts.push(literal);
  return parts;
}

function readConversion(
  flags: string,
  width: string,
  precision: string | undefined,
  letter: string,
): Conversion | string {
  const conversion = letter === 'i' || letter === 'u' ? 'd' : letter;
  if (letter === '') return 'The format ends in the middle of a conversion.';
  if (!isConversion(conversion))
    return `Formats have no conversion %${letter}.${letter === 'X' ? ' %x writes small letters.' : ''}`;
  if (Number(width) > maxWidth) return `A width is at most ${maxWidth}.`;
  if (Number(precision) > maxPrecision) return `A precision is at most ${maxPrecision}.`;
  if (precision !== undefined && !'fes'.includes(conversion)) {
    return `%${conversion} has no precision.`;
  }
  return {
    conversion,
    width: Number(width),
    ...(precision !== undefined && { precision: Number(precision) }),
    isLeft: flags.includes('-'),
    hasZeros: flags.includes('0'),
  };
}

function isConversion(letter: string): letter is Conversion['conversion'] {
  return letter.length === 1 && 'dxofes'.includes(letter);
}

/** Does a conversion take values of a type? */
export function takes({ conversion }: Conversion, type: ValueType): boolean {
  if (conversion === 's') return type !== 'bytes';
  return type === 'int' || type === 'float' || type === 'big';
}
