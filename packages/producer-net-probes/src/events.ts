/** Pure: the event types of this producer, the same whether Node or the kernel tells of them. */
import { sharedFields } from '@extension-events/core';
import type { EventTypeDescriptor, FieldDescriptor, Fields } from '@extension-events/core';

/** Id of this producer, as event types name it. */
export const producerId = 'net-probes';

export const netConnect = 'net.connect';
export const netAccept = 'net.accept';
export const netSend = 'net.send';
export const netReceive = 'net.receive';
export const netClose = 'net.close';
export const netError = 'net.error';
export const dnsLookup = 'dns.lookup';
export const tlsHandshake = 'tls.handshake';
export const httpClientRequestStart = 'http.client.request.start';
export const httpClientRequest = 'http.client.request';
export const httpServerRequestStart = 'http.server.request.start';
export const httpServerRequest = 'http.server.request';

const optional = <D extends FieldDescriptor>(
  descriptor: D,
  more: Partial<FieldDescriptor> = {},
): D & { readonly optional: true } => ({ ...descriptor, ...more, optional: true });

const socketId = optional(
  { type: 'u32', description: 'Number of the socket: all its events in a thread have the same.' } as const, // prettier-ignore
  { detail: true },
);

const addresses = {
  family: {
    type: 'string',
    optional: true,
    detail: true,
    description: 'Of the addresses: IPv4, IPv6 or unix.',
  },
  localAddress: {
    type: 'string',
    optional: true,
    description: 'Address on this side; the path of a unix socket.',
  },
  localPort: { type: 'u16', optional: true, description: 'Port on this side.' },
  remoteAddress: {
    type: 'string',
    optional: true,
    description: 'Address on the other side; the path of a unix socket.',
  },
  remotePort: { type: 'u16', optional: true, description: 'Port on the other side.' },
} as const satisfies Fields;

const socket = {
  protocol: {
    type: 'string',
    description: 'tcp, udp, pipe for unix sockets; stream for TLS over a stream of the program.',
  },
  socketId,
  fd: { type: 'i32', optional: true, detail: true, description: 'File descriptor.' },
  ...addresses,
} as const satisfies Fields;

const transfer = {
  layer: {
    type: 'string',
    detail: true,
    description: 'Where the bytes were counted: socket as they go out, tls before encryption.',
  },
  aggregated: {
    type: 'bool',
    detail: true,
    description:
      'Sum over several calls: of a message, a stream, or all since the last such event of the socket.',
  },
} as const satisfies Fields;

const wireLen = {
  type: 'u32',
  unit: 'By',
  optional: true,
  detail: true,
  description: 'Bytes by which the counter of the handle advanced, where it was seen to.',
} as const;

const durationNs = optional(sharedFields.durationNs);

const code = (of: string): FieldDescriptor => ({
  type: 'string',
  optional: true,
  description: `${of}, such as ECONNREFUSED; absent when all went well.`,
});

const http = {
  requestId: {
    type: 'u32',
    detail: true,
    description: 'Number of the request: its response in this thread has the same.',
  },
  socketId,
  method: { type: 'string', description: 'Method, such as GET.' },
  host: { type: 'string', optional: true, description: 'Host, with the port when it is given.' },
  path: { type: 'string', description: 'Path with its query.' },
  httpVersion: { type: 'string', optional: true, detail: true, description: '1.0, 1.1 or 2.0.' },
  protocol: { type: 'string', optional: true, detail: true, description: 'http or https.' },
} as const satisfies Fields;

const client = {
  ...http,
  library: {
    type: 'string',
    detail: true,
    description: 'Who makes the request: http, http2, or undici, which is behind fetch.',
  },
} as const satisfies Fields;

const declare = (name: string, description: string, fields: Fields): EventTypeDescriptor => ({
  name,
  kind: 'filtered',
  description,
  producer: producerId,
  fields,
});

export const netConnectDescriptor: EventTypeDescriptor = declare(
  netConnect,
  'A socket of the program is connected.',
  {
    ...socket,
    host: { type: 'string', optional: true, description: 'Host that the program named.' },
    durationNs,
  },
);

export const netAcceptDescriptor: EventTypeDescriptor = declare(
  netAccept,
  'A server of the program got a connection.',
  socket,
);

export const netSendDescriptor: EventTypeDescriptor = declare(
  netSend,
  'The program handed bytes over to be sent; posted in that very call.',
  { len: sharedFields.len, wireLen, ...transfer, ...socket },
);

export const netReceiveDescriptor: EventTypeDescriptor = declare(
  netReceive,
  'Bytes came in; posted before the program sees them.',
  {
    len: { ...sharedFields.len, description: 'bytes that the program gets' },
    wireLen,
    ...transfer,
    ...socket,
  },
);

