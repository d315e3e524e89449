import { describe, expect, it } from 'vitest';
import { formatProblem } from './errors.ts';
import { scriptLimits } from './limits.ts';
import { parseProgram } from './parser.ts';
import { withoutSpans } from './testing/spans.ts';
import { placesOf } from './testing/check-text.ts';

const parse = (text: string): ReturnType<typeof parseProgram> =>
  parseProgram([{ name: 'a.ev', text }]);
const messages = (text: string): readonly string[] => parse(text).problems.map(({ message, hint }) => `${message} ${hint}`); // prettier-ignore
const inProbe = (text: string): string => `probe sample.posted { ${text} }`;

describe('parseProgram', () => {
  it('reads the items of several files in their order', () => {
    const { program, problems } = parseProgram([
      { name: 'a.ev', text: 'event a.b-c { x: u8?, y: stack, }; global n = -1, s = "x"' },
      { name: 'b.ev', text: 'event d probe begin, await net.*(p=1, q="z") if (x) {}' },
    ]);
    expect(problems).toEqual([]);
    expect(withoutSpans(program.events)).toMatchObject([
      { name: 'a.b-c', file: 0, fields: [{ name: 'x', type: 'u8', isOptional: true }, { name: 'y', isOptional: false }] },
      { name: 'd', file: 1, fields: [] },
    ]); // prettier-ignore
    expect(program.globals).toMatchObject([
      { name: 'n', initial: -1 },
      { name: 's', initial: 'x' },
    ]);
    expect(program.probes[0]?.points).toMatchObject([
      { pattern: 'begin', isAwaited: false },
      { pattern: 'net.*', isAwaited: true, parameters: [{ name: 'p', value: 1 }, { name: 'q', value: 'z' }] },
    ]); // prettier-ignore
  });

  it.each([
    'net.send', 'hot-spot', '**.error', 'net.*', 'tracepoint:sock:sock_send_length', 'uprobe:/lib/x86-64/libc.so.6:send+16',
    'channel:undici:request:create', '"channel:a b(c)#1"', 'timer.ms(100)', 'await', 'await await',
  ])('takes the point %s', (point) => {
    const { program, problems } = parse(`probe ${point} {}`);
    expect(problems).toEqual([]);
    const bare = point.replace(/^await (?=.)|\(100\)|^"|"$/g, '');
    expect(program.probes[0]?.points[0]?.pattern).toBe(bare);
  }); // prettier-ignore

  it.each([
    ['a--b', 'a - -b'],
    ['x=-1', 'x = -1'],
    ['x<<<-1', 'x <<< -1'],
    ['x+=y', 'x += y'],
    ['x/=2//c\n', 'x /= 2'],
    ['m [ 1 ] = 2', 'm[1] = 2'],
    ['x = k in m && [a, b] in m', 'x = (k in m) && ([a, b] in m)'],
    ['x = a + 1 in m', 'x = (a + 1) in m'],
    ['if (a) if (b) x = 1; else y = 2;', 'if (a) { if (b) { x = 1; } else { y = 2; } }'],
    ['foreach(k in m-limit 5)x=k', 'foreach (k in m - limit 5) { x = k; }'],
    [';;x = 1;;', 'x = 1'],
  ])('reads %s like %s', (a, b) => {
    expect(treeOf(a)).toEqual(treeOf(b));
  });

  it('leaves a byte order mark, \\r\\n and characters in comments and strings alone', () => {
    const text = '\uFEFF# \uD800 \0\r\nprobe begin { print("\uD800\u2028"); } /* \0 */';
    expect(parse(text).problems).toEqual([]);
  });
});

function treeOf(text: string): unknown {
  const { program, problems } = parse(inProbe(text.startsWith('a') ? `x = ${text}` : text));
  expect(problems.map(formatProblem)).toEqual([]);
  return flat(withoutSpans(program.probes));
}

/** A block of one statement is that statement. */
function flat(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(flat);
  if (typeof value !== 'object' || value === null) return value;
  const { kind, body } = value as { readonly kind?: unknown; readonly body?: unknown };
  if (kind === 'block' && Array.isArray(body) && body.length === 1) return flat(body[0]);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, flat(each)]));
}

