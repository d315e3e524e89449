import { appendFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const maxBytes = 1024 * 1024;

/** Appends one line to the audit log beside the sockets; a log that cannot be written harms nobody. */
export function audit(directory: string, entry: Readonly<Record<string, unknown>>): void {
  const file = join(directory, 'audit.log');
  try {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > maxBytes)
      renameSync(file, `${file}.1`);
    appendFileSync(file, `${JSON.stringify({ time: new Date().toISOString(), pid: process.pid, ...entry })}\n`, { mode: 0o600 }); // prettier-ignore
  } catch {
    // The disk may be full; the traced program's business goes first.
  }
}
