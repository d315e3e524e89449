import type { CdpMethod, CdpResult, CdpSession } from './host.ts';
import type { CdpCommands } from './protocol.ts';

/**
 * Sends the commands of a session one after the other: the next when the last was answered.
 *
 * V8 runs a command that arrives while another evaluates JavaScript inside it, from an interrupt.
 * In a thread that is paused a step would then be prepared in the middle of our own snippet; so
 * whoever evaluates and steps in the same thread never has two commands under way. Evaluate with
 * `disableBreaks`, so that no command waits for one that stands at a breakpoint.
 */
export function oneAtATime(session: CdpSession): CdpSession {
  let last: Promise<unknown> = Promise.resolve();
  return {
    post<M extends CdpMethod>(
      method: M,
      ...params: CdpCommands[M]['paramsType']
    ): Promise<CdpResult<M>> {
      const result = last.then(() => session.post(method, ...params));
      last = result.catch(() => undefined);
      return result;
    },
    on: (event, listener) => session.on(event, listener),
    onClosed: (listener) => session.onClosed(listener),
    get isClosed() {
      return session.isClosed;
    },
    close: () => session.close(),
  };
}
