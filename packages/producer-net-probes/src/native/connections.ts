/** How connections begin and end: changes of state in the kernel, and the calls that cause them. */
import type { PerfSample } from '@extension-events/platform-linux';
import type { Heard, Knowledge, SocketFacts, Told, Values } from './internal-types.ts';
import { errnoName, isError, tcpStates, unknownProtocol } from './protocols.ts';
import { readAddresses, readDescriptor, readFirstAtReturn, readPeer } from './record.ts';
import { stackBytes } from './socket-address.ts';
import type { BookedSocket, SocketBook } from './socket-book.ts';
import { SameCall } from './same-call.ts';

const setState = 'sock:inet_sock_set_state';
const { close, closeWait, established, finWait1, lastAck, synReceived, synSent } = tcpStates;

/** The calls that accept a connection. */
export const accepts = ['accept', 'accept4'] as const;

const call = (name: string, filter: string): Omit<Heard, 'take'> => ({ tracepoint: `syscalls:sys_exit_${name}`, filter, stackBytes, stops: true }); // prettier-ignore

// ---- what keeps the book

const isTcp = '(protocol == 6 || protocol == 262)';

/** The beginning and the end of connections: rare, and heard for as long as anything is. */
export const statesOf = ({ book }: Knowledge): readonly Heard[] => [
  { tracepoint: setState, filter: isTcp, stops: false, isOptional: true, take: (values, sample) => noteState(values, sample, book) }, // prettier-ignore
  { tracepoint: 'tcp:tcp_destroy_sock', filter: '', stops: false, isOptional: true, take: (values, sample) => noteEnd(values, sample, book) }, // prettier-ignore
];

function noteState(values: Values, sample: PerfSample, book: SocketBook): undefined {
  const sock = values['skaddr'] as bigint;
  const [from, to] = [Number(values['oldstate']), Number(values['newstate'])];
  const addresses = readAddresses(values);
  if (to === synSent) {
    const fd = readDescriptor(sample);
    const { tid, timeNs: sinceNs } = sample;
    book.begin(sock, { facts: { ...addresses, ...(fd !== undefined && { fd }) }, sinceNs, tid });
  } else if (to === established) book.made(sock, addresses, sample.timeNs);
  const isLeft = to === finWait1 || to === lastAck || to === close;
  const wasOpen = from === established || from === closeWait || from === synReceived;
  if (isLeft && wasOpen) book.leave(sock, readDescriptor(sample), addresses, false);
}

function noteEnd(values: Values, sample: PerfSample, book: SocketBook): undefined {
  book.leave(values['skaddr'] as bigint, readDescriptor(sample), readAddresses(values), true);
}

/** One record more for each receive: only for those who get one anyway. */
export const readersOf = ({ book }: Knowledge): Heard => ({
  tracepoint: 'tcp:tcp_rcv_space_adjust',
  filter: '',
  stops: false,
  isOptional: true,
  take(values) {
    book.note(values['skaddr'] as bigint, readAddresses(values));
    return undefined;
  },
});

// ---- connect

/** Connections that are made, or are under way when the call returns. */
export function connects(known: Knowledge, same: SameCall): readonly Heard[] {
  const { book } = known;
  return [
    {
      ...call('connect', `ret == 0 || ret == ${-inProgress}`),
      take: (values, sample, armId) => {
        const isUnderWay = Number(values['ret']) !== 0;
        return once(same, 'connect', values, sample, armId, () => connected(sample, isUnderWay, known)); // prettier-ignore
      },
    },
    {
      // The answer of the other side comes in whatever thread runs then.
      tracepoint: setState,
      filter: `oldstate == ${synSent} && newstate == ${established}`,
      stops: false,
      isSystemWide: true,
      isOptional: true,
      take: (values, sample, armId) => {
        const sock = values['skaddr'] as bigint;
        return same.take(`made ${sock}`, '', sample.timeNs, armId, () => {
          const made = book.connectMade(sock, readAddresses(values), sample.timeNs);
          // Its call waits for it and tells when it returns, or it is of another process.
          return made && { ...tellConnection(made, sample.timeNs), tid: made.tid };
        });
      },
    },
  ];
}

const inProgress = 115;

