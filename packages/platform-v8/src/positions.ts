// People, editors and V8's stacks count lines and columns from 1; the inspector protocol counts both
// from 0. Here `line`/`column` always count from 1 and `lineNumber`/`columnNumber` always from 0, so that
// a mix-up is a type error or at least visible in a name.

/** A place in a text as people count: both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A place in a script as the inspector protocol counts: both from 0. */
export interface CdpPosition {
  readonly lineNumber: number;
  readonly columnNumber?: number;
}

/** From the protocol's counting to ours; a missing column is the line's first. */
export function fromCdpPosition(position: CdpPosition): Position {
  return { line: position.lineNumber + 1, column: (position.columnNumber ?? 0) + 1 };
}

/** From our counting to the protocol's. */
export function toCdpPosition(position: Position): { lineNumber: number; columnNumber: number } {
  return { lineNumber: position.line - 1, columnNumber: position.column - 1 };
}
