// Reads what `node --print-opt-code` prints for x64 and proves the cost of posting an event that
// nobody hears: one load of the flag word, one test of it, one conditional jump to the slow path,
// no call and no other memory operand between. Pure: text in, findings out.
//
// How the flag word is recognised: the words stand in a SharedArrayBuffer of fixed length, so
// TurboFan writes their address into the code as a plain number (objects of the heap are numbers
// too, but carry a `;; object:` comment). A memory operand whose base register holds a plain
// number is therefore a flag word; off-path-fixture.mjs reads that address to make sure.

/** What was found is not the promised off path; the message shows the instructions. */
export class OffPathError extends Error {}

const isTest = ({ mnemonic }) => /^(test|cmp)[bwlq]?$/.test(mnemonic);
const isCall = ({ mnemonic }) => mnemonic.startsWith('call');
const isJump = ({ mnemonic }) => mnemonic.startsWith('j');
const isEnd = ({ mnemonic }) => mnemonic.startsWith('ret') || mnemonic.startsWith('int3');
const keepsFlags = ({ mnemonic }) => /^(mov|lea|nop|vmov)/.test(mnemonic);
const changesFlagsOnly = (instruction) =>
  isTest(instruction) || isJump(instruction) || instruction.mnemonic === 'push';

/** The registers that an instruction overwrites. */
function written(instruction) {
  if (changesFlagsOnly(instruction)) return [];
  // Results of calls and of divisions stand in rax and rdx. What else a call destroys is of no
  // interest: compiled code does not read it again.
  if (isCall(instruction) || /^(i?mul|i?div|c[dq]q|cqo)/.test(instruction.mnemonic)) {
    return ['rax', 'rdx', ...instruction.operands.slice(0, 1)];
  }
  return instruction.mnemonic.startsWith('xchg')
    ? instruction.operands
    : instruction.operands.slice(0, 1);
}

/** The plain number that an instruction puts into a register, if that is what it does. */
function loadedNumber({ mnemonic, operands, isTagged }) {
  const [, value = ''] = operands;
  const isNumber = /^mov[lq]?$/.test(mnemonic) && /^0x[0-9a-f]+$/.test(value);
  return isNumber && !isTagged ? Number(value) : undefined;
}

const indexOfOffset = (instructions, offset) =>
  instructions.findIndex((instruction) => instruction.offset === offset);

/**
 * For each instruction, the registers that hold a known plain number before it, whichever way the
 * code was entered: constants followed along every jump, kept where all ways agree.
 */
function knownNumbers(instructions) {
  const before = [];
  const todo = [[0, new Map()]];
  while (todo.length > 0) {
    const [at, arriving] = todo.pop();
    const instruction = instructions[at];
    if (instruction === undefined) continue;
    const known = before[at];
    const merged =
      known === undefined
        ? arriving
        : new Map([...known].filter(([register, value]) => arriving.get(register) === value));
    if (known !== undefined && merged.size === known.size) continue;
    before[at] = merged;
    const after = new Map(merged);
    for (const register of written(instruction)) after.delete(register);
    const number = loadedNumber(instruction);
    if (number !== undefined) after.set(instruction.operands[0], number);
    if (instruction.target !== undefined) {
      todo.push([indexOfOffset(instructions, instruction.target), after]);
    }
    if (instruction.mnemonic !== 'jmp' && !isEnd(instruction)) todo.push([at + 1, after]);
  }
  return before;
}

/** The address that each instruction reads or writes, where its base register holds a plain number. */
function plainAddresses(instructions) {
  const known = knownNumbers(instructions);
  return instructions.map(({ memory }, at) => {
    const base = memory?.base === undefined ? undefined : known[at]?.get(memory.base);
    return base === undefined ? undefined : base + memory.displacement;
  });
}

/**
 * Finds the loads of flag words in one piece of code and checks what follows them.
 *
 * @param check - `one`: there is exactly one load; `every`: one for each copy of an unrolled loop;
 *   `first`: V8 has inlined the slow path, which may read the word again, so only the load that
 *   stands before it counts
 * @param address - of the flag word, when known; without it every load from a constant address counts
 * @returns `sites` (one for each load) and `allocates`: is an object made before the first load
 * @throws OffPathError when a load is not followed by exactly one test and one conditional jump
 */
