/** Exit codes of `extev`. */
export const exitCode = { ok: 0, failed: 1, usage: 2, timeout: 124, interrupted: 130 } as const;
