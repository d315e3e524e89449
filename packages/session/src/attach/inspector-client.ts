import { get } from 'node:http';
import { type CdpSession, connectWebSocket } from '@extension-events/platform-v8';
import { closeInspectorSource } from './bootstrap.ts';
import { type Listener, listListeners, reachableHost } from './listen-ports.ts';
import { type AttachProgress, delay } from './progress.ts';

const longestListBytes = 64 * 1024;

/** An inspector that answers. */
export interface FoundInspector {
  readonly listener: Listener;
  readonly webSocketUrl: string;
}

/** Asks a listening socket whether it is an inspector; `undefined` when it is not, or is silent. */
export async function probeInspector(
  listener: Listener,
  timeoutMs: number,
): Promise<FoundInspector | undefined> {
  const host = reachableHost(listener);
  const id = firstTargetId(await getText(host, listener.port, '/json/list', timeoutMs));
  if (id === undefined) return undefined;
  const address = host.includes(':') ? `[${host}]` : host;
  return { listener, webSocketUrl: `ws://${address}:${listener.port}/${id}` };
}

/** Reads the id of the first debuggable target from the answer to `/json/list`. */
export function firstTargetId(text: string | undefined): string | undefined {
  try {
    const [target] = JSON.parse(text ?? '') as { id?: unknown; webSocketDebuggerUrl?: unknown }[];
    // The url is put together anew: an address in an answer is not followed.
    if (typeof target?.webSocketDebuggerUrl !== 'string' || typeof target.id !== 'string') {
      return undefined;
    }
    return /^[\da-f-]{36}$/.test(target.id) ? target.id : undefined;
  } catch {
    return undefined;
  }
}

/** Connects, and leaves at once when the process wants to end: it would wait for us otherwise. */
export async function connectInspector(
  inspector: FoundInspector,
  timeoutMs: number,
): Promise<CdpSession> {
  const session = await connectWebSocket(inspector.webSocketUrl, { timeoutMs });
  // NodeRuntime is Node's own domain; src/inspector/node_protocol.pdl.
  const foreign = session as unknown as {
    on(event: string, listener: () => void): Disposable;
    post(method: string, params: object): Promise<unknown>;
  };
  foreign.on('NodeRuntime.waitingForDisconnect', () => session.close());
  foreign
    .post('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true })
    .catch(() => undefined);
  return session;
}

/**
 * Closes an inspector and makes sure that it is closed.
 *
 * @returns Whether it is.
 */
export async function closeInspector(
  inspector: FoundInspector,
  session: CdpSession,
  progress: Pick<AttachProgress, 'isAlive'>,
  limitMs: number,
): Promise<boolean> {
  // Never answered: it ends the connection. Sent once; the process may be busy and run it later.
  session
    .post('Runtime.evaluate', { expression: closeInspectorSource, silent: true })
    .catch(() => undefined);
  const isOpen = (): boolean =>
    progress.isAlive() &&
    listListeners().some((listener) => listener.inode === inspector.listener.inode);
  const end = performance.now() + limitMs;
  while (isOpen() && performance.now() < end) await delay(2);
  session.close();
  return !isOpen();
}

function getText(
  host: string,
  port: number,
  path: string,
  timeoutMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    // A listener that never answers, answers without end or speaks something else.
    const request = get({ host, port, path, agent: false, signal: AbortSignal.timeout(timeoutMs) });
    request.on('error', () => resolve(undefined));
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > longestListBytes) request.destroy();
      });
      response.on('error', () => resolve(undefined));
      response.on('end', () => resolve(response.statusCode === 200 ? text : undefined));
      response.on('close', () => resolve(undefined));
    });
  });
}
