import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatMiCommand, type MiValue, parseMiLine, quoteMi, textOf, textsOf, tupleOf, tuplesOf } from './gdb-mi.ts'; // prettier-ignore

const read = (name: string): string[] =>
  readFileSync(new URL(`./test-support/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
const plain = (parsed: unknown): unknown => JSON.parse(JSON.stringify(parsed));

describe('a line of gdb', () => {
  it('is the answer to a command, with its number', () => {
    expect(plain(parseMiLine('12^done,value="0x55 <counter>"'))).toEqual({
      kind: 'result',
      token: 12,
      class: 'done',
      results: { value: '0x55 <counter>' },
    });
    expect(plain(parseMiLine('^exit'))).toEqual({ kind: 'result', class: 'exit', results: {} });
  });

  it('is news of threads, of the session, or progress', () => {
    expect(plain(parseMiLine('*stopped,reason="signal-received",thread-id="2",stopped-threads=["2"]'))).toEqual({
      kind: 'exec',
      class: 'stopped',
      results: { reason: 'signal-received', 'thread-id': '2', 'stopped-threads': ['2'] },
    }); // prettier-ignore
    expect(parseMiLine('=thread-created,id="1",group-id="i1"').kind).toBe('notify');
    expect(parseMiLine('+download,total="3"').kind).toBe('status');
  });

  it('is text of a console, with its escapes read', () => {
    expect(parseMiLine(String.raw`~"a \"b\"\t\303\244\n"`)).toEqual({
      kind: 'console',
      text: 'a "b"\tä\n',
    });
    expect(parseMiLine(String.raw`&"warn\\ing"`)).toEqual({
      kind: 'log',
      text: String.raw`warn\ing`,
    });
    expect(parseMiLine('@"out"').kind).toBe('target');
  });

  it('is a prompt, with or without a blank', () => {
    expect(parseMiLine('(gdb) ')).toEqual({ kind: 'prompt' });
    expect(parseMiLine('(gdb)\r')).toEqual({ kind: 'prompt' });
  });

  it('holds lists of results without their names, and lists for names that come twice', () => {
    const record = parseMiLine(
      '1^done,stack=[frame={level="0"},frame={level="1"}],x={a="1",a="2",a="3"}',
    );
    const results = record.kind === 'result' ? record.results : {};
    expect(plain(results)).toEqual({
      stack: [{ level: '0' }, { level: '1' }],
      x: { a: ['1', '2', '3'] },
    });
  });

  it('may name a field as JavaScript names its own', () => {
    const record = parseMiLine('1^done,__proto__="x",constructor="y"');
    const results = record.kind === 'result' ? record.results : {};
    expect(textOf(results['__proto__'])).toBe('x');
    expect(textOf(results['toString'])).toBe('');
  });

  it('that is none is told as it is', () => {
    const lines = ['', 'warning: x', '^', '^done,', '^done,a', '^done,a=', '^done,a="x', '^done,a={b="1"', '^done,a=[1]', '~"x', '~"x"y', '*', '12', `^done,a=${'['.repeat(1000)}`]; // prettier-ignore
    for (const line of lines) expect(parseMiLine(line)).toEqual({ kind: 'unknown', text: line });
  });
});

describe('a recorded session', () => {
  it('is read line by line, none unknown', () => {
    const lines = read('gdb-session.mi');
    expect(lines.length).toBeGreaterThan(100);
    const kinds = lines.map((line) => [parseMiLine(line).kind, line]);
    expect(kinds.filter(([kind]) => kind === 'unknown')).toEqual([]);
    const stops = lines.map((line) => parseMiLine(line)).filter((record) => record.kind === 'exec' && record.class === 'stopped'); // prettier-ignore
    expect(stops.length).toBeGreaterThan(5);
  });

  it('cut anywhere is still no reason to fail', () => {
    const lines = read('gdb-session.mi');
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.nat(400), (index, length) => {
        const cut = (lines[index] ?? '').slice(0, length);
        expect(parseMiLine(cut)).toBeDefined();
      }),
    );
  });

  it('with characters changed is still no reason to fail', () => {
    const lines = read('gdb-session.mi');
    const edit = fc.tuple(
      fc.nat(600),
      fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', '=', '\0', 'é'),
    );
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.array(edit, { maxLength: 8 }), (index, edits) => {
        const characters = (lines[index] ?? '').split('');
        for (const [at, character] of edits)
          characters[at % Math.max(1, characters.length)] = character;
        expect(parseMiLine(characters.join(''))).toBeDefined();
      }),
    );
  });
});

describe('the corpus of bad lines', () => {
  it('never throws, and never hangs', () => {
    for (const line of read('bad-lines.mi')) {
      expect(parseMiLine(JSON.parse(line) as string).kind).toBe('unknown');
    }
  });
});

describe('any text', () => {
  it('is read without failing', () => {
    fc.assert(
      fc.property(fc.oneof(anyText(), miLine()), (line) => {
        expect(parseMiLine(line)).toBeDefined();
      }),
    );
  });

  it('written as MI is read back', () => {
    fc.assert(
      fc.property(value(), (wanted) => {
        const record = parseMiLine(`7^done,v=${write(wanted)}`);
        expect(record.kind).toBe('result');
        const results = record.kind === 'result' ? record.results : {};
        expect(plain(results['v'])).toEqual(plain(wanted));
      }),
    );
  });
});

describe('a command', () => {
  it('quotes what is not plain', () => {
    expect(formatMiCommand('break-insert', '-c', 'i == "x\\"', '--source', '/a b/c.c')).toBe(
      String.raw`-break-insert -c "i == \"x\\\"" --source "/a b/c.c"`,
    );
    expect(formatMiCommand('data-evaluate-expression', '&counter')).toBe(
      '-data-evaluate-expression &counter',
    );
    expect(quoteMi('')).toBe('""');
  });

  it('is one line, whatever it holds', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(formatMiCommand('x', text)).not.toMatch(/[\n\r\0]/);
      }),
    );
  });
});

describe('fields', () => {
  it('of another kind than expected are empty', () => {
    expect([textOf([]), textOf(undefined), textsOf({}), tuplesOf('x'), plain(tupleOf('x'))]).toEqual(['', '', [], [], {}]); // prettier-ignore
    expect(textsOf('a')).toEqual(['a']);
    expect(plain(tuplesOf({ a: 'b' }))).toEqual([{ a: 'b' }]);
  });
});

/** Any code units, also halves of pairs. */
function anyText(): fc.Arbitrary<string> {
  return fc.array(fc.nat(0xff_ff)).map((units) => String.fromCharCode(...units));
}

function miLine(): fc.Arbitrary<string> {
  return fc
    .array(
      fc.constantFrom(
        '^done',
        '*stopped',
        '~',
        '"',
        ',',
        '=',
        '{',
        '}',
        '[',
        ']',
        'a',
        '1',
        '\\',
        '\\3',
      ),
    )
    .map((parts) => parts.join(''));
}

function value(): fc.Arbitrary<MiValue> {
  const name = fc.stringMatching(/^[a-z][a-z-]{0,8}$/);
  const { node } = fc.letrec<{ node: MiValue }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'grapheme' }),
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(name, tie('node'), { maxKeys: 4 }),
    ),
  }));
  return node;
}

function write(wanted: MiValue): string {
  if (typeof wanted === 'string') return `"${escape(wanted)}"`;
  if (Array.isArray(wanted)) return `[${wanted.map(write).join(',')}]`;
  return `{${Object.entries(wanted)
    .map(([name, one]) => `${name}=${write(one)}`)
    .join(',')}}`;
}

/** As gdb writes strings: everything beyond ASCII in octal, byte by byte. */
function escape(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (character === '"' || character === '\\') return `\\${character}`;
      return byte >= 32 && byte < 127 ? character : `\\${byte.toString(8).padStart(3, '0')}`;
    })
    .join('');
}