function connected(
  sample: PerfSample,
  isUnderWay: boolean,
  { book, isBlind, table }: Knowledge,
): Told | undefined {
  // prettier-ignore
  const made = book.connectReturned(sample.tid, isUnderWay);
  if (made?.isUnderWay === false) return tellConnection(made, made.madeNs ?? sample.timeNs);
  if (isUnderWay) return undefined;
  // Not TCP. A datagram socket is connected to nobody; of a unix socket the address tells.
  const peer = readPeer(sample);
  const fd = readFirstAtReturn(sample);
  const own = isBlind && fd !== undefined ? table.factsOf(fd) : undefined;
  const protocol = peer?.protocol ?? own?.protocol;
  if (protocol !== 'pipe' && protocol !== 'tcp') return undefined;
  return { payload: { ...own, ...peer, protocol, ...(fd !== undefined && { fd }) } };
}

const tellConnection = ({ facts, sinceNs = 0 }: BookedSocket, nowNs: number): Told => ({
  payload: { ...facts, protocol: facts.protocol ?? 'tcp', durationNs: nowNs - sinceNs },
});

// ---- accept

/** Connections that a server gets. */
export function accepted({ book, table }: Knowledge): readonly Heard[] {
  return accepts.map((name) => ({
    ...call(name, 'ret >= 0'),
    take(values, sample) {
      const fd = Number(values['ret']);
      // The server's own socket stays open: what /proc shows of it is of it.
      const server = table.factsOf(readFirstAtReturn(sample) ?? fd);
      const facts = {
        ...server,
        ...readPeer(sample),
        protocol: server?.protocol ?? unknownProtocol,
        fd,
      };
      book.accept(fd, { facts, sinceNs: sample.timeNs });
      return { payload: facts };
    },
  }));
}

// ---- close

/** Descriptors that are closed, of those whose connection was seen to end. */
export function closes({ book }: Knowledge, same: SameCall): Heard {
  return {
    ...call('close', 'ret == 0'),
    stackBytes: 0,
    needsStates: true,
    take: (values, sample, armId) =>
      once(same, 'close', values, sample, armId, () => closed(sample, book)),
  };
}

function closed(sample: PerfSample, book: SocketBook): Told | undefined {
  const fd = readFirstAtReturn(sample);
  const left = fd === undefined ? undefined : book.close(fd);
  if (left === undefined) return undefined;
  const { facts, sinceNs, wasReset = false } = left;
  const durationNs = sinceNs === undefined ? undefined : sample.timeNs - sinceNs;
  return {
    payload: {
      ...facts,
      protocol: facts.protocol ?? 'tcp',
      hadError: wasReset,
      ...(durationNs !== undefined && { durationNs }),
    },
  };
}

// ---- failures

/** Calls to connect or to accept that fail at once. */
export function failedCalls({ book, table }: Knowledge, same: SameCall): readonly Heard[] {
  return (['connect', ...accepts] as const).map((name) => ({
    ...call(name, isError),
    take: (values, sample, armId) =>
      once(same, `${name} fails`, values, sample, armId, () => {
        const fd = readFirstAtReturn(sample);
        const made = name === 'connect' ? book.connectReturned(sample.tid, false) : undefined;
        const known: SocketFacts = made?.facts ?? (fd === undefined ? {} : table.factsOf(fd)) ?? {};
        const peer = name === 'connect' ? readPeer(sample) : undefined;
        const payload = {
          ...known,
          ...peer,
          protocol: known.protocol ?? peer?.protocol ?? unknownProtocol,
          ...(fd !== undefined && { fd }),
          code: errnoName(-Number(values['ret'])),
          syscall: name === 'connect' ? 'connect' : 'accept',
        };
        return { payload };
      }),
  }));
}

/** One answer for all who hear this call. */
function once(
  same: SameCall,
  kind: string,
  values: Values,
  sample: PerfSample,
  armId: number,
  find: () => Told | undefined,
): Told | undefined {
  // prettier-ignore
  const signature = `${String(values['ret'])} ${String(readFirstAtReturn(sample))}`;
  return same.take(`${kind} ${sample.tid}`, signature, sample.timeNs, armId, find);
}
