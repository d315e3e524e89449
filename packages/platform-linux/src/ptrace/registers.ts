/** Pure: `struct user_regs_struct` of a stopped thread by names; arch/x86/include/asm/user_64.h. */

const x64Names = [
  'r15', 'r14', 'r13', 'r12', 'rbp', 'rbx', 'r11', 'r10', 'r9', 'r8', 'rax', 'rcx', 'rdx', 'rsi',
  'rdi', 'orig_rax', 'rip', 'cs', 'rflags', 'rsp', 'ss', 'fs_base', 'gs_base', 'ds', 'es', 'fs', 'gs',
] as const; // prettier-ignore

const arm64Names = [...Array.from({ length: 31 }, (_, i) => `x${i}`), 'sp', 'pc', 'pstate'];

/** Values by name: `rip`, `rsp`, `rax`; on arm64 `pc`, `sp`, `x0`. */
export type Registers = Readonly<Record<string, bigint>>;

/** Names in the order of the kernel's struct. */
export function registerNames(arch: string = process.arch): readonly string[] {
  return arch === 'arm64' ? arm64Names : x64Names;
}

/** Values by name, as far as the words go. */
export function decodeRegisters(words: BigUint64Array, arch: string = process.arch): Registers {
  const named = registerNames(arch).slice(0, words.length);
  return Object.fromEntries(named.map((name, i) => [name, words[i] ?? 0n]));
}

/** The words again, in the order of the kernel's struct. */
export function encodeRegisters(registers: Registers, arch: string = process.arch): BigUint64Array {
  return BigUint64Array.from(registerNames(arch), (name) => registers[name] ?? 0n);
}
