import { describe, expect, it } from 'vitest';
import { checkExpression, checkPredicate } from './check.ts';
import { ExpressionError } from './errors.ts';
import { parseExpression } from './parser.ts';

const descriptor = {
  name: 'sample',
  kind: 'filtered',
  description: '',
  fields: {
    len: { type: 'u32' },
    delta: { type: 'i8' },
    total: { type: 'u64' },
    share: { type: 'f64' },
    peer: { type: 'string' },
    stack: { type: 'stack' },
    body: { type: 'bytes' },
    ok: { type: 'bool' },
  },
} as const;

function typeOf(text: string): string {
  return checkExpression(parseExpression(text), descriptor).type;
}

function refusalOf(text: string): ExpressionError {
  try {
    checkPredicate(parseExpression(text), descriptor);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
  }
  throw new Error(`${text} was not refused`);
}

describe('checkExpression', () => {
  it.each([
    ['len + delta', 'int'],
    ['len + total', 'big'],
    ['total + share', 'float'],
    ['len / 2', 'float'],
    ['total / total', 'float'],
    ['total % 10', 'big'],
    ['len & 0xff', 'int'],
    ['len << total', 'int'],
    ['total >> 3', 'big'],
    ['~len', 'int'],
    ['-share', 'float'],
    ['floor(share) & 1', 'int'],
    ['floor(total)', 'big'],
    ['abs(delta)', 'int'],
    ['min(len, total)', 'big'],
    ['max(total, 1.5)', 'float'],
    ['ok ? len : total', 'big'],
    ['ok ? total : share', 'float'],
    ['ok ? peer : stack', 'string'],
    ['peer + "x"', 'string'],
    ['len(body) + len(peer)', 'int'],
    ['9007199254740993', 'big'],
    ['ok == true', 'bool'],
    ['peer < stack', 'bool'],
    ['timestamp_ns() - total', 'big'],
    ['thread_name() + event_name()', 'string'],
  ])('gives %s the type %s', (text, type) => {
    expect(typeOf(text)).toBe(type);
  });

  it('lists the fields that are read, each once, in the order of the text', () => {
    const { fields, eventName } = checkExpression(
      parseExpression('present(peer) && len > delta && $len < 5'),
      descriptor,
    );
    expect(fields).toEqual(['peer', 'len', 'delta']);
    expect(eventName).toBe('sample');
  });

  it.each([
    ['lne == 1', 'did you mean len? Fields: body, delta, len, ok, peer, share, stack, total.'],
    ['PEER == ""', 'did you mean peer?'],
    ['pid == 1', 'did you mean pid()?'],
    ['peer == localhost', 'Text needs quotes.'],
    ['constructor == 1', 'Fields: '],
    ['__proto__ == 1', 'Fields: '],
    ['hasOwnProperty == 1', 'Fields: '],
    ['present(nope)', 'Fields: '],
  ])('refuses the field of %s and says: %s', (text, hint) => {
    const error = refusalOf(text);
    expect(error.code).toBe('EE_EXPR_FIELD');
    expect(error.hint).toContain(hint);
  });

  it('says so when the event type has no fields at all', () => {
    const empty = { ...descriptor, fields: {} };
    expect(() => checkExpression(parseExpression('nothing == 1'), empty)).toThrow(
      expect.objectContaining({ hint: 'sample has no fields. Text needs quotes.' }),
    );
  });

  it('lists twenty fields and counts the rest', () => {
    const names = Array.from({ length: 23 }, (_, i) => [`f${i + 10}`, { type: 'u8' }] as const);
    const many = { ...descriptor, fields: Object.fromEntries(names) };
    expect(() => checkExpression(parseExpression('nothing == 1'), many)).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/f29 and 3 more\. /) as string }),
    );
  });

  it.each([
    ['sin(len) == 1', 'did you mean min()?'],
    ['constructor() == 1', 'Functions: pid, '],
    ['startswith(peer, "a")', 'did you mean starts_with()?'],
  ])('refuses the function of %s and says: %s', (text, hint) => {
    const error = refusalOf(text);
    expect(error.code).toBe('EE_EXPR_FUNCTION');
    expect(error.hint).toContain(hint);
  });

  it.each([
    ['len', 'len', 'did you mean len != 0?'],
    ['len + 1', 'len + 1', 'did you mean len + 1 != 0?'],
    ['ok ? 1 : 2', 'ok ? 1 : 2', 'did you mean (ok ? 1 : 2) != 0?'],
    ['peer', 'peer', 'did you mean peer != ""?'],
    ['body', 'body', 'write len(…) != 0.'],
    ['ok && len', 'len', 'did you mean len != 0?'],
    ['!(len)', '(len)', 'did you mean len != 0?'],
    ['len ? ok : ok', 'len', 'did you mean len != 0?'],
    ['1 < len < 3', '1 < len < 3', 'join comparisons with &&.'],
    ['peer == 13', 'peer == 13', 'quote both sides'],
    ['peer + len == "x"', 'peer + len', 'quote both sides'],
    ['peer - peer == ""', 'peer - peer', 'strings can be joined'],
    ['ok < ok', 'ok < ok', '&&'],
    ['body == body', 'body == body', 'len(…)'],
    ['share & 1 == 1', 'share', 'floor()'],
    ['1 << 0.5 == 1', '0.5', 'floor()'],
    ['~share == 1', 'share', 'floor()'],
    ['-peer == 1', 'peer', '!'],
    ['len =~ "1"', 'len', 'compare numbers'],
    ['ok ? len : peer', 'ok ? len : peer', 'same type'],
    ['len(len) == 1', 'len', 'write len(string or bytes).'],
    ['substr(peer, 0.5) == ""', '0.5', 'floor()'],
    ['substr(peer) == ""', 'substr(peer)', 'write substr(string, from[, length]).'],
    ['min(1, 2, 3) == 1', 'min(1, 2, 3)', 'write min(number, number).'],
    ['pid(1) == 1', 'pid(1)', 'write pid().'],
    ['contains(peer, len)', 'len', 'write contains(string, part).'],
    ['present("len")', 'present("len")', 'write present(field).'],
    ['present()', 'present()', 'write present(field).'],
    ['present(len, len)', 'present(len, len)', 'write present(field).'],
  ])('refuses the types of %s at %s and says: %s', (text, spot, hint) => {
    const error = refusalOf(text);
    const { offset, length } = error.position;
    expect(error.code).toBe('EE_EXPR_TYPE');
    expect(text.slice(offset, offset + length)).toBe(spot);
    expect(error.hint).toContain(hint);
  });

  it.each([
    ['peer =~ "("', 'is not valid: unterminated group'],
    ['peer !~ "(a*)*"', 'exponential time'],
  ])('refuses the regular expression of %s', (text, reason) => {
    const error = refusalOf(text);
    expect(error.code).toBe('EE_EXPR_REGEX');
    expect(error.message).toContain(reason);
    expect(error.position.offset).toBe(8);
  });
});
