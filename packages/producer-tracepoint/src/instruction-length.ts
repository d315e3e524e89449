/**
 * Pure: how many bytes an x86-64 instruction takes, so that a probe is only put where one starts: the kernel writes its
 * trap wherever it is told to, and a program with a trap in the middle of an instruction does
 * something else from there on.
 *
 * The tables are those of the Intel manual, volume 2, appendix A: which opcodes have a ModRM byte, and which constant follows.
 */

/** The constant behind the operands: 1, 2 or 3 (enter) bytes; `z`: 2 or 4 by operand size; `v`: up to 8; `near`: 4; `far`: an address. */
type Constant = 0 | 1 | 2 | 3 | 'z' | 'v' | 'near' | 'far';

interface Opcode {
  readonly hasModRm: boolean;
  readonly constant: Constant;
}

const most = 15;

/** Length of the instruction that starts at an offset; `undefined` when there is none that is known. */
export function instructionLength(code: Uint8Array, start: number): number | undefined {
  let at = start;
  let isShort = false; // operand-size prefix
  let isShortAddress = false;
  let isWide = false; // REX.W
  for (; at < start + most; at++) {
    const byte = code[at] ?? -1;
    if (byte === 0x66) isShort = true;
    else if (byte === 0x67) isShortAddress = true;
    else if (![0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0xf0, 0xf2, 0xf3].includes(byte)) break;
  }
  if (((code[at] ?? 0) & 0xf0) === 0x40) isWide = ((code[at++] ?? 0) & 8) !== 0;
  const read = readOpcode(code, at);
  if (read === undefined) return undefined;
  const { opcode, next } = read;
  const operands = opcode.hasModRm ? modRmLength(code, next) : 0;
  const length = next + operands + constantLength(opcode.constant, { isShort, isShortAddress, isWide }) - start; // prettier-ignore
  return length > most || start + length > code.length ? undefined : length;
}

/** Does an instruction start at the offset, when one starts at 0? `undefined`: the code in between is not understood. */
export function isInstructionStart(code: Uint8Array, offset: number): boolean | undefined {
  let at = 0;
  while (at < offset) {
    const length = instructionLength(code, at);
    if (length === undefined) return undefined;
    at += length;
  }
  return at === offset;
}

interface Found {
  readonly opcode: Opcode;
  /** Where its operands start. */
  readonly next: number;
}

function readOpcode(code: Uint8Array, at: number): Found | undefined {
  const byte = code[at];
  if (byte === undefined) return undefined;
  if (byte === 0x0f) return readEscaped(code, at + 1);
  // In 64-bit code C4, C5 and 62 are always VEX and EVEX.
  if (byte === 0xc5) return found(vectorOpcode(1, code[at + 2]), at + 3);
  if (byte === 0xc4) return found(vectorOpcode((code[at + 1] ?? 0) & 0x1f, code[at + 3]), at + 4);
  if (byte === 0x62) return found(vectorOpcode((code[at + 1] ?? 0) & 7, code[at + 4]), at + 5);
  return found(oneByteOpcode(byte, code[at + 1] ?? 0), at + 1);
}

function readEscaped(code: Uint8Array, at: number): Found | undefined {
  const byte = code[at];
  if (byte === 0x38) return found(modRm(0), at + 2);
  if (byte === 0x3a) return found(modRm(1), at + 2);
  return byte === undefined ? undefined : found(twoByteOpcode(byte), at + 1);
}

function found(opcode: Opcode | undefined, next: number): Found | undefined {
  return opcode === undefined ? undefined : { opcode, next };
}

const modRm = (constant: Constant): Opcode => ({ hasModRm: true, constant });
const plain = (constant: Constant = 0): Opcode => ({ hasModRm: false, constant });

const invalid = new Set([
  0x06, 0x07, 0x0e, 0x16, 0x17, 0x1e, 0x1f, 0x27, 0x2f, 0x37, 0x3f, 0x60, 0x61, 0x82, 0x9a, 0xce,
  0xd4, 0xd5, 0xd6, 0xea,
]); // prettier-ignore