export function analyseOffPath(code, { check = 'one', address } = {}) {
  const { instructions } = code;
  const addresses = plainAddresses(instructions);
  const loads = [];
  for (const [at, found] of addresses.entries()) {
    if (found !== undefined && (address === undefined || found === address))
      loads.push([at, found]);
  }
  if (loads.length === 0) fail(code, 0, 'no load of a flag word at a constant address was found');
  if (check === 'one' && loads.length > 1) {
    fail(code, loads[1][0], `the flag word is loaded ${loads.length} times, not once`);
  }
  const sites = (check === 'first' ? loads.slice(0, 1) : loads).map(([at]) =>
    checkSite(code, at, addresses),
  );
  const allocates = instructions
    .slice(0, loads[0][0])
    .some(({ note }) => /Allocation(Top|Limit)|AllocateIn/.test(note));
  return { name: code.name, sites, allocates };
}

function checkSite(code, at, addresses) {
  const { instructions } = code;
  const load = instructions[at];
  let test = at;
  if (!isTest(load)) {
    if (!load.mnemonic.startsWith('mov') || load.operands[0]?.startsWith('[')) {
      fail(code, at, 'the flag word is used otherwise than by a load');
    }
    const flag = load.operands[0];
    test = at + 1;
    for (; !(isTest(instructions[test] ?? load) && instructions[test].operands.includes(flag));) {
      checkBetween(code, at, test, flag);
      test += 1;
    }
    if (instructions[test].memory) fail(code, at, 'the test has a memory operand of its own');
  }
  let jump = test + 1;
  for (; !isJump(instructions[jump] ?? load); jump += 1) {
    checkBetween(code, at, jump);
    if (!keepsFlags(instructions[jump])) {
      fail(code, at, 'no conditional jump follows the test of the flag word');
    }
  }
  if (!/^jn?[ez]$/.test(instructions[jump].mnemonic)) {
    fail(code, at, 'no conditional jump follows the test of the flag word');
  }
  const slowPath = checkSlowPath(code, at, jump, addresses);
  return {
    address: addresses[at],
    load: load.text,
    test: instructions[test].text,
    jump: instructions[jump].text,
    slowPath,
    instructions: instructions.slice(at, jump + 1).map(({ text }) => text),
  };
}

function checkBetween(code, at, index, flag) {
  const instruction = code.instructions[index];
  if (instruction === undefined || isEnd(instruction)) {
    fail(code, at, 'the code ends before the flag word is tested');
  }
  if (isCall(instruction)) fail(code, at, 'a call stands between load, test and jump');
  if (isJump(instruction)) fail(code, at, 'a jump stands between the load and its test');
  if (instruction.memory)
    fail(code, at, 'another memory operand stands between load, test and jump');
  if (flag !== undefined && written(instruction).includes(flag)) {
    fail(code, at, 'the loaded flag word is overwritten before it is tested');
  }
}

// jnz leads to the slow path; jz leads over it. The slow side must do something (deoptimize where it
// never ran, call, or store where V8 inlined it), and the other side must not load the word again.
function checkSlowPath(code, at, jump, addresses) {
  const { instructions } = code;
  const taken = indexOfOffset(instructions, instructions[jump].target);
  if (taken < 0) fail(code, at, 'the conditional jump leaves the code');
  const isOver = /^j[ez]$/.test(instructions[jump].mnemonic);
  const [slow, off] = isOver ? [jump + 1, taken] : [taken, jump + 1];
  for (let i = off; i !== at && i < instructions.length; i += 1) {
    if (isJump(instructions[i]) || isEnd(instructions[i])) break;
    if (addresses[i] === addresses[at]) {
      fail(code, at, 'the off path loads the flag word a second time');
    }
  }
  for (let i = slow; i >= 0 && i !== off && i < instructions.length;) {
    const instruction = instructions[i];
    if (isCall(instruction)) return /deopt/.test(instruction.note) ? 'deoptimizes' : 'calls';
    if (instruction.memory) return 'inlined';
    if (isEnd(instruction)) break;
    i = instruction.mnemonic === 'jmp' ? indexOfOffset(instructions, instruction.target) : i + 1;
  }
  return fail(code, at, 'the conditional jump does not lead to a slow path');
}

function fail(code, at, problem) {
  const excerpt = code.instructions
    .slice(Math.max(0, at - 3), at + (at === 0 ? 40 : 12))
    .map((instruction, i) => `${i === Math.min(at, 3) ? '>' : ' '} ${instruction.text}`);
  throw new OffPathError([`${code.name}: ${problem}.`, ...excerpt].join('\n'));
}
