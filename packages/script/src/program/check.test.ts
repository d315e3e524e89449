import { describe, expect, it } from 'vitest';
import { checkBody } from './body.ts';
import type { CheckedGlobal } from './checked.ts';
import { ScriptError, formatProblem } from './errors.ts';
import { parseProgram } from './parser.ts';
import { checkText, placesOf } from './testing/check-text.ts';
import { sampleDescriptor } from './testing/events.ts';

const inProbe = (text: string): string => `event e { n: u8, s: string? }\nglobal num, str, map, pairs, stats\nprobe begin { num = 1; str = ""; map["a"] = 1; pairs[1, "b"] = true; stats <<< 1; }\nprobe sample.posted {\n${text}\n}`; // prettier-ignore
const told = (text: string): readonly string[] => checkText(inProbe(text)).problems.map(({ code, message, hint }) => `${code.slice(10)} ${message} ${hint}`); // prettier-ignore

function globalOf(text: string, name: string = 'g'): CheckedGlobal | undefined {
  const { checked, problems } = checkText(text);
  expect(problems.map(formatProblem)).toEqual([]);
  return checked?.globals.find((each) => each.name === name);
}

describe('checkProgram', () => {
  it('refuses fields whose names every object has, with their place', () => {
    const { problems } = checkText('event lucky { n: u32, constructor: u32, toString: string }');
    expect(problems.map(({ code, column, message }) => `${column} ${code} ${message}`)).toEqual([
      '23 EE_SCRIPT_NAME A field cannot be called constructor.',
      '41 EE_SCRIPT_NAME A field cannot be called toString.',
    ]);
  });

  it.each([
    ['x = nothing;', "FIELD sample.posted has no field 'nothing'."],
    ['x = lenn;', 'did you mean len?'],
    ['counter = 1; x = countr;', 'did you mean counter?'],
    ['x = strr;', 'did you mean str?'],
    ['x = $num;', "has no field 'num'"],
    ['x = len + peer;', 'TYPE \\+ does not take a number and a string.'],
    ['if (len) next;', 'did you mean len != 0?'],
    ['while (peer) {}', 'A loop needs a bool'],
    ['x = 1; x = "a";', 'TYPE x holds a number, and this is a string.'],
    ['num = "a";', 'TYPE num holds a number, and this is a string.'],
    ['str += 1;', 'write str\\(…\\) to make a string'],
    ['x = body;', 'TYPE Bytes cannot be kept.'],
    ['print(body);', 'TYPE print\\(\\) does not take bytes.'],
    ['len = 1;', 'FIELD len is a field of sample.posted, which cannot be changed.'],
    ['$len++;', 'FIELD len is a field'],
    ['x++;', 'NAME x has no value yet.'],
    ['num[1] = 2;', 'TYPE num is a single value, and no map.'],
    ['map = 2;', 'TYPE map is a map.'],
    ['map[1] = 2;', 'A key of map is a string here, and this is a number.'],
    ['x = pairs[1];', 'TYPE pairs has 2 keys, and here is 1.'],
    ['x = stats;', 'TYPE stats holds statistics.'],
    ['stats = 1;', 'TYPE stats holds statistics.'],
    ['stats++;', 'TYPE stats holds statistics, which cannot be counted up.'],
    ['num <<< 1;', 'TYPE num holds a number, and no statistics.'],
    ['stats <<< peer;', 'TYPE Statistics are of numbers'],
    ['x = @count(num);', 'TYPE @count\\(\\) reads statistics, and num holds none.'],
    ['x = @cuont(stats);', 'did you mean @count?'],
    ['x = @lhist(stats, 5, 1, 1);', 'TYPE @lhist\\(\\) makes 1 to 1000 buckets.'],
    ['x = @hist(stats, 1);', 'TYPE @hist\\(\\) takes one argument.'],
    ['foreach (a in num) {}', 'TYPE num is a single value'],
    ['foreach (a in pairs) {}', 'TYPE pairs has 2 keys'],
    ['foreach (len in map) {}', 'FIELD len is a field'],
    ['foreach (num in map) {}', 'NAME num is a global'],
    ['foreach (a in map limit peer) {}', 'TYPE A limit is a number'],
    ['foreach (a in mep) {}', 'did you mean map?'],
    ['break;', 'SYNTAX break stands outside of a loop.'],
    ['delete nothing;', 'NAME There is no global nothing.'],
    ['throw event e;', 'FIELD e needs the field n.'],
    ['throw event e { n = 256 };', 'u8 holds 0 to 255.'],
    ['throw event e { n = -1 };', 'u8 holds 0 to 255.'],
    ['throw event e { n = 1, n = 2 };', 'DUPLICATE n is given twice.'],
    ['throw event sample.posted;', 'NAME The script declares no event sample.posted.'],
    ['printf("%d");', 'FORMAT The format has 1 conversion, and 0 values follow.'],
    ['printf("x", len);', 'FORMAT The format has 0 conversions, and 1 value follows.'],
    ['printf("%d", peer);', 'FORMAT %d takes a number, and this is a string.'],
    ['printf("%q", peer);', 'FORMAT Formats have no conversion %q.'],
    ['printf("%lq %lld", peer, len);', 'FORMAT Formats have no conversion %q.'],
    ['printf("%08X", len);', 'FORMAT Formats have no conversion %X. %x writes'],
    ['printf("%.2d", len);', 'FORMAT %d has no precision.'],
    ['printf("50%");', 'FORMAT The format ends in the middle of a conversion.'],
    ['printf(peer);', 'TYPE printf\\(\\) takes a string literal here.'],
    ['x = printf("a");', 'FUNCTION printf\\(\\) gives no value.'],
    ['mine = 1; mine[3]++;', 'NAME There is no global mine. mine is a value of this probe alone'],
    ['len[3]++;', 'len is a field of sample.posted: take another name for a map'],
    ['x = lower == "a";', 'lower\\(\\) is a function.'],
    ['len(peer);', 'FUNCTION The value of len\\(\\) is not used.'],
    ['x = lenn(peer);', 'did you mean len\\(\\)?'],
    ['x = sum(stats);', 'did you mean @sum'],
    ['x = count(num);', 'TYPE num is a single value, and no map.'],
    ['x = count(stats);', 'did you mean @count\\(stats\\)?'],
    ['x = match(peer, "(a+)+");', 'REGEX'],
    ['x = match(peer, "(a)", 2);', 'TYPE match\\(\\) takes the number of a group'],
    ['x = peer =~ "(";', 'REGEX'],
    ['x = stack(1000);', 'TYPE stack\\(\\) takes a number of frames from 1 to 128.'],
    ['x = share & 1;', 'TYPE & takes whole numbers'],
    ['x = present(num);', 'TYPE present\\(\\) takes the name of one field.'],
  ])('refuses %s', (text, words) => {
    expect(told(text)).toEqual([expect.stringMatching(new RegExp(words))]);
  });

  it.each([
    'x = share; y = x & 1; z = substr(peer, x, num);',
    'x = total; y = total + 1 == 9007199254740993;',
    'x = int(peer) + int(share) + int(ok);',
    'throw event e { n = share, s = peer }',
    'str += peer; num *= 2; num -= total;',
    'for (i = 0; i < 3; i++) { if (i == 1) continue; break; }',
    'foreach ([a, b] in pairs+ limit num) { if ([a, b] in pairs) delete pairs[a, b]; }',
    'x = "a" in map ? map["a"] : 0;',
    'printf("%5d %-5s %05.1f %x %e %% %s\\n", total, peer, share, flags, len, ok);',
    'print(stack()); print(probe_name()); print(time("%H")); print(@lhist(stats, 0, 10, 1));',
    'x = match(peer, "(\\\\d+):(\\\\d+)", 2); if (retried) next;',
  ])('accepts %s', (text) => {
    expect(told(text)).toEqual([]);
  });

  it('finds the errors of all probes at once, each once, and none that follows from another', () => {
    const text = 'probe sample.posted { x = lenn; y = x + 1; z = y; }\nprobe sample.p*, sample.posted { a = b; }'; // prettier-ignore
    expect(placesOf(text)).toEqual(['1:27 EE_SCRIPT_FIELD', '2:38 EE_SCRIPT_FIELD']);
  });
});