describe('errors of the grammar', () => {
  it('are found in every statement and item', () => {
    const text = `event Bad;
global 5;
probe net.send {
  x = ;
  if (y { z = 1 }
  for (;;;) {}
  foo bar;
  while (1 { }
}
probe { }
prbe end {}
event ok { a: u33, a: u8 }
probe begin { print(1) `;
    expect(placesOf(text)).toEqual([
      '1:7 EE_SCRIPT_NAME', '2:8 EE_SCRIPT_SYNTAX', '4:7 EE_SCRIPT_SYNTAX', '5:9 EE_SCRIPT_SYNTAX', '6:10 EE_SCRIPT_SYNTAX',
      '7:7 EE_SCRIPT_SYNTAX', '8:12 EE_SCRIPT_SYNTAX', '10:7 EE_SCRIPT_SYNTAX', '11:1 EE_SCRIPT_SYNTAX', '12:15 EE_SCRIPT_TYPE',
      '13:24 EE_SCRIPT_SYNTAX',
    ]); // prettier-ignore
  });

  it.each([
    ['if (len = 13) next;', 'write == to compare.'],
    ['if (len === 13) next;', 'write == to compare.'],
    ['x = 1 y = 2;', 'end the statement with ;'],
    ['return;', 'write next; to leave the probe.'],
    ['let x = 1;', 'a variable comes to be by assigning'],
    ['exit;', 'write exit();'],
    ['x == 1;', 'a comparison is no statement'],
    ['++x;', 'write n++ or n--'],
    ['throw lucky;', 'write throw event NAME;'],
    ['global x;', 'global stands outside of probes.'],
    ['else x = 1;', 'write if'],
    ['foreach (k of m) {}', 'write foreach (port in sizes- limit 5)'],
    ['x = [1, 2];', 'whether a map has an entry'],
    ['x = next;', 'a field of that name is written $next.'],
    ['print("a);', 'close it'],
    ['x = "\\d";', 'for a backslash'],
    ['x = 08;', 'write numbers as'],
    ['x = 1 /* y', 'close it with'],
  ])('give a hint: %s', (text, hint) => {
    expect(messages(inProbe(text)).join('\n')).toContain(hint);
  });

  it.each([
    ['prob begin {}', 'did you mean probe?'],
    ['x = 1;', 'statements stand in a probe'],
    ['event x { a: int }', 'types are bool u8'],
    ['event Http_Slow;', 'did you mean http-slow?'],
    ['event begin;', 'belong to the language'],
    ['probe perfmon.overflow("x") {}', 'write perfmon.overflow'],
    ['probe net.send;', 'a probe reads'],
    ['global if;', 'choose another name.'],
    ['BEGIN { x = 1; }', 'did you mean probe begin?'],
    ['probe a /n == 13/ {}', 'write probe net.send if ($len == 13)'],
    ['probe profile.hz(99) {}', 'timers are timer.s(1)'],
    ['global by[], n;', 'write global by; and use by[key].'],
    ['global n = 1 + 2;', 'compute it in a probe: probe begin { n = …; }'],
  ])('give a hint outside of probes: %s', (text, hint) => {
    expect(messages(text).join('\n')).toContain(hint);
  });

  it('end at a missing brace with the next probe, and go on there', () => {
    const text = 'probe a {\n  if (x) {\n\nprobe b { y = ; }\nprobe c {}';
    const { program, problems } = parse(text);
    expect(problems.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '4: Expected }, found probe.',
      '4: Expected a value, found ;.',
    ]);
    expect(problems[0]?.hint).toBe('the { of line 2 has no }.');
    expect(program.probes.map(({ points }) => points[0]?.pattern)).toEqual(['c']);
  });

  it('are told up to a number that somebody may read', () => {
    const { problems } = parse(inProbe('x = ; '.repeat(1000)));
    expect(problems).toHaveLength(scriptLimits.maxProblems);
  });
});

function repeat(count: number, make: (i: number) => string, join: string): string {
  return Array.from({ length: count }, (_, i) => make(i)).join(join);
}

describe('limits of the grammar', () => {
  const { maxDepth, maxEvents, maxFieldsOfEvent, maxFiles, maxGlobals, maxKeys, maxLength, maxPointsOfProbe, maxProbes, maxStringLength } = scriptLimits; // prettier-ignore
  it.each([
    ['characters', maxLength, (n: number) => '#'.repeat(n)],
    ['probes', maxProbes, (n: number) => 'probe a {}'.repeat(n)],
    ['points', maxPointsOfProbe, (n: number) => `probe ${repeat(n, () => 'a', ',')} {}`],
    ['events', maxEvents, (n: number) => repeat(n, (i) => `event e${i}`, ';')],
    [
      'fields',
      maxFieldsOfEvent,
      (n: number) => `event e { ${repeat(n, (i) => `f${i}: u8`, ',')} }`,
    ],
    ['globals', maxGlobals, (n: number) => `global ${repeat(n, (i) => `g${i}`, ',')}`],
    ['keys', maxKeys, (n: number) => inProbe(`m[${repeat(n, () => '1', ',')}] = 1`)],
    ['characters of a string', maxStringLength, (n: number) => inProbe(`x = "${'a'.repeat(n)}"`)],
    [
      'characters of a pattern',
      maxStringLength,
      (n: number) => inProbe(`x = y =~ "${'a'.repeat(n)}"`),
    ],
    ['blocks', maxDepth, (n: number) => inProbe('{'.repeat(n) + '}'.repeat(n))],
    ['parentheses', maxDepth, (n: number) => inProbe(`x = ${'('.repeat(n)}1${')'.repeat(n)}`)],
    ['else ifs', maxDepth, (n: number) => inProbe(repeat(n, () => 'if (a) ;', ' else '))],
  ])('of %s accept %i and refuse one more', (_, most, make) => {
    expect(parse(make(most)).problems).toEqual([]);
    expect(new Set(parse(make(most + 1)).problems.map(({ code }) => code))).toEqual(new Set(['EE_SCRIPT_LIMIT'])); // prettier-ignore
  });

  it('of files accept as many and refuse one more', () => {
    const files = Array.from({ length: maxFiles + 1 }, (_, i) => ({ name: `${i}.ev`, text: '' }));
    expect(parseProgram(files.slice(1)).problems).toEqual([]);
    expect(parseProgram(files).problems).toMatchObject([{ code: 'EE_SCRIPT_LIMIT', file: `${maxFiles}.ev` }]); // prettier-ignore
  });

  it.each([
    '(',
    '{',
    '[',
    '/*',
    '"',
    '-',
    '!',
    ';',
    '}',
    '\0',
    '\uD800',
    '@',
    'event ',
    'probe ',
    'if (1) ',
    'x = 1 + ',
    '"\\',
    'else ',
    'throw ',
  ])(
    // prettier-ignore
    'hold for a text that is full of %j',
    (piece) => {
      const text = piece.repeat(Math.floor((maxLength - 100) / piece.length));
      for (const each of [text, inProbe(text), inProbe(`x = ${text}`)]) {
        const { problems } = parse(each);
        expect(problems.length).toBeLessThanOrEqual(scriptLimits.maxProblems);
        expect(problems.map(formatProblem).join('').length).toBeLessThan(20_000);
      }
    },
  );
});