export const netCloseDescriptor: EventTypeDescriptor = declare(
  netClose,
  'A socket that was open is closed.',
  {
    ...socket,
    sentBytes: {
      type: 'f64',
      unit: 'By',
      optional: true,
      description: 'Bytes sent in all, as the socket counts them: of TLS the encrypted ones.',
    },
    receivedBytes: {
      type: 'f64',
      unit: 'By',
      optional: true,
      description: 'Bytes received in all, counted likewise.',
    },
    hadError: { type: 'bool', description: 'Was it an error that closed it?' },
    durationNs: optional(sharedFields.durationNs, { description: 'How long it was open.' }),
  },
);

export const netErrorDescriptor: EventTypeDescriptor = declare(
  netError,
  'A socket or server failed.',
  {
    ...socket,
    code: { type: 'string', description: 'Code of the error, such as ECONNRESET; else its name.' },
    syscall: {
      type: 'string',
      optional: true,
      description: 'System call that failed, such as connect.',
    },
    message: { type: 'string', optional: true, description: 'What the error says.' },
  },
);

export const dnsLookupDescriptor: EventTypeDescriptor = declare(
  dnsLookup,
  'A name or address was looked up.',
  {
    hostname: { type: 'string', description: 'What was looked up.' },
    query: {
      type: 'string',
      description: 'lookup by the system; else the kind of record, such as AAAA, MX, PTR or ANY.',
    },
    addresses: {
      type: 'string',
      optional: true,
      description: 'What was found, separated by a space; of records other than addresses: absent.',
    },
    answerCount: {
      type: 'u32',
      unit: '{answer}',
      optional: true,
      description: 'Answers found.',
    },
    code: code('Why it failed'),
    durationNs,
  },
);

export const tlsHandshakeDescriptor: EventTypeDescriptor = declare(
  tlsHandshake,
  'A TLS handshake is done.',
  {
    ...socket,
    isServer: { type: 'bool', description: 'Is the program the server?' },
    servername: { type: 'string', optional: true, description: 'Name that the client asked for.' },
    version: { type: 'string', optional: true, description: 'Such as TLSv1.3.' },
    cipher: { type: 'string', optional: true, description: 'Name of the cipher suite.' },
    alpnProtocol: { type: 'string', optional: true, description: 'Agreed protocol, such as h2.' },
    isAuthorized: {
      type: 'bool',
      optional: true,
      description: 'Was the certificate of the other side found to be good?',
    },
    isResumed: { type: 'bool', optional: true, description: 'Was an earlier session taken up?' },
    durationNs,
  },
);

export const httpClientRequestStartDescriptor: EventTypeDescriptor = declare(
  httpClientRequestStart,
  'The program started a request; posted in the call that makes its head.',
  { ...client },
);

export const httpClientRequestDescriptor: EventTypeDescriptor = declare(
  httpClientRequest,
  'A request of the program has the head of its response, or has failed.',
  {
    ...client,
    status: { type: 'u16', optional: true, description: 'Status; absent when it failed.' },
    code: code('Why it failed'),
    durationNs: optional(sharedFields.durationNs, { description: 'From request to response.' }),
  },
);

const { localPort, remoteAddress, remotePort } = addresses;
const server = { ...http, localPort, remoteAddress, remotePort } as const satisfies Fields;

export const httpServerRequestStartDescriptor: EventTypeDescriptor = declare(
  httpServerRequestStart,
  'The head of a request came in; posted before the program sees it.',
  server,
);

export const httpServerRequestDescriptor: EventTypeDescriptor = declare(
  httpServerRequest,
  'A request is over: the program has handed over the last of its response or got the connection for itself, or the connection went before.',
  {
    ...server,
    status: {
      type: 'u16',
      optional: true,
      description:
        'Status; absent when there was no head of a response, or the program wrote it by itself.',
    },
    isAborted: { type: 'bool', description: 'Did the connection go before the response was done?' },
    durationNs: optional(sharedFields.durationNs, { description: 'From request to response.' }),
  },
);

/** Everything this producer may post. */
export const netProbesDescriptors: readonly EventTypeDescriptor[] = [
  netConnectDescriptor,
  netAcceptDescriptor,
  netSendDescriptor,
  netReceiveDescriptor,
  netCloseDescriptor,
  netErrorDescriptor,
  dnsLookupDescriptor,
  tlsHandshakeDescriptor,
  httpClientRequestStartDescriptor,
  httpClientRequestDescriptor,
  httpServerRequestStartDescriptor,
  httpServerRequestDescriptor,
];
