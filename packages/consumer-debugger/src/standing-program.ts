/**
 * A native program that was started for this debugger, and has not begun: it stands before its first
 * instruction. Whoever started it holds it there, until gdb needs to or it begins.
 */
export interface StandingProgram {
  /** Makes room for gdb, and leaves the program stopped until {@link begin}. */
  stepAside(): Promise<void>;
  /** Lets it go: it begins, or gdb has it by now. Idempotent. */
  begin(): void;
}