function oneByteOpcode(byte: number, modRmByte: number): Opcode | undefined {
  if (invalid.has(byte)) return undefined;
  // XOP, of a few processors by AMD, looks like POP with another operation.
  if (byte === 0x8f && (modRmByte & 0x38) !== 0) return undefined;
  const low = byte & 7;
  if (byte < 0x40) return low < 4 ? modRm(0) : plain(low === 4 ? 1 : 'z');
  if (byte < 0x60) return plain();
  if (byte >= 0x70 && byte <= 0x7f) return plain(1);
  if (byte >= 0x84 && byte <= 0x8f) return modRm(0);
  if (byte >= 0x90 && byte <= 0x9f) return plain();
  if (byte >= 0xa0 && byte <= 0xa3) return plain('far');
  if (byte >= 0xb0 && byte <= 0xbf) return plain(byte < 0xb8 ? 1 : 'v');
  if (byte >= 0xd0 && byte <= 0xdf) return byte === 0xd7 ? plain() : modRm(0);
  if (byte >= 0xe0 && byte <= 0xe7) return plain(1);
  // TEST has a constant, the others of the group have none.
  if (byte === 0xf6 || byte === 0xf7) return modRm((modRmByte & 0x38) > 8 ? 0 : byte === 0xf6 ? 1 : 'z'); // prettier-ignore
  return irregular[byte] ?? plain();
}

const irregular: Readonly<Record<number, Opcode>> = {
  0x63: modRm(0), 0x68: plain('z'), 0x69: modRm('z'), 0x6a: plain(1), 0x6b: modRm(1),
  0x80: modRm(1), 0x81: modRm('z'), 0x83: modRm(1), 0xa8: plain(1), 0xa9: plain('z'),
  0xc0: modRm(1), 0xc1: modRm(1), 0xc2: plain(2), 0xc6: modRm(1), 0xc7: modRm('z'),
  0xc8: plain(3), 0xca: plain(2), 0xcd: plain(1), 0xe8: plain('near'), 0xe9: plain('near'),
  0xeb: plain(1), 0xfe: modRm(0), 0xff: modRm(0),
}; // prettier-ignore

const twoBytePlain = new Set([
  0x05, 0x06, 0x07, 0x08, 0x09, 0x0b, 0x0e, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x37, 0x77, 0xa0,
  0xa1, 0xa2, 0xa8, 0xa9, 0xaa, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf,
]); // prettier-ignore
const vectorConstant = new Set([0x70, 0x71, 0x72, 0x73, 0xc2, 0xc4, 0xc5, 0xc6]);
const twoByteConstant = new Set([...vectorConstant, 0x0f, 0xa4, 0xac, 0xba]);
const twoByteInvalid = new Set([0x04, 0x0a, 0x0c, 0x24, 0x25, 0x26, 0x27, 0x36, 0x39, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f]); // prettier-ignore

function twoByteOpcode(byte: number): Opcode | undefined {
  if (twoByteInvalid.has(byte)) return undefined;
  if (twoBytePlain.has(byte)) return plain();
  if (byte >= 0x80 && byte <= 0x8f) return plain('near');
  return modRm(twoByteConstant.has(byte) ? 1 : 0);
}

// Maps 1, 2 and 3 are 0F, 0F38 and 0F3A; 5 and 6 are AVX512-FP16's.
function vectorOpcode(map: number, byte: number | undefined): Opcode | undefined {
  if (byte === undefined || map === 0 || map > 6) return undefined;
  if (map === 3) return modRm(1);
  if (map === 1 && byte === 0x77) return plain();
  return modRm(map === 1 && vectorConstant.has(byte) ? 1 : 0);
}

/** ModRM, SIB and displacement. */
function modRmLength(code: Uint8Array, at: number): number {
  const byte = code[at] ?? 0;
  const mode = byte >> 6;
  const memory = byte & 7;
  if (mode === 3) return 1;
  const sib = memory === 4 ? 1 : 0;
  const base = sib === 1 ? (code[at + 1] ?? 0) & 7 : memory;
  if (mode === 1) return 2 + sib;
  return 1 + sib + (mode === 2 || base === 5 ? 4 : 0);
}

interface Sizes {
  readonly isShort: boolean;
  readonly isShortAddress: boolean;
  readonly isWide: boolean;
}

function constantLength(constant: Constant, { isShort, isShortAddress, isWide }: Sizes): number {
  if (constant === 'near') return 4;
  if (constant === 'far') return isShortAddress ? 4 : 8;
  if (constant === 'v' && isWide) return 8;
  if (constant === 'z' || constant === 'v') return isShort && !isWide ? 2 : 4;
  return constant;
}
