import { readFileSync } from 'node:fs';
import { type CdpSession, evaluateSnippet } from '@extension-events/platform-v8';

/**
 * Is a foreign inspector connected to this process? Looks for an established connection to the
 * inspector's port, when that is open at all.
 */
export async function hasForeignInspector(main: CdpSession | undefined): Promise<boolean> {
  if (main === undefined || main.isClosed) return false;
  const url = await evaluateSnippet<string | undefined>(main, 'inspector-url', `process.getBuiltinModule('node:inspector').url()`).catch(() => undefined); // prettier-ignore
  if (url === undefined) return false;
  const port = Number(new URL(url).port);
  return ['tcp', 'tcp6'].some((table) => hasConnection(read(`/proc/self/net/${table}`), port));
}

/** Does this text of `/proc/PID/net/tcp` show an established connection (state 01) on a local port? */
export function hasConnection(table: string, port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').some((row) => {
    const fields = row.trim().split(/\s+/);
    return fields[1]?.endsWith(suffix) === true && fields[3] === '01';
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
