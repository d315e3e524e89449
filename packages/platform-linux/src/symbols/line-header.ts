import { Cursor } from './cursor.ts';

/** Sections that a line table is made of. */
export interface LineSections {
  /** .debug_line */
  readonly line: Uint8Array;
  /** .debug_line_str, for DWARF 5 */
  readonly lineStrings?: Uint8Array;
  /** .debug_str */
  readonly strings?: Uint8Array;
}

/** The head of a line number program, and where in .debug_line the program is. */
export interface LineUnit {
  readonly programAt: number;
  readonly end: number;
  readonly minInstructionLength: number;
  readonly isStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly opcodeLengths: Uint8Array;
  /** By the number that the program uses. */
  readonly files: readonly string[];
}

/** @see DWARF 5, 7.5.6 and 6.2.4.1: content types and the forms that they may have */
const contentTypes = { path: 1, directory: 2 } as const;
const forms = {
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  strp: 0x0e,
  udata: 0x0f,
  data16: 0x1e,
  lineStrp: 0x1f,
} as const;

/** Of one unit: ten thousand files of usual names take a tenth of it. */
const maxPathCharacters = 1 << 23;
/** Of all units. */
const maxFiles = 1 << 22;

/** Reads the heads of all units. A unit that is damaged or of another version is passed by. */
export function readLineUnits(sections: LineSections): LineUnit[] {
  const units: LineUnit[] = [];
  let files = 0;
  for (let at = 0; at + 4 < sections.line.length && files < maxFiles;) {
    const cursor = new Cursor(sections.line, at);
    let end: number;
    try {
      const short = cursor.u32();
      const is64Bit = short === 0xffffffff;
      const length = is64Bit ? cursor.u64() : short;
      end = Math.min(cursor.at + length, sections.line.length);
      const unit = readUnit(sections, new Cursor(sections.line, cursor.at, end), is64Bit);
      if (unit !== undefined) {
        units.push(unit);
        files += unit.files.length;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      end = unitEnd(sections.line, at);
    }
    // A length of zero still moves on, by itself.
    at = Math.max(end, at + 4);
  }
  return units;
}

function unitEnd(bytes: Uint8Array, at: number): number {
  const cursor = new Cursor(bytes, at);
  try {
    const short = cursor.u32();
    const length = short === 0xffffffff ? cursor.u64() : short;
    return Math.min(cursor.at + length, bytes.length);
  } catch {
    return bytes.length;
  }
}

function readUnit(sections: LineSections, cursor: Cursor, is64Bit: boolean): LineUnit | undefined {
  const version = cursor.u16();
  if (version < 2 || version > 5) return undefined;
  // Sizes of addresses and of segment selectors; set_address says its size once more.
  if (version === 5) cursor.skip(2);
  const headerLength = is64Bit ? cursor.u64() : cursor.u32();
  const programAt = cursor.at + headerLength;
  const minInstructionLength = cursor.u8();
  if (version >= 4) cursor.skip(1);
  const isStatement = cursor.u8() !== 0;
  const lineBase = cursor.i8();
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  if (lineRange === 0 || opcodeBase === 0 || programAt > cursor.end) return undefined;
  const opcodeLengths = new Uint8Array(opcodeBase);
  for (let opcode = 1; opcode < opcodeBase; opcode++) opcodeLengths[opcode] = cursor.u8();
  const files = version === 5 ? readFiles5(sections, cursor, is64Bit) : readFiles4(cursor);
  const { end } = cursor;
  return {
    programAt,
    end,
    minInstructionLength,
    isStatement,
    lineBase,
    lineRange,
    opcodeBase,
    opcodeLengths,
    files,
  };
}

/** Up to version 4: directories, then files, both counted from 1; directory 0 is the compiler's own. */
function readFiles4(cursor: Cursor): string[] {
  const directories = [''];
  for (let text = cursor.text(); text !== ''; text = cursor.text()) directories.push(text);
  const files = [''];
  for (let name = cursor.text(); name !== ''; name = cursor.text()) {
    files.push(join('', directories[cursor.uleb()] ?? '', name));
    cursor.uleb();
    cursor.uleb();
  }
  return files;
}

function readFiles5(sections: LineSections, cursor: Cursor, is64Bit: boolean): string[] {
  const directories = readEntries(sections, cursor, is64Bit).map(({ path }) => path);
  const own = directories[0] ?? '';
  return readEntries(sections, cursor, is64Bit).map(({ path, directory }) =>
    join(own, directories[directory] ?? '', path),
  );
}

function readEntries(
  sections: LineSections,
  cursor: Cursor,
  is64Bit: boolean,
): { path: string; directory: number }[] {
  const formats = Array.from(
    { length: cursor.u8() },
    () => [cursor.uleb(), cursor.uleb()] as const,
  );
  const count = cursor.uleb();
  const entries: { path: string; directory: number }[] = [];
  let characters = 0;
  // Each entry takes bytes, or the number of entries would be without a limit.
  if (formats.length === 0 && count > 0) throw new RangeError('entries without a format');
  for (let index = 0; index < count; index++) {
    const entry = { path: '', directory: 0 };
    for (const [type, form] of formats) {
      const value = readForm(sections, cursor, form, is64Bit);
      if (type === contentTypes.path) entry.path = String(value);
      if (type === contentTypes.directory) entry.directory = Number(value);
    }
    // A few bytes refer to a long text, again and again.
    characters += entry.path.length;
    if (characters > maxPathCharacters) throw new RangeError('too many paths');
    entries.push(entry);
  }
  return entries;
}

function readForm(
  sections: LineSections,
  cursor: Cursor,
  form: number,
  is64Bit: boolean,
): string | number {
  const skip = (count: number) => {
    cursor.skip(count);
    return '';
  };
  switch (form) {
    case forms.string:
      return cursor.text();
    case forms.lineStrp:
      return textAt(sections.lineStrings, is64Bit ? cursor.u64() : cursor.u32());
    case forms.strp:
      return textAt(sections.strings, is64Bit ? cursor.u64() : cursor.u32());
    case forms.udata:
      return cursor.uleb();
    case forms.data1:
      return cursor.u8();
    case forms.data2:
      return cursor.u16();
    case forms.data4:
      return cursor.u32();
    case forms.data8:
      return cursor.u64();
    case forms.data16:
      return skip(16);
    case forms.block:
      return skip(cursor.uleb());
    case forms.block1:
      return skip(cursor.u8());
    case forms.block2:
      return skip(cursor.u16());
    case forms.block4:
      return skip(cursor.u32());
    default:
      throw new RangeError(`form ${form} has no known length`);
  }
}

function textAt(bytes: Uint8Array | undefined, at: number): string {
  return bytes === undefined || at >= bytes.length ? '' : new Cursor(bytes, at).text();
}

function join(own: string, directory: string, name: string): string {
  if (name.startsWith('/')) return name;
  const inDirectory = directory === '' || directory === own ? name : `${directory}/${name}`;
  if (inDirectory.startsWith('/') || own === '') return inDirectory;
  return `${own}/${inDirectory}`;
}
