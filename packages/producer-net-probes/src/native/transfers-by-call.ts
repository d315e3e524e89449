/**
 * Bytes that go and come, from the ends of system calls: where the kernel has no
 * `sock:sock_send_length`, or does not show it to this user. Calls that do not say how many bytes went
 * (sendmmsg, sendfile, splice, io_uring) are not heard so.
 */
import type { Heard, Knowledge, SocketFacts } from './internal-types.ts';
import { errnoName, isError, unknownProtocol } from './protocols.ts';
import { readFirstAtReturn } from './record.ts';
import { lengthOnly } from './transfers.ts';

// Of the last two of each, whether it is a socket must be seen: they are for files too.
const sending = ['sendto', 'sendmsg', 'write', 'writev'] as const;
const receiving = ['recvfrom', 'recvmsg', 'read', 'readv'] as const;
type Call = (typeof sending)[number] | (typeof receiving)[number];

const isForFilesToo = (name: Call): boolean => !name.includes('send') && !name.includes('recv');

export const sentByCall = (known: Knowledge): readonly Heard[] => sending.map((name) => transfer(name, 'ret >= 0', known)); // prettier-ignore
/** The end of a stream comes as 0 bytes. What is peeked at is told like what is taken. */
export const receivedByCall = (known: Knowledge): readonly Heard[] => receiving.map((name) => transfer(name, 'ret > 0', known)); // prettier-ignore

function transfer(name: Call, filter: string, known: Knowledge): Heard {
  return {
    tracepoint: `syscalls:sys_exit_${name}`,
    filter,
    stops: true,
    translate: lengthOnly,
    take(values, sample) {
      const socket = readSocket(name, readFirstAtReturn(sample), known);
      const len = Number(values['ret']);
      return socket && { payload: { len, layer: 'socket', aggregated: false, ...socket } };
    },
  };
}

/** Sends and receives that failed. */
export const failedByCall = (known: Knowledge): readonly Heard[] =>
  [...sending, ...receiving].map((name) => ({
    tracepoint: `syscalls:sys_exit_${name}`,
    filter: isError,
    stops: true,
    take(values, sample) {
      const socket = readSocket(name, readFirstAtReturn(sample), known);
      const code = errnoName(-Number(values['ret']));
      return socket && { payload: { code, syscall: name, ...socket } };
    },
  }));

type Socket = SocketFacts & { readonly protocol: string; readonly fd?: number };

function readSocket(name: Call, fd: number | undefined, { table }: Knowledge): Socket | undefined {
  const facts = fd === undefined ? undefined : table.factsOf(fd);
  if (facts === undefined && isForFilesToo(name)) return undefined;
  return { protocol: unknownProtocol, ...facts, ...(fd !== undefined && { fd }) };
}