describe('points', () => {
  it.each([
    ['probe sample.postet {}', 'NAME There is no event sample.postet. did you mean sample.posted?'],
    ['probe other.* {}', 'NAME No event matches other.*.'],
    ['probe A_b {}', 'NAME "A_b" is neither the name of an event nor a pattern.'],
    ['probe timer.s(0) {}', 'TYPE timer.s takes a number of seconds'],
    ['probe timer.ms("x") {}', 'TYPE timer.ms takes a number of milliseconds'],
    ['probe timer.h(1) {}', 'timers are timer.s'],
    ['probe timer.lated {}', 'write await timer.lated|did you mean'],
    ['probe begin(1) {}', 'TYPE|SYNTAX'],
    ['probe begin if (true) {}', 'SYNTAX begin takes no condition.'],
    ['probe await end {}', 'SYNTAX end is always there.'],
    [
      'probe sample.posted(x=1) {}',
      'TYPE sample.posted cannot be armed so: it takes no parameter x.',
    ],
    [
      'probe sample.requested(period=0) {}',
      'TYPE sample.requested cannot be armed so: period=0 is below 1.',
    ],
    ['probe sample.requested(period=1, period=2) {}', 'DUPLICATE period is given twice.'],
    ['probe sample.*(period=1) {}', 'TYPE A pattern takes no parameters.'],
    ['probe sample.* { print(flags); }', "FIELD sample.requested has no field 'flags'."],
    ['probe sample.posted if (len) {}', 'TYPE A condition needs a bool'],
  ])('refuse %s', (text, words) => {
    const found = checkText(text).problems.map(({ code, message, hint }) => `${code.slice(10)} ${message} ${hint}`); // prettier-ignore
    expect(found).toEqual([expect.stringMatching(new RegExp(words))]);
  });

  it('are told apart by what runs them', () => {
    const text =
      'event e; probe begin, timer.s(0.5), e, await later, sample.requested(period=5) {} probe end {}';
    const { checked } = checkText(text);
    expect(checked).toMatchObject({
      begins: [0],
      ends: [1],
      timers: [{ probe: 0, everyMs: 500 }],
      points: [
        { probe: 0, point: 2, pattern: 'e', isAwaited: false },
        { probe: 0, point: 3, pattern: 'later', isAwaited: true },
        { probe: 0, point: 4, request: { period: 5 } },
      ],
    });
  });
});

