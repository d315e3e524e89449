/**
 * Sockets of the watched process by descriptor, as /proc shows them now. What it shows of a descriptor
 * that was closed and used again is of another socket: it is asked only about those that stay open, such
 * as a server's, or whether a number that the kernel named is a socket at all.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import type { SocketFacts } from './internal-types.ts';
import { addressText } from '@extension-events/platform-linux/tracefs';

/** A socket in one of the tables of /proc/PID/net. */
interface Row extends SocketFacts {
  readonly protocol: string;
}

const tables = ['tcp', 'tcp6', 'unix', 'udp', 'udp6'] as const;

const socketLink = /^socket:\[(\d+)\]$/;

export class SocketTable {
  readonly #pid: number;
  /** What was found of the sockets of each descriptor, by inode, which is never used again. */
  readonly #known: Map<string, Row | undefined> = new Map();

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** What a descriptor is now. */
  kindOf(fd: number): 'socket' | 'other' | 'closed' {
    const link = this.#read(fd);
    if (link === undefined) return 'closed';
    return socketLink.test(link) ? 'socket' : 'other';
  }

  #read(fd: number): string | undefined {
    try {
      return readlinkSync(`/proc/${this.#pid}/fd/${fd}`);
    } catch {
      return undefined;
    }
  }

  /** Protocol and own address of the socket that a descriptor is. */
  factsOf(fd: number): Row | undefined {
    const inode = socketLink.exec(this.#read(fd) ?? '')?.[1];
    if (inode === undefined) return undefined;
    if (!this.#known.has(inode)) {
      if (this.#known.size > 1000) this.#known.clear();
      this.#known.set(inode, this.#look(inode));
    }
    return this.#known.get(inode);
  }

  #look(inode: string): Row | undefined {
    for (const table of tables) {
      const row = findRow(tryRead(`/proc/${this.#pid}/net/${table}`), table, inode);
      if (row !== undefined) return row;
    }
    return undefined;
  }
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // no IPv6, or a process that has just ended
  }
}

/** @internal Finds a socket in the text of one table (proc_net_tcp.rst; unix(7)). */
export function findRow(
  text: string,
  table: (typeof tables)[number],
  inode: string,
): Row | undefined {
  // prettier-ignore
  const isUnix = table === 'unix';
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    if (words[isUnix ? 6 : 9] !== inode) continue;
    if (isUnix) return { protocol: 'pipe', family: 'unix', ...(words[7] !== undefined && { localAddress: words[7] }) }; // prettier-ignore
    const [address = '', port = ''] = (words[1] ?? '').split(':');
    return {
      protocol: table.startsWith('tcp') ? 'tcp' : 'udp',
      family: table.endsWith('6') ? 'IPv6' : 'IPv4',
      ...(!/^0+$/.test(address) && { localAddress: addressOf(address) }),
      localPort: Number.parseInt(port, 16),
    };
  }
  return undefined;
}

// Words of 32 bits, each as a number of this (little-endian) CPU.
function addressOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  bytes.swap32();
  return addressText(bytes, bytes.length === 4 ? 'ipv4' : 'ipv6');
}
