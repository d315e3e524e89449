/** Pure: numbers of the kernel's socket interface in the words of the events. */
import { constants } from 'node:os';

export const inet = 2;
export const inet6 = 10;
export const unix = 1;

const families: Readonly<Record<number, string>> = { [inet]: 'IPv4', [inet6]: 'IPv6', [unix]: 'unix' }; // prettier-ignore

/** `IPv4`, `IPv6`, `unix`; absent for the rest. */
export function familyOf(number: number): string | undefined {
  return families[number];
}

// IPPROTO_*, include/uapi/linux/in.h. To the program MPTCP is TCP.
const protocols: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 262: 'tcp' };

/** Where nothing tells. */
export const unknownProtocol = 'unknown';

/** The events of a socket are told when it has one of these; others (raw, netlink) are none of ours. */
export const ofOurProtocols: string = `(family == ${unix} || protocol == 6 || protocol == 17 || protocol == 262)`; // prettier-ignore

/** `tcp`, `udp`, or `pipe` for unix sockets, as Node calls them. */
export function protocolOf(family: number, protocol: number): string | undefined {
  return family === unix ? 'pipe' : protocols[protocol];
}

/** Numbers of include/net/tcp_states.h. */
export const tcpStates = {
  established: 1,
  synSent: 2,
  synReceived: 3,
  finWait1: 4,
  close: 7,
  closeWait: 8,
  lastAck: 9,
} as const;

const names = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));
// The same number has two names on Linux: Node says EAGAIN and EOPNOTSUPP too.
for (const name of ['EAGAIN', 'EOPNOTSUPP', 'EDEADLK'] as const) names.set(constants.errno[name], name); // prettier-ignore

/** `ECONNRESET`; `errno 133` where Node has no name for it. */
export function errnoName(number: number): string {
  return names.get(number) ?? `errno ${number}`;
}

/**
 * Results that are errors of the socket. Not among them: nothing there yet (EAGAIN), a signal (EINTR,
 * and the kernel's own restart codes from 512 on), a connection under way.
 */
export const isError: string = ['ret < 0', 'ret > -512', `ret != -${constants.errno.EAGAIN}`, `ret != -${constants.errno.EINTR}`, `ret != -${constants.errno.EINPROGRESS}`, `ret != -${constants.errno.EALREADY}`, `ret != -${constants.errno.EISCONN}`].join(' && '); // prettier-ignore
