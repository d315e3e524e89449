/**
 * Where a USDT probe's arguments are, as the assembler wrote it into the note:
 * `-4@%eax 8@-16(%rbp) 8@$5 4@counter(%rip) 8f@(%rax)`; on arm64 `-4@w0 8@[sp, 16] 8@5`.
 */
export interface UsdtArgument {
  readonly sizeBytes: number;
  readonly isSigned: boolean;
  readonly isFloat: boolean;
  readonly operand: UsdtOperand;
}

/** `unknown`: one that is not understood; its value is `undefined`, the others' are not harmed. */
export type UsdtOperand =
  | { readonly kind: 'constant'; readonly value: bigint }
  | { readonly kind: 'register'; readonly register: RegisterPart }
  | {
      readonly kind: 'memory';
      readonly symbol?: string;
      readonly offset: bigint;
      readonly base?: RegisterPart;
      readonly index?: RegisterPart;
      readonly scale: bigint;
    }
  | { readonly kind: 'unknown'; readonly text: string };

/** A register by the name that samples have for it, and which of its bits are meant. */
export interface RegisterPart {
  readonly name: string;
  readonly bits: number;
  readonly shift: number;
}

/** What is known of the thread at the probe. */
export interface UsdtContext {
  /** By the names of `userRegisterNames`. */
  register(name: string): bigint | undefined;
  /** The user stack from the stack pointer up. */
  readonly stack: Uint8Array;
  /** Address of a symbol of the file in the process. */
  symbolAddress?(name: string): bigint | undefined;
  /** Memory beyond the stack; what is read after the sample may have changed since. */
  readMemory?(address: bigint, length: number): Uint8Array | undefined;
}

const letterRegisters: Readonly<Record<string, string>> = {
  a: 'rax',
  b: 'rbx',
  c: 'rcx',
  d: 'rdx',
};
const wordRegisters: Readonly<Record<string, string>> = {
  si: 'rsi',
  di: 'rdi',
  bp: 'rbp',
  sp: 'rsp',
};

/** Reads the argument text of a USDT note. Never throws. */
export function parseUsdtArguments(text: string): UsdtArgument[] {
  const pattern = /(?:(-?)([0-9]{1,2})(f?)@)?((?:\[[^\]\s]*(?:\s+[^\]\s]*){0,3}\]|[^\s[])+)/g;
  return Array.from(text.slice(0, 1 << 12).matchAll(pattern), (match) => {
    const [, sign = '', size = '8', float = '', operand = ''] = match;
    return {
      sizeBytes: [1, 2, 4, 8].includes(Number(size)) ? Number(size) : 8,
      isSigned: sign === '-',
      isFloat: float === 'f',
      operand: parseOperand(operand),
    };
  });
}

/**
 * The value of an argument: a number for floats, else a bigint, with the sign that the note gives
 * it; `undefined` when it is in memory that is not at hand or in a form that is not understood.
 */
export function evaluateUsdtArgument(
  argument: UsdtArgument,
  context: UsdtContext,
): bigint | number | undefined {
  const { operand, sizeBytes } = argument;
  switch (operand.kind) {
    case 'constant':
      return narrow(operand.value, argument);
    case 'register': {
      const value = readRegister(operand.register, context);
      // Floating-point registers are not among those that samples carry.
      return value === undefined || argument.isFloat ? undefined : narrow(value, argument);
    }
    case 'memory': {
      const address = addressOf(operand, context);
      const bytes = address === undefined ? undefined : readAt(address, sizeBytes, context);
      return bytes === undefined ? undefined : decode(bytes, argument);
    }
    case 'unknown':
    default:
      return undefined;
  }
}

function parseOperand(text: string): UsdtOperand {
  const constant = /^\$?([+-]?(?:0x[0-9a-f]{1,16}|[0-9]{1,20}))$/i.exec(text);
  if (constant?.[1] !== undefined) return { kind: 'constant', value: parseInteger(constant[1]) };
  const register = parseRegister(text);
  if (register !== undefined) return { kind: 'register', register };
  return parseX86Memory(text) ?? parseArmMemory(text) ?? { kind: 'unknown', text };
}

/** `-16(%rbp)`, `(%rax,%rbx,4)`, `counter+4(%rip)`, `8+counter(%rip)`. */
function parseX86Memory(text: string): UsdtOperand | undefined {
  const match = /^([^()%]*)\((%\w+)?(?:,(%\w+)(?:,([1248]))?)?\)$/.exec(text);
  if (match === null) return undefined;
  const [, displacement = '', baseText, indexText, scale = '1'] = match;
  const moved = parseDisplacement(displacement);
  const base = baseText === undefined ? undefined : parseRegister(baseText);
  const index = indexText === undefined ? undefined : parseRegister(indexText);
  if (moved === undefined || (base === undefined && index === undefined)) return undefined;
  if (base?.name === 'rip') {
    // `counter(%rip)` is counter's address, whatever the instruction's own is; a bare number
    // would need the end of an instruction that nobody executes.
    if (moved.symbol === undefined) return undefined;
    return { kind: 'memory', ...moved, scale: 1n };
  }
  return {
    kind: 'memory',
    ...moved,
    ...(base !== undefined && { base }),
    ...(index !== undefined && { index }),
    scale: BigInt(scale),
  };
}

