import { readdirSync } from 'node:fs';
import { tryReadLink, tryReadText } from './proc.ts';

/** A TCP socket that listens; the inode is its identity, also in `/proc/PID/fd`. */
export interface Listener {
  readonly inode: number;
  readonly address: string;
  readonly port: number;
}

const listenState = '0A';

/** Reads the listening rows of `/proc/net/tcp` or `/proc/net/tcp6`; see proc_net_tcp(5). */
export function parseListeners(table: string): Listener[] {
  const listeners: Listener[] = [];
  for (const line of table.split('\n').slice(1)) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== listenState || local === undefined || inode === undefined) continue;
    const [address = '', port = ''] = local.split(':');
    listeners.push({
      inode: Number(inode),
      address: decodeAddress(address),
      port: Number.parseInt(port, 16),
    });
  }
  return listeners;
}

/** Listening sockets of the network namespace that this process is in. */
export function listListeners(): Listener[] {
  return ['tcp', 'tcp6'].flatMap((table) =>
    parseListeners(tryReadText(`/proc/self/net/${table}`) ?? ''),
  );
}

/** Listening sockets of one process, out of a list. */
export function listenersOf(pid: number, among: readonly Listener[] = listListeners()): Listener[] {
  if (among.length === 0) return [];
  const mine = inodesOf(pid);
  return among.filter((listener) => mine.has(listener.inode));
}

/** Whether a process holds one of these sockets. */
export function ownsInode(pid: number, inodes: ReadonlySet<number>): boolean {
  for (const inode of inodesOf(pid)) if (inodes.has(inode)) return true;
  return false;
}

/** Whether a listener there keeps another one from that address. */
export function isOverlapping(
  listener: Listener,
  address: { readonly host: string; readonly port: number },
): boolean {
  if (listener.port !== address.port) return false;
  const wildcards = ['0.0.0.0', '::'];
  const host = address.host === 'localhost' ? '127.0.0.1' : address.host;
  return (
    wildcards.includes(listener.address) || wildcards.includes(host) || listener.address === host
  );
}

/** The address at which a client reaches a listener. */
export function reachableHost(listener: Listener): string {
  if (listener.address === '0.0.0.0') return '127.0.0.1';
  return listener.address === '::' ? '::1' : listener.address;
}

function inodesOf(pid: number): Set<number> {
  const inodes = new Set<number>();
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return inodes;
  }
  for (const name of names) {
    const match = /^socket:\[(\d+)\]$/.exec(tryReadLink(`/proc/${pid}/fd/${name}`) ?? '');
    if (match !== null) inodes.add(Number(match[1]));
  }
  return inodes;
}

// The kernel prints 32-bit words in the byte order of the machine; Node runs on little-endian
// Linux only (x64, arm64, and ppc64le of the tier-2 platforms; s390x is not supported here).
function decodeAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join('.');
  if (isMappedIpv4(bytes)) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  ).join(':');
  // URL knows how IPv6 addresses are written.
  return new URL(`http://[${groups}]/`).hostname.slice(1, -1);
}

function isMappedIpv4(bytes: readonly number[]): boolean {
  return bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
}
