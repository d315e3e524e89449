import { describe, expect, it } from 'vitest';
import { findCode, parseListing } from './code-listing.mjs';
import { analyseOffPath, OffPathError } from './off-path.mjs';

// The shape that Node 20 to 26 print; every test below changes one line of it.
const good = [
  'push rbp',
  'movl rdx,0x33ab41c0',
  'movl rdx,[rdx+0x1c]',
  'REX.W movq rcx,0x5d4f3c62399    ;; object: 0x05d4f3c62399 <Int32Array map = 0x193667fc3b71>',
  'testl rdx,rdx',
  'jnz 0x7f409400a208  <+0x8>',
  'REX.W movq rax,[rbp+0x18]',
  'ret 0x10',
  "call [r13-0x38]    ;; debug: deopt position, script offset '1ca'",
];

function listing(lines, name = 'post') {
  const instructions = lines.map(
    (line, i) => `0x7f${i.toString(16).padStart(6, '0')}  ${i.toString(16)}  4889e5  ${line}`,
  );
  return [
    '--- Raw source ---',
    '(value) { type.post({ value }); }',
    '',
    '--- Optimized code ---',
    'kind = TURBOFAN_JS',
    `name = ${name}`,
    'compiler = turbofan',
    '',
    'Instructions (size = 128)',
    ...instructions,
    '',
    'Source positions:',
  ].join('\n');
}

const analyse = (lines, options) => analyseOffPath(findCode(listing(lines), 'post'), options);
const change = (index, ...lines) => good.toSpliced(index, 1, ...lines);

describe('the off path analyser', () => {
  it('finds load, test and jump, and the address they read', () => {
    const { sites, allocates } = analyse(good);
    expect(sites).toHaveLength(1);
    expect(sites[0]).toMatchObject({
      address: 0x33ab41c0 + 0x1c,
      load: 'movl rdx,[rdx+0x1c]',
      test: 'testl rdx,rdx',
      slowPath: 'deoptimizes',
    });
    expect(allocates).toBe(false);
  });

  it('accepts load and test in one instruction', () => {
    const lines = change(2, 'cmpl [rdx+0x1c],0x0').filter((line) => !line.startsWith('testl'));
    lines[4] = 'jnz 0x7f409400a208  <+0x7>';
    expect(analyse(lines).sites[0]?.load).toBe('cmpl [rdx+0x1c],0x0');
  });

  it('accepts a jump over a slow path that stands in line', () => {
    const lines = [
      ...good.slice(0, 5),
      'jz 0x7f409400a208  <+0x7>',
      'call 0x7f07dfe76980  (CallFunction_ReceiverIsAny)    ;; near builtin entry',
      'ret 0x10',
    ];
    expect(analyse(lines).sites[0]?.slowPath).toBe('calls');
  });

  it('says that a payload is allocated before the flag is read', () => {
    const top = 'REX.W movq rdi,[r13+0x50] (external value (Heap::NewSpaceAllocationTopAddress()))';
    const lines = change(0, top);
    expect(analyse(lines).allocates).toBe(true);
  });

  it('refuses a second memory operand between load and jump', () => {
    expect(() => analyse(change(3, 'REX.W movq rcx,[rsi+0xf]'))).toThrow(/another memory operand/);
    const lines = change(4, 'testl rdx,[rbx+0x7]');
    expect(() => analyse(lines)).toThrow(/memory operand/);
  });

  it('refuses a call between load and jump', () => {
    expect(() => analyse(change(3, 'call 0x7f07dfe76980  (LoadIC)'))).toThrow(/a call stands/);
  });

  it('refuses a load that is never tested', () => {
    expect(() => analyse(change(4, 'addl rdx,rcx'))).toThrow(/overwritten/);
    expect(() => analyse(good.toSpliced(4, 1))).toThrow(/a jump stands between/);
    expect(() => analyse(good.slice(0, 4))).toThrow(/the code ends/);
  });

  it('refuses a test that no conditional jump follows', () => {
    expect(() => analyse(change(5, 'setnzl rax'))).toThrow(/no conditional jump/);
    expect(() => analyse(change(5, 'jmp 0x7f409400a208  <+0x8>'))).toThrow(/no conditional jump/);
  });

  it('refuses a jump that leads to no slow path', () => {
    const lines = change(5, 'jnz 0x7f409400a208  <+0x6>');
    expect(() => analyse(lines)).toThrow(/does not lead to a slow path/);
  });

  it('refuses a second load of the flag word', () => {
    const again = ['movl rdx,0x33ab41c0', 'cmpl [rdx+0x1c],0x0'];
    const lines = change(6, ...again, 'jnz 0x7f409400a208  <+0x8>');
    expect(() => analyse(lines)).toThrow(/loaded 2 times/);
    expect(() => analyse(lines, { check: 'every', address: 0x33ab41dc })).toThrow(/second time/);
  });

  it('refuses a flag word whose address is not in the code', () => {
    expect(() => analyse(change(1, 'REX.W movq rdx,[rcx+0x27]'))).toThrow(/no load of a flag word/);
    const tagged = 'REX.W movq rdx,0x33ab41c1    ;; object: 0x33ab41c1 <JSArray[0]>';
    expect(() => analyse(change(1, tagged))).toThrow(/no load of a flag word/);
    expect(() => analyse(change(2, 'movl rdx,[rdx+rcx*4]'))).toThrow(OffPathError);
  });

  it('looks at the last optimized code of the function it was asked for', () => {
    const text = [listing(good.slice(0, 2)), listing(good, 'other'), listing(good)].join('\n');
    expect(parseListing(text)).toHaveLength(3);
    expect(findCode(text, 'post')?.instructions).toHaveLength(good.length);
    expect(findCode(text, 'missing')).toBeUndefined();
  });
});