/** `[sp, 16]`, `[x0]`. */
function parseArmMemory(text: string): UsdtOperand | undefined {
  const match = /^\[\s*(\w+)\s*(?:,\s*#?(-?\w+)\s*)?\]$/.exec(text);
  const base = match?.[1] === undefined ? undefined : parseRegister(match[1]);
  const moved = parseDisplacement(match?.[2] ?? '');
  if (base === undefined || moved === undefined || moved.symbol !== undefined) return undefined;
  return { kind: 'memory', offset: moved.offset, base, scale: 1n };
}

function parseDisplacement(
  text: string,
): { readonly offset: bigint; readonly symbol?: string } | undefined {
  let offset = 0n;
  let symbol: string | undefined;
  if (text === '') return { offset };
  const terms = text.match(/[+-]?[^+-]+/g) ?? [];
  if (terms.join('') !== text) return undefined;
  for (const term of terms) {
    if (/^[+-]?(?:0x[0-9a-f]{1,16}|[0-9]{1,20})$/i.test(term)) {
      offset += parseInteger(term);
    } else if (symbol === undefined && /^\+?[A-Za-z_.$][\w.$@]*$/.test(term)) {
      symbol = term.replace(/^\+/, '');
    } else {
      return undefined;
    }
  }
  return symbol === undefined ? { offset } : { offset, symbol };
}

function parseInteger(text: string): bigint {
  const digits = text.replace(/^[+-]/, '');
  return text.startsWith('-') ? -BigInt(digits) : BigInt(digits);
}

/** `%eax` is the lower half of rax, `%ah` the second byte; `w3` the lower half of x3. */
function parseRegister(text: string): RegisterPart | undefined {
  const x86 = text.startsWith('%') ? text.slice(1) : undefined;
  if (x86 === undefined) return parseArmRegister(text);
  if (x86 === 'rip') return part('rip', 64);
  const letter = /^(?:([re])?([abcd])x|([abcd])([lh]))$/.exec(x86);
  if (letter !== null) {
    const [, wide, full = '', short = '', half] = letter;
    const name = letterRegisters[full === '' ? short : full] ?? '';
    if (half !== undefined) return { name, bits: 8, shift: half === 'h' ? 8 : 0 };
    return part(name, wide === 'r' ? 64 : wide === 'e' ? 32 : 16);
  }
  const word = /^([re])?(si|di|bp|sp)(l)?$/.exec(x86);
  if (word !== null && !(word[1] !== undefined && word[3] !== undefined)) {
    const [, wide, name = '', low] = word;
    const bits = low === 'l' ? 8 : wide === 'r' ? 64 : wide === 'e' ? 32 : 16;
    return part(wordRegisters[name] ?? '', bits);
  }
  const numbered = /^(r(?:8|9|1[0-5]))([dwb])?$/.exec(x86);
  if (numbered?.[1] === undefined) return undefined;
  const widths = { d: 32, w: 16, b: 8 } as const;
  return part(numbered[1], widths[numbered[2] as 'd' | 'w' | 'b'] ?? 64);
}

function parseArmRegister(text: string): RegisterPart | undefined {
  if (text === 'sp') return part('sp', 64);
  const match = /^([xw])(\d|[12]\d|30)$/.exec(text);
  return match === null ? undefined : part(`x${match[2]}`, match[1] === 'x' ? 64 : 32);
}

function part(name: string, bits: number): RegisterPart {
  return { name, bits, shift: 0 };
}

function readRegister(
  { name, bits, shift }: RegisterPart,
  context: UsdtContext,
): bigint | undefined {
  const value = context.register(name);
  return value === undefined ? undefined : BigInt.asUintN(bits, value >> BigInt(shift));
}

function addressOf(
  operand: UsdtOperand & { readonly kind: 'memory' },
  context: UsdtContext,
): bigint | undefined {
  const { symbol, offset, base, index, scale } = operand;
  const parts = [
    symbol === undefined ? 0n : context.symbolAddress?.(symbol),
    base === undefined ? 0n : readRegister(base, context),
    index === undefined ? 0n : readRegister(index, context),
  ];
  const [at, from, times] = parts;
  if (at === undefined || from === undefined || times === undefined) return undefined;
  return BigInt.asUintN(64, at + from + times * scale + offset);
}

function readAt(address: bigint, length: number, context: UsdtContext): Uint8Array | undefined {
  const pointer = context.register('rsp') ?? context.register('sp');
  if (pointer !== undefined) {
    const at = Number(address - BigInt.asUintN(64, pointer));
    if (at >= 0 && at + length <= context.stack.length)
      return context.stack.subarray(at, at + length);
  }
  const bytes = context.readMemory?.(address, length);
  return bytes?.length === length ? bytes : undefined;
}

function decode(bytes: Uint8Array, argument: UsdtArgument): bigint | number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (argument.isFloat && bytes.length === 8) return view.getFloat64(0, true);
  if (argument.isFloat && bytes.length === 4) return view.getFloat32(0, true);
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
  return narrow(value, argument);
}

function narrow(value: bigint, { sizeBytes, isSigned }: UsdtArgument): bigint {
  return isSigned ? BigInt.asIntN(sizeBytes * 8, value) : BigInt.asUintN(sizeBytes * 8, value);
}
