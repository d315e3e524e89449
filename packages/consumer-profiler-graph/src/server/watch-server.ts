import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { BehaviorSubject, type Observable } from 'rxjs';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ProfilerGraph } from '../profiler-graph.ts';
import { Access } from './access.ts';
import { answerAsks } from './asks.ts';
import type { ControlDoor, ScriptDoor } from './doors.ts';
import { Downloads } from './downloads.ts';
import { watchError } from './errors.ts';
import { answerRequests } from './http.ts';
import type { HelloMessage } from './messages.ts';
import { PageLink } from './page-link.ts';
import { readPageFiles } from './page-files.ts';
import { messageLimits } from './read-message.ts';
import { ScriptBoard } from './script-board.ts';
import type { Sources } from './view-values.ts';

/** How to serve the page. */
export interface WatchServerOptions {
  /** 0, or left out: any free one. */
  readonly port?: number;
  /** Where to listen; `127.0.0.1` when left out. Whoever can reach another one and has the address sees all events. */
  readonly host?: string;
  /** The secret part of the address; random when left out. */
  readonly token?: string;
  /** Runs scripts that are typed in the page; without it the page says that there are none. */
  readonly scripts?: ScriptDoor;
  /** Stops threads when the page asks for it; without it that is refused. */
  readonly control?: ControlDoor;
  /** What the page calls itself; `extev watch` when left out. */
  readonly title?: string;
  /** The process that the page says it was started for; asked for whenever a page is opened. */
  readonly target?: () => number | undefined;
  /** Where the files of the page are; those of this package when left out. */
  readonly pageDirectory?: string;
}

/** A server that runs. */
export interface WatchServer extends AsyncDisposable {
  /** With the token; whoever has it may look. */
  readonly url: string;
  readonly port: number;
  /** How many pages are open. */
  readonly pages$: Observable<number>;
  /** Says goodbye to the pages and ends their scripts; the graph stays open. */
  close(): Promise<void>;
}

const mostPages = 32;
const aliveMs = 30_000;

/**
 * Serves a web page that shows a graph's processes, event types and incidents.
 *
 * @throws ExtensionEventError `EE_WATCH_PORT`, `EE_WATCH_PAGE_FILES`
 */
export async function startWatchServer(
  graph: ProfilerGraph,
  options: WatchServerOptions = {},
): Promise<WatchServer> {
  const { host = '127.0.0.1', port = 0, token = randomBytes(16).toString('hex') } = options;
  const server = new RunningServer(graph, { ...options, host, token });
  await server.listen(port);
  return server;
}

type Settings = WatchServerOptions & { readonly host: string; readonly token: string };

class RunningServer implements WatchServer {
  readonly #options: Settings;
  readonly #access: Access;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #downloads = new Downloads();
  readonly #sources: Sources;
  readonly #pages = new BehaviorSubject<number>(0);
  /** Pages that have answered since the last look. */
  readonly #alive = new WeakSet<WebSocket>();
  readonly #timer: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  constructor(graph: ProfilerGraph, options: Settings) {
    const { control, host, scripts, token } = options;
    this.#options = options;
    this.#access = new Access(token, host);
    this.#sources = { graph, scripts: new ScriptBoard(scripts), control };
    const shown = {
      access: this.#access,
      files: readPageFiles(options.pageDirectory),
      downloads: this.#downloads,
    };
    this.#http = createServer({ requestTimeout: 10_000 }, answerRequests(shown));
    this.#sockets = new WebSocketServer({ noServer: true, maxPayload: messageLimits.bytes, perMessageDeflate: false }); // prettier-ignore
    this.#http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
    this.#timer = setInterval(() => this.#look(), aliveMs).unref();
  }

  async listen(port: number): Promise<void> {
    const { host } = this.#options;
    try {
      this.#http.listen(port, host);
      await once(this.#http, 'listening');
    } catch (cause) {
      clearInterval(this.#timer);
      const { code = '' } = cause as NodeJS.ErrnoException;
      const hint = code === 'EADDRINUSE' ? 'Another program has it; give another one, or none for any that is free.' : 'Give another host or port.'; // prettier-ignore
      throw watchError('EE_WATCH_PORT', `${host}, port ${port}, cannot be listened on (${code}).`, hint, { cause }); // prettier-ignore
    }
  }

  get port(): number {
    return (this.#http.address() as AddressInfo | null)?.port ?? 0;
  }

  get url(): string {
    const { host, token } = this.#options;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}/${token}/`;
  }

  get pages$(): Observable<number> {
    return this.#pages;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => undefined);
    const path = this.#access.pathOf(request.url ?? '');
    if (path !== '/socket') return refuse(socket, '404 Not Found');
    const refusal = this.#access.refusal(request, true);
    if (refusal !== undefined) return refuse(socket, '403 Forbidden', refusal.message);
    if (this.#sockets.clients.size >= mostPages) return refuse(socket, '503 Service Unavailable', `EE_WATCH_LIMIT: ${mostPages} pages are open.`); // prettier-ignore
    this.#sockets.handleUpgrade(request, socket, head, (page) => this.#open(page));
  }

  #open(socket: WebSocket): void {
    const page = new PageLink(socket, this.#sources, answerAsks(this.#sources, this.#downloads));
    page.send(this.#hello());
    this.#alive.add(socket);
    socket.on('pong', () => this.#alive.add(socket));
    socket.once('close', () => this.#pages.next(this.#sockets.clients.size));
    this.#pages.next(this.#sockets.clients.size);
  }

  #hello(): HelloMessage {
    const { control, scripts, title = 'extev watch' } = this.#options;
    const target = this.#options.target?.();
    return {
      kind: 'hello',
      title,
      version: version(),
      pid: process.pid,
      nowMs: Date.now(),
      hasScripts: scripts !== undefined,
      hasControl: control !== undefined,
      ...(target === undefined ? {} : { target }),
    };
  }

  // A page whose machine went to sleep does not say goodbye.
  #look(): void {
    for (const socket of this.#sockets.clients) {
      if (!this.#alive.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sources.scripts.close();
    for (const socket of this.#sockets.clients) socket.close(1001, 'the watcher has ended');
    this.#sockets.close();
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    // Pages that do not answer the goodbye are left behind.
    const timer = setTimeout(() => this.#sockets.clients.forEach((page) => page.terminate()), 500);
    await closed;
    clearTimeout(timer);
    this.#pages.complete();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function refuse(socket: Duplex, status: string, body = ''): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`); // prettier-ignore
}

function version(): string {
  const manifest = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
