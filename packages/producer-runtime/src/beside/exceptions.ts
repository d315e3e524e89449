import { setTimeout as delay } from 'node:timers/promises';
import { type CdpEvents, type CdpSession, formatStackFrame, isOwnUrl, ScriptTable, type ThreadSessions, toPath, type V8Host, type V8Thread } from '@extension-events/platform-v8'; // prettier-ignore
import type { ExceptionThrownPayload } from '../types.ts';
import { type BesideArming, ThreadArmings } from './armings.ts';
import { describeThrown, type ThrownObject } from './exception-text.ts';

/** What `exception.thrown` is armed with. */
export interface ExceptionRequest {
  readonly caught: boolean;
  readonly maxPerSecond: number;
}

type ExceptionArming = BesideArming<ExceptionThrownPayload, ExceptionRequest>;
type Paused = CdpEvents['Debugger.paused'][0];

const maxFrames = 32;
const secondMs = 1000;
// A stop is taken by the agent's debugger within milliseconds, or there is none.
const holdMs = 500;

/**
 * Exceptions at the place where they are thrown: caught ones, and those that a catchpoint waits for.
 *
 * V8 pauses the thread at each, the pause is told and ended at once. A catchpoint leaves the thread
 * standing for the agent's debugger. Uncaught ones that are only listened for are told by the part
 * inside the thread, which needs no pause.
 */
export function createExceptionWatch(host: V8Host, sessions: ThreadSessions): ThreadArmings<ExceptionArming> {
  const threads = new WeakMap<V8Thread, Promise<ThreadExceptions>>();
  return new ThreadArmings(host, async (thread, arming) => {
    if (!arming.request.caught && !arming.isStop) return { [Symbol.dispose]: () => undefined };
    let opening = threads.get(thread);
    if (opening === undefined) {
      opening = sessions.open(thread).then((session) => ThreadExceptions.open(thread, session));
      threads.set(thread, opening);
      opening.catch(() => threads.delete(thread));
    }
    return (await opening).add(arming);
  });
} // prettier-ignore

/** The exceptions of one thread, for all armings. */
class ThreadExceptions {
  readonly #thread: V8Thread;
  readonly #session: CdpSession;
  readonly #scripts: ScriptTable;
  readonly #armings: Map<ExceptionArming, { left: number; isResting: boolean; omittedMs: number }> = new Map(); // prettier-ignore
  #state: 'none' | 'uncaught' | 'all' = 'none';
  #isWaiting = false;

  private constructor(thread: V8Thread, session: CdpSession) {
    this.#thread = thread;
    this.#session = session;
    this.#scripts = new ScriptTable(session);
    session.on('Debugger.paused', (event) => void this.#onPaused(event));
  }

  static async open(thread: V8Thread, session: CdpSession): Promise<ThreadExceptions> {
    return new ThreadExceptions(thread, session);
  }

  async add(arming: ExceptionArming): Promise<Disposable> {
    this.#armings.set(arming, { left: arming.request.maxPerSecond, isResting: false, omittedMs: 0 });
    await this.#adjust();
    return {
      [Symbol.dispose]: () => {
        this.#armings.delete(arming);
        void this.#adjust().catch(() => undefined);
      },
    };
  } // prettier-ignore

  // V8 pauses for no more than somebody wants to hear.
  async #adjust(): Promise<void> {
    const wanted = [...this.#armings].filter(([, { isResting }]) => !isResting);
    const state = wanted.some(([{ request }]) => request.caught) ? 'all' : wanted.length > 0 ? 'uncaught' : 'none'; // prettier-ignore
    const wasOn = this.#state !== 'none';
    if (state === this.#state) return;
    this.#state = state;
    if (!wasOn) await this.#session.post('Debugger.enable', { maxScriptsCacheSize: 10_000_000 });
    await this.#session.post('Debugger.setPauseOnExceptions', { state });
    if (this.#armings.size === 0 && this.#state === 'none') await this.#session.post('Debugger.disable'); // prettier-ignore
  }

  async #onPaused(event: Paused): Promise<void> {
    if (event.reason !== 'exception' && event.reason !== 'promiseRejection') return; // somebody else's pause
    const isCaught = (event.data as { uncaught?: boolean } | undefined)?.uncaught !== true;
    let isStop = false;
    for (const [arming, rest] of this.#armings) {
      // Uncaught ones that are not to stop are told inside the thread.
      if (isCaught ? !arming.request.caught : !arming.isStop) continue;
      if (rest.isResting) continue;
      isStop ||= arming.isStop;
      arming.post({ ...this.#describe(event, isCaught), ...this.#noteOf(rest) }, this.#thread.subject); // prettier-ignore
      if (!arming.isStop && --rest.left <= 0) this.#rest(rest);
    }
    if (isStop) await this.#leaveStanding();
    else await this.#session.post('Debugger.resume').catch(() => undefined);
  }

  // The agent's debugger sees the same pause, and holds it when the event reaches it. Should there be none, nobody
  // else would let the thread go.
  async #leaveStanding(): Promise<void> {
    await delay(holdMs, undefined, { ref: false });
    if (!this.#thread.isHeld) await this.#session.post('Debugger.resume').catch(() => undefined);
  }

  #noteOf(rest: { omittedMs: number }): { note?: string } {
    const { omittedMs } = rest;
    rest.omittedMs = 0;
    return omittedMs === 0 ? {} : { note: `rested ${omittedMs} ms: there were too many` };
  }

  #rest(rest: { left: number; isResting: boolean; omittedMs: number }): void {
    rest.isResting = true;
    rest.omittedMs = secondMs;
    void this.#adjust().catch(() => undefined);
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    setTimeout(() => {
      this.#isWaiting = false;
      for (const [{ request }, each] of this.#armings) {
        each.left = request.maxPerSecond;
        each.isResting = false;
      }
      void this.#adjust().catch(() => undefined);
    }, secondMs).unref();
  }

  #describe({ callFrames, data }: Paused, isCaught: boolean): ExceptionThrownPayload {
    const frames = callFrames.map(({ functionName, location }) => ({
      functionName,
      url: this.#scripts.tryGet(location.scriptId)?.url ?? '',
      line: location.lineNumber + 1,
      column: (location.columnNumber ?? 0) + 1,
      isAsync: false,
      isConstructor: false,
    }));
    const shown = frames.filter(({ url }) => !isOwnUrl(url)).map((frame) => ({ ...frame, url: toPath(frame.url) })); // prettier-ignore
    const top = shown.find(({ url }) => !url.startsWith('node:')) ?? shown[0];
    return {
      ...describeThrown((data ?? {}) as ThrownObject),
      isCaught,
      origin: 'throw',
      ...(top === undefined ? {} : { function: top.functionName || '(anonymous)', url: top.url, line: top.line, column: top.column }), // prettier-ignore
      stack: shown.slice(0, maxFrames).map(formatStackFrame).join('\n'),
    };
  }
}
