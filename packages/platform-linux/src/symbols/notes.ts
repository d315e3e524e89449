/** A USDT probe: an instruction that a program's author named. */
export interface UsdtProbe {
  readonly provider: string;
  readonly name: string;
  /** Of the instruction, as the file has it (prelink undone). */
  readonly address: number;
  /** Of the counter that says somebody looks; absent when the program has none. */
  readonly semaphoreAddress?: number;
  /** Such as `-4@%eax 8@-16(%rbp)`; see parseUsdtArguments. */
  readonly argumentText: string;
}

export interface ElfNote {
  readonly owner: string;
  readonly type: number;
  readonly content: Uint8Array;
}

/** Reads an ELF note section or segment; stops where it is damaged. */
export function readNotes(bytes: Uint8Array): ElfNote[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const notes: ElfNote[] = [];
  for (let at = 0; at + 12 <= bytes.length;) {
    const nameSize = view.getUint32(at, true);
    const contentSize = view.getUint32(at + 4, true);
    const contentAt = at + 12 + align(nameSize);
    if (contentAt + contentSize > bytes.length) break;
    notes.push({
      owner: text(bytes.subarray(at + 12, at + 12 + nameSize)),
      type: view.getUint32(at + 8, true),
      content: bytes.subarray(contentAt, contentAt + contentSize),
    });
    at = contentAt + align(contentSize);
  }
  return notes;
}

/**
 * Reads the content of a `stapsdt` note of type 3: pc, base, semaphore, then three texts.
 *
 * `base` is where .stapsdt.base was when the note was written; prelink moves sections but not what
 * notes say, so the difference to where it is now is added to both addresses.
 *
 * @see https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation
 */
export function readUsdtNote(
  content: Uint8Array,
  baseAddress: number | undefined,
): UsdtProbe | undefined {
  if (content.length < 27) return undefined;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const read = (at: number) => view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  const pc = read(0);
  const base = read(8);
  const semaphore = read(16);
  const [provider = '', name = '', argumentText = ''] = Buffer.from(content.subarray(24))
    .toString('utf8')
    .split('\0');
  const moved = baseAddress === undefined || base === 0 ? 0 : baseAddress - base;
  const address = pc + moved;
  if (provider === '' || name === '' || !Number.isSafeInteger(address) || address < 0) {
    return undefined;
  }
  const probe = { provider, name, address, argumentText };
  return semaphore === 0 || !Number.isSafeInteger(semaphore + moved)
    ? probe
    : { ...probe, semaphoreAddress: semaphore + moved };
}

function align(size: number): number {
  return Math.ceil(size / 4) * 4;
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1');
}
