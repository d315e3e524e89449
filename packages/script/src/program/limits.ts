/** How much a program may have of everything; one more is refused with `EE_SCRIPT_LIMIT`. */
export const scriptLimits = {
  /** UTF-16 units of all files together. */
  maxLength: 262_144,
  maxFiles: 32,
  /** Levels of blocks, of an expression, and of `else if`. */
  maxDepth: 64,
  maxProbes: 64,
  maxPointsOfProbe: 16,
  maxEvents: 64,
  maxFieldsOfEvent: 64,
  maxGlobals: 128,
  maxLocalsOfProbe: 128,
  maxKeys: 8,
  /** UTF-16 units of one literal. */
  maxStringLength: 4096,
  /** Problems that are told; the rest is not looked for. */
  maxProblems: 20,
  /** Frames that `stack(n)` takes. */
  maxFrames: 128,
  /** Milliseconds between two runs of a timer probe. */
  minTimerMs: 1,
  maxTimerMs: 86_400_000,
} as const;
