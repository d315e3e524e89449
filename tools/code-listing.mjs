// Reads the listings that `node --print-opt-code` prints for x64: pure, text in, instructions out.

const instructionLine = /^0x[0-9a-f]+\s+([0-9a-f]+)\s+[0-9a-f]+\s+(\S.*)$/;
const byteRegisters = { al: 'rax', bl: 'rbx', cl: 'rcx', dl: 'rdx', sil: 'rsi', dil: 'rdi' };

/** Splits a listing into pieces of optimized code: name, kind and instructions of each. */
export function parseListing(text) {
  const pieces = [];
  let piece;
  let inside = false;
  for (const line of text.split('\n')) {
    const header = /^(name|kind) = (.*)$/.exec(line);
    if (line.startsWith('--- Optimized code')) {
      piece = { name: '', kind: '', instructions: [] };
      pieces.push(piece);
    } else if (piece && header) piece[header[1]] = header[2].trim();
    else if (line.startsWith('Instructions')) inside = piece !== undefined;
    else if (line.startsWith('Source positions')) inside = false;
    else if (inside) {
      const found = instructionLine.exec(line);
      if (found) piece.instructions.push(parseInstruction(Number.parseInt(found[1], 16), found[2]));
    }
  }
  return pieces;
}

/** The last optimized code of a function, or undefined while there is none. */
export function findCode(text, name) {
  return parseListing(text).findLast(
    (piece) =>
      piece.name === name && piece.kind.startsWith('TURBOFAN') && piece.instructions.length > 0,
  );
}

function parseInstruction(offset, whole) {
  const [code = '', comment = ''] = whole.split(/\s*;;\s*/, 2);
  // `(external value (…))`, `(AllocateInYoungGeneration)` and `<+0x1c>` explain; they are no operands.
  const note = / \((.*)\)\s*$/.exec(code)?.[1] ?? '';
  const bare = code
    .replace(/^REX\.W\s+/, '')
    .replace(/\s*<\+0x[0-9a-f]+>/, '')
    .replace(/\s*\([^[\]]*\)+/, '')
    .trim();
  const [, mnemonic = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(bare) ?? [];
  const operands =
    rest === '' ? [] : rest.split(/,\s*(?![^[]*\])/).map((operand) => operand.trim());
  const target = /<\+0x([0-9a-f]+)>/.exec(code)?.[1];
  return {
    offset,
    text: whole,
    mnemonic,
    operands: operands.map((operand) => byteRegisters[operand] ?? operand),
    memory: mnemonic.startsWith('lea') || mnemonic === 'nop' ? undefined : parseMemory(operands),
    target: target === undefined ? undefined : Number.parseInt(target, 16),
    note: `${note} ${comment}`,
    isTagged: comment !== '',
  };
}

function parseMemory(operands) {
  for (const operand of operands) {
    const found = /^\[(\w+)(?:([+-])(?:0x)?([0-9a-f]+))?\]$/.exec(operand);
    if (found) {
      const displacement = Number.parseInt(found[3] ?? '0', 16) * (found[2] === '-' ? -1 : 1);
      return { base: found[1], displacement };
    }
    if (operand.startsWith('[')) return { base: undefined, displacement: 0 };
  }
  return undefined;
}
