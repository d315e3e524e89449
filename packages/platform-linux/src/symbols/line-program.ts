import { Cursor } from './cursor.ts';
import type { LineUnit } from './line-header.ts';

/** Told each row of a line table, in the order of the program. */
export type OnRow = (
  address: number,
  file: number,
  line: number,
  isStatement: boolean,
  isEnd: boolean,
) => void;

/**
 * Runs a line number program. What is left of a damaged one is not told. Each instruction takes a
 * byte at least and tells one row at most, so there are no more rows than bytes.
 *
 * @see DWARF 5, 6.2.5
 */
export function runLineProgram(bytes: Uint8Array, unit: LineUnit, onRow: OnRow): void {
  try {
    new LineMachine(bytes, unit, onRow).run();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

class LineMachine {
  readonly #cursor: Cursor;
  readonly #unit: LineUnit;
  readonly #onRow: OnRow;
  #address = 0;
  #file = 1;
  #line = 1;
  #isStatement: boolean;

  constructor(bytes: Uint8Array, unit: LineUnit, onRow: OnRow) {
    this.#cursor = new Cursor(bytes, unit.programAt, unit.end);
    this.#unit = unit;
    this.#onRow = onRow;
    this.#isStatement = unit.isStatement;
  }

  run(): void {
    const { opcodeBase, lineBase, lineRange } = this.#unit;
    while (!this.#cursor.isAtEnd) {
      const opcode = this.#cursor.u8();
      if (opcode >= opcodeBase) {
        const adjusted = opcode - opcodeBase;
        this.#advance(Math.floor(adjusted / lineRange));
        this.#line += lineBase + (adjusted % lineRange);
        this.#tell(false);
      } else if (opcode === 0) {
        this.#extended();
      } else {
        this.#standard(opcode);
      }
    }
  }

  #standard(opcode: number): void {
    switch (opcode) {
      case 1: // copy
        return this.#tell(false);
      case 2: // advance_pc
        return this.#advance(this.#cursor.uleb());
      case 3: // advance_line
        this.#line += this.#cursor.sleb();
        return undefined;
      case 4: // set_file
        this.#file = this.#cursor.uleb();
        return undefined;
      case 6: // negate_stmt
        this.#isStatement = !this.#isStatement;
        return undefined;
      case 8: // const_add_pc
        return this.#advance(Math.floor((255 - this.#unit.opcodeBase) / this.#unit.lineRange));
      case 9: // fixed_advance_pc
        this.#address += this.#cursor.u16();
        return undefined;
      default: {
        // Columns, marks of blocks and prologues, and what later versions add.
        const count = this.#unit.opcodeLengths[opcode] ?? 0;
        for (let index = 0; index < count; index++) this.#cursor.uleb();
        return undefined;
      }
    }
  }

  #extended(): void {
    const length = this.#cursor.uleb();
    const next = this.#cursor.at + length;
    if (length === 0) return;
    const opcode = this.#cursor.u8();
    if (opcode === 1) {
      this.#tell(true);
      this.#address = 0;
      this.#file = 1;
      this.#line = 1;
      this.#isStatement = this.#unit.isStatement;
    } else if (opcode === 2) {
      this.#address = this.#cursor.unsigned(Math.min(8, length - 1));
    }
    this.#cursor.skip(next - this.#cursor.at);
  }

  #advance(operations: number): void {
    this.#address += operations * this.#unit.minInstructionLength;
  }

  #tell(isEnd: boolean): void {
    this.#onRow(this.#address, this.#file, this.#line >>> 0, this.#isStatement, isEnd);
  }
}