describe('globals', () => {
  it.each([
    ['probe sample.posted { g++; }', { keys: [], value: 'number', merge: 'sum', isReadByEvents: false }],
    ['probe sample.posted { g += len; if (g > 3) next; }', { merge: 'sum', isReadByEvents: true }],
    ['probe sample.posted { g++; } probe timer.s(1) { g = 0; print(g); }', { merge: 'sum', isReadByEvents: false }],
    ['probe sample.posted { g++; g = 0; }', { merge: 'last', isReadByEvents: true }],
    ['probe sample.posted { g[peer, len]++; delete g; }', { keys: ['string', 'number'], merge: 'last' }],
    ['probe sample.posted { g = peer; }', { value: 'string', merge: 'last', isReadByEvents: false }],
    ['probe sample.posted { g[ok] = retried; }', { keys: ['bool'], value: 'bool', merge: 'last' }],
    ['probe sample.posted { g <<< len; }', { value: 'stats', merge: 'stats', buckets: { hasLog2: false } }],
    ['probe sample.posted { g[1] <<< 1; } probe end { print(@hist(g[1])); print(@lhist(g[1], 0, 10, 2)); }', { keys: ['number'], value: 'stats', isReadByEvents: false, buckets: { hasLog2: true, linear: { low: 0, high: 10, step: 2 } } }],
    ['probe begin { foreach (k in g) print(g[k] + 1); } probe sample.posted { g[peer] = 1; }', { keys: ['string'], value: 'number' }],
    ['global h; probe sample.posted { g = h; h = peer; }', { value: 'string' }],
    ['probe sample.posted { x = peer + "a"; g[x] = contains(x, "b"); }', { keys: ['string'], value: 'bool' }],
    ['probe sample.posted { if (peer in g) next; }', { keys: ['string'], isReadByEvents: true }],
    ['probe await later { g = what; }', { keys: [], value: 'number' }],
    ['', { keys: [], value: 'number', merge: 'last', isReadByEvents: false }],
  ])('are what their uses say: %s', (text, wanted) => {
    expect(globalOf(`global g; ${text}`)).toMatchObject(wanted);
  }); // prettier-ignore

  it('are set from outside, by text or value, as what they hold', () => {
    const text = 'global n = 5, s, b = false; probe sample.posted { s = peer; }';
    const { checked } = checkText(text, { globals: { n: '-0x10', s: '7', b: 'true' } });
    expect(checked?.globals.map(({ initial }) => initial)).toEqual([-16, '7', true]);
  });

  it.each([
    [{ x: 1 }, 'EE_SCRIPT_NAME'],
    [{ nn: 1 }, 'EE_SCRIPT_NAME'],
    [{ n: 'abc' }, 'EE_SCRIPT_TYPE'],
    [{ n: '1 2' }, 'EE_SCRIPT_TYPE'],
    [{ n: true }, 'EE_SCRIPT_TYPE'],
    [{ m: 1 }, 'EE_SCRIPT_TYPE'],
  ])('refuse %j from outside', (globals, code) => {
    const text = 'global n = 5, m; probe sample.posted { m[peer]++; }';
    expect(checkText(text, { globals }).problems).toMatchObject([{ code, file: '--global' }]); // prettier-ignore
  });
});

