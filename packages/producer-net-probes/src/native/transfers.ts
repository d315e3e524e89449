/** Bytes that go and come: what `sock:sock_send_length` and `sock:sock_recv_length` tell. */
import type { Comparison } from '@extension-events/core';
import type { PerfSample } from '@extension-events/platform-linux';
import type { Heard, Knowledge, SocketFacts, Values } from './internal-types.ts';
import { errnoName, familyOf, isError, ofOurProtocols, protocolOf } from './protocols.ts';
import { readDescriptor } from './record.ts';

export const sendLength = 'sock:sock_send_length';
export const receiveLength = 'sock:sock_recv_length';

// MSG_PEEK leaves the bytes where they are; MSG_ERRQUEUE gets none that anybody sent.
const notReal = 2 | 0x2000;
// MSG_SPLICE_PAGES, include/linux/socket.h: sendfile(2) and splice(2).
const splicePages = 0x800_0000;

export const sent: string = `ret >= 0 && ${ofOurProtocols}`;
/** Nothing means that the other side has ended the stream; only a datagram may be empty. */
export const received: string = `(ret > 0 || (ret == 0 && protocol == 17)) && !(flags & ${notReal}) && ${ofOurProtocols}`; // prettier-ignore

/** Bytes went one way, in the very call. */
export function transfer(tracepoint: string, filter: string, known: Knowledge): Heard {
  return {
    tracepoint,
    filter,
    stops: true,
    translate: lengthOnly,
    take(values, sample) {
      const socket = readSocket(values, sample, known);
      const len = Number(values['ret']);
      return socket && { payload: { len, layer: 'socket', aggregated: false, ...socket } };
    },
  };
}

/** `len` of the event is `ret` of the kernel. */
export function lengthOnly(narrow: readonly Comparison[]): readonly Comparison[] {
  return narrow.flatMap((each) => (each.field === 'len' ? [{ ...each, field: 'ret' }] : []));
}

/** A call that was to send or to receive failed. */
export function failedTransfer(tracepoint: string, known: Knowledge): Heard {
  return {
    tracepoint,
    filter: `${isError} && ${ofOurProtocols}`,
    stops: true,
    take(values, sample) {
      const socket = readSocket(values, sample, known);
      return socket && { payload: { code: errnoName(-Number(values['ret'])), ...socket } };
    },
  };
}

type Socket = SocketFacts & { readonly protocol: string; readonly fd?: number };

/** The socket of a record, which names it by its sock. */
function readSocket(
  values: Values,
  sample: PerfSample,
  { book, table }: Knowledge,
): Socket | undefined {
  // prettier-ignore
  const number = Number(values['family']);
  const protocol = protocolOf(number, Number(values['protocol']));
  if (protocol === undefined) return undefined;
  const sock = values['sk'] as bigint;
  const first = readDescriptor(sample);
  const isSpliced = (Number(values['flags']) & splicePages) !== 0;
  const fd = first !== undefined && isItsDescriptor(sock, first, isSpliced) ? first : undefined;
  const family = familyOf(number);
  return {
    ...book.find(sock, fd)?.facts,
    ...(family !== undefined && { family }),
    protocol,
    ...(fd !== undefined && { fd }),
  };

  // The first argument of splice(2) and of io_uring_enter(2) is a pipe, or the ring.
  function isItsDescriptor(of: bigint, candidate: number, mayBePipe: boolean): boolean {
    if (book.isSocket(of, candidate)) return true;
    const kind = table.kindOf(candidate);
    if (kind === 'socket') book.noteDescriptor(of, candidate);
    // Closed meanwhile, as sockets are and rings are not.
    return kind === 'socket' || (kind === 'closed' && !mayBePipe);
  }
}
