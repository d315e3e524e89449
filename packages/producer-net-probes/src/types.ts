/** What all events of a socket say of it. */
export interface NetSocketPayload {
  /** `tcp`, `udp`, `pipe` for unix sockets; `stream` for TLS over a stream of the program. */
  readonly protocol: string;
  /** All events of a socket in one thread have the same. */
  readonly socketId?: number;
  readonly fd?: number;
  /** `IPv4`, `IPv6` or `unix`. */
  readonly family?: string;
  /** Of unix sockets the path. */
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
}

/** Payload of `net.connect`. */
export interface NetConnectPayload extends NetSocketPayload {
  /** As the program named it. */
  readonly host?: string;
  readonly durationNs?: number;
}

/** Payload of `net.accept`. */
export type NetAcceptPayload = NetSocketPayload;

/** Payload of `net.send` and of `net.receive`. */
export interface NetTransferPayload extends NetSocketPayload {
  /** Bytes that the program handed over, or gets. */
  readonly len: number;
  /** By how much the counter of the handle advanced; of TLS encrypted bytes. */
  readonly wireLen?: number;
  /** `socket` or `tls`. */
  readonly layer: string;
  /** The sum over several calls. */
  readonly aggregated: boolean;
}

/** Payload of `net.close`. */
export interface NetClosePayload extends NetSocketPayload {
  readonly sentBytes?: number;
  readonly receivedBytes?: number;
  readonly hadError: boolean;
  readonly durationNs?: number;
}

/** Payload of `net.error`. */
export interface NetErrorPayload extends NetSocketPayload {
  readonly code: string;
  readonly syscall?: string;
  readonly message?: string;
}

/** Payload of `dns.lookup`. */
export interface DnsLookupPayload {
  readonly hostname: string;
  /** `lookup` by the system; else the kind of record. */
  readonly query: string;
  /** Separated by a space. */
  readonly addresses?: string;
  readonly answerCount?: number;
  /** Why it failed. */
  readonly code?: string;
  readonly durationNs?: number;
}

/** Payload of `tls.handshake`. */
export interface TlsHandshakePayload extends NetSocketPayload {
  readonly isServer: boolean;
  readonly servername?: string;
  readonly version?: string;
  readonly cipher?: string;
  readonly alpnProtocol?: string;
  readonly isAuthorized?: boolean;
  readonly isResumed?: boolean;
  readonly durationNs?: number;
}

/** What all events of a request say of it. */
export interface HttpPayload {
  /** A request and its response in one thread have the same. */
  readonly requestId: number;
  /** That of its socket, once it has one. */
  readonly socketId?: number;
  readonly method: string;
  readonly host?: string;
  readonly path: string;
  readonly httpVersion?: string;
  readonly protocol?: string;
}

/** Payload of `http.client.request.start`. */
export interface HttpClientRequestStartPayload extends HttpPayload {
  /** `http`, `http2` or `undici`. */
  readonly library: string;
}

/** Payload of `http.client.request`. */
export interface HttpClientRequestPayload extends HttpClientRequestStartPayload {
  readonly status?: number;
  /** Why it failed. */
  readonly code?: string;
  readonly durationNs?: number;
}

/** Payload of `http.server.request.start`. */
export interface HttpServerRequestStartPayload
  extends HttpPayload, Pick<NetSocketPayload, 'localPort' | 'remoteAddress' | 'remotePort'> {}

/** Payload of `http.server.request`. */
export interface HttpServerRequestPayload extends HttpServerRequestStartPayload {
  /** Of the head of the response, once there was one. */
  readonly status?: number;
  readonly isAborted: boolean;
  readonly durationNs?: number;
}

declare module '@extension-events/core' {
  interface EventMap {
    'net.connect': NetConnectPayload;
    'net.accept': NetAcceptPayload;
    'net.send': NetTransferPayload;
    'net.receive': NetTransferPayload;
    'net.close': NetClosePayload;
    'net.error': NetErrorPayload;
    'dns.lookup': DnsLookupPayload;
    'tls.handshake': TlsHandshakePayload;
    'http.client.request.start': HttpClientRequestStartPayload;
    'http.client.request': HttpClientRequestPayload;
    'http.server.request.start': HttpServerRequestStartPayload;
    'http.server.request': HttpServerRequestPayload;
  }
}