describe('declarations', () => {
  it('are refused twice, also across files, with the first place', () => {
    const { problems } = checkText([
      { name: 'a.ev', text: 'event e; global g' },
      { name: 'b.ev', text: 'event e { x: u8 }; global g, g' },
    ]);
    expect(problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'EE_SCRIPT_DUPLICATE: The event e is declared twice, first in a.ev.',
      'EE_SCRIPT_DUPLICATE: The global g is declared twice, first in a.ev.',
      'EE_SCRIPT_DUPLICATE: The global g is declared twice, first in a.ev.',
    ]);
  });

  it('says nothing about the fields of an event that is declared in two ways', () => {
    const { problems } = checkText([
      { name: 'a.ev', text: 'event e { n: u8 } probe sample.posted { throw event e { n = 1 }; } probe e { print(n); foo(); }' }, // prettier-ignore
      { name: 'b.ev', text: 'event e { size: u8 } probe e { print(size); }' },
    ]);
    expect(problems.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'EE_SCRIPT_DUPLICATE: The event e is declared twice, first in a.ev.',
      'EE_SCRIPT_FUNCTION: There is no function foo().',
    ]);
  });

  it('tells all bad fields of a throw at once, and nothing of those that are missing', () => {
    expect(told('throw event e { n = 300, s = 1, m = 2 };')).toEqual([
      expect.stringContaining('u8, which does not hold 300.'),
      expect.stringContaining('s is string'),
      expect.stringContaining("e has no field 'm'."),
    ]);
  });

  it.each([
    ['probe nobody.posts { x = foo($len); }', ['NAME', 'FUNCTION']],
    ['probe await later { if (strln(a) > 1) print(1); }', ['FUNCTION']],
    ['event e; probe await later { throw event f; x = print(1); }', ['NAME', 'FUNCTION']],
    ['event e; probe await later { throw event e; print(sprintf("%d", a)); exit(); }', []],
  ])('finds wrong names where the event is not known: %s', (text, codes) => {
    expect(checkText(text).problems.map(({ code }) => code.slice(10))).toEqual(codes);
  });

  it('may repeat an event that is there already with the same fields, and no other', () => {
    const same = { ...sampleDescriptor, name: 'e', fields: { a: { type: 'u8' } }, producer: 'script:x' } as const; // prettier-ignore
    expect(checkText('event e { a: u8 }', {}, [same]).problems).toEqual([]);
    for (const text of [
      'event e',
      'event e { a: u16 }',
      'event e { a: u8? }',
      'event e { a: u8, b: u8 }',
    ]) {
      // prettier-ignore
      expect(checkText(text, {}, [same]).problems).toMatchObject([{ code: 'EE_SCRIPT_CONFLICT' }]);
    }
  });
});

describe('checkBody', () => {
  it('throws one error with all problems when a later type does not fit', () => {
    const { program } = parseProgram([
      { name: 'a.ev', text: 'probe await later { x = a; y = b; }' },
    ]);
    const later = { ...sampleDescriptor, name: 'later' };
    let thrown: unknown;
    try {
      checkBody(program, [], { probe: 0, point: 0 }, later);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ScriptError);
    expect(thrown).toMatchObject({ code: 'EE_SCRIPT_FIELD', problems: [{ column: 25 }, { column: 32 }] }); // prettier-ignore
    expect(String(thrown)).toContain('a.ev:1:25: EE_SCRIPT_FIELD: later has no field');
  });

  it('lists the fields that it reads, each once, and the types of its variables', () => {
    const { program } = parseProgram([{ name: 'a.ev', text: 'probe sample.posted if (ok) { x = len + $len; y = peer; }' }]); // prettier-ignore
    const body = checkBody(program, [], { probe: 0, point: 0 }, sampleDescriptor);
    expect(body).toMatchObject({ fields: ['ok', 'len', 'peer'], locals: ['number', 'string'] });
  });
});
