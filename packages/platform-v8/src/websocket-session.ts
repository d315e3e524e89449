import { ExtensionEventError } from '@extension-events/core';
import { WebSocket } from 'ws';
import { CdpConversation } from './dispatcher.ts';
import type { CdpSession } from './host.ts';

/** How to open an inspector websocket. */
export interface ConnectOptions {
  /** Gives up after this time; 2000 ms when left out. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 2000;

/**
 * Opens a session with the inspector behind a `webSocketDebuggerUrl`.
 *
 * A target that ends while this session is open waits for it at "Waiting for the debugger to
 * disconnect…": close the session as soon as it is no longer needed.
 *
 * @throws ExtensionEventError `EE_V8_CONNECT` when it is refused, `EE_V8_TIMEOUT` when it takes too long
 */
export function connectWebSocket(url: string, options: ConnectOptions = {}): Promise<CdpSession> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  return new Promise((resolve, reject) => {
    // ws itself sets TCP_NODELAY; compression would only add delay on a loopback connection.
    const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: timeoutMs });
    const conversation = new CdpConversation((text, failed) => {
      socket.send(text, (error) => {
        if (error) failed(error);
      });
    });
    const session = Object.assign(conversation, {
      close: () => {
        if (conversation.closed()) socket.terminate();
      },
    });
    socket.on('message', (data) => {
      conversation.receive((data as Buffer).toString('utf8'));
    });
    socket.on('close', () => conversation.closed());
    socket.once('open', () => resolve(session));
    socket.on('error', (error) => {
      conversation.closed();
      reject(/timed out/i.test(error.message) ? timeout(url, timeoutMs) : refused(url, error));
    });
  });
}

function refused(url: string, cause: Error): ExtensionEventError {
  return new ExtensionEventError(
    'EE_V8_CONNECT',
    `The inspector at ${url} could not be opened: ${cause.message}`,
    'Check that the process still runs and that its inspector is open.',
    { cause },
  );
}

function timeout(url: string, timeoutMs: number): ExtensionEventError {
  return new ExtensionEventError(
    'EE_V8_TIMEOUT',
    `The inspector at ${url} did not answer within ${timeoutMs} ms.`,
    'Another program may listen on this port; otherwise allow more time.',
  );
}
