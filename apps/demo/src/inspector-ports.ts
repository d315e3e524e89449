// Which TCP sockets does a process listen on? Read from /proc, which needs no privilege for
// processes of one's own: the inodes behind its descriptors, looked up in its socket tables.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const listening = '0A'; // TCP_LISTEN of include/net/tcp_states.h

/** `127.0.0.1:9229` for every listening TCP socket of the process, sorted; Linux only. */
export function listeningSockets(pid: number): string[] {
  const inodes = socketInodes(pid);
  return ['tcp', 'tcp6']
    .flatMap((table) => parseSocketTable(readTable(pid, table)))
    .filter(({ state, inode }) => state === listening && inodes.has(inode))
    .map(({ address }) => address)
    .toSorted();
}

function socketInodes(pid: number): Set<string> {
  const inodes = new Set<string>();
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // closed since the directory was read
    }
  }
  return inodes;
}

function readTable(pid: number, table: string): string {
  try {
    return readFileSync(`/proc/${pid}/net/${table}`, 'utf8');
  } catch {
    return ''; // a kernel without IPv6 has no tcp6
  }
}

export interface SocketRow {
  readonly address: string;
  readonly state: string;
  readonly inode: string;
}

/**
 * Reads /proc/PID/net/tcp or tcp6.
 *
 * @see proc_pid_net(5)
 */
export function parseSocketTable(text: string): SocketRow[] {
  const rows: SocketRow[] = [];
  for (const line of text.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    const [, local = '', , state = ''] = columns;
    const [host = '', port = ''] = local.split(':');
    const inode = columns[9];
    if (inode === undefined || port === '') continue;
    rows.push({ address: `${formatHost(host)}:${Number.parseInt(port, 16)}`, state, inode });
  }
  return rows;
}

// Each 32-bit word is printed in the machine's order: little endian on all that Node supports here.
function formatHost(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).toReversed(),
  );
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return `[${groups.join(':')}]`;
}
