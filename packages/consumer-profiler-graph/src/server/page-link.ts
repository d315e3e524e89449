import type { WebSocket } from 'ws';
import { toPlainError, watchError } from './errors.ts';
import { LiveView } from './live-view.ts';
import type {
  Answer,
  Ask,
  PageMessage,
  RefusedMessage,
  ServerMessage,
  View,
  ViewUpdate,
} from './messages.ts';
import { RateLimit } from './rate-limit.ts';
import { askOf, readMessage } from './read-message.ts';
import { type Sources, valuesOf } from './view-values.ts';

/** Time between two batches. */
export const batchMs = 200;
const mostViews = 96;
const mostWaiting = 64;
const goodbyeMs = 1000;
/** A page that goes on sending what is refused is turned away: so many at once, and so many a second. */
const mostRefused = 1000;
const refusedPerSecond = 2;
/** A page that has not taken this much yet is slow: it gets nothing new until it has. */
const slowBytes = 256 * 1024;
/** A batch that is larger goes on in the next. */
const batchBytes = 512 * 1024;

/** Does what a page asks for. */
export type DoAsk = (ask: Ask, page: PageLink) => Promise<unknown>;

/**
 * One page: what it watches, and batches of what has changed. Nothing is queued for it: each view has
 * its newest value and what the page knows of it.
 */
export class PageLink {
  readonly #socket: WebSocket;
  readonly #sources: Sources;
  readonly #doAsk: DoAsk;
  readonly #views = new Map<number, LiveView>();
  readonly #answers: Answer[] = [];
  readonly #rate = new RateLimit(200, 40);
  readonly #patience = new RateLimit(mostRefused, refusedPerSecond);
  #refused: RefusedMessage | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = -Infinity;
  #waiting = 0;

  constructor(socket: WebSocket, sources: Sources, doAsk: DoAsk) {
    this.#socket = socket;
    this.#sources = sources;
    this.#doAsk = doAsk;
    socket.on('message', (data: Buffer, isBinary) => this.#take(data.toString(), isBinary));
    socket.once('close', () => this.close());
    socket.on('error', () => undefined); // 'close' follows
  }

  viewOf(id: number): LiveView | undefined {
    return this.#views.get(id);
  }

  send(message: ServerMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const view of this.#views.values()) view.close();
    this.#views.clear();
  }

  #take(text: string, isBinary: boolean): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return undefined; // it is being turned away
    if (isBinary) return this.#socket.close(1003, 'text only');
    if (!this.#rate.take()) {
      this.#refuse(text, watchError('EE_WATCH_LIMIT', 'The page sends more than 40 messages a second.', 'Reload the page; if it happens again, report it.')); // prettier-ignore
      return;
    }
    let message: PageMessage;
    try {
      message = readMessage(text);
    } catch (error) {
      this.#refuse(text, error);
      return;
    }
    if (message.do === 'watch') this.#watch(message.id, message.view);
    else if (message.do === 'unwatch') this.#unwatch(message.id);
    else void this.#ask(message);
  }

  #refuse(text: string, error: unknown): void {
    const ask = askOf(text);
    if (ask === undefined) this.#sayRefused(error);
    else this.#answer({ ask, error: toPlainError(error) });
    if (!this.#patience.take()) this.#turnAway();
  }

  #sayRefused(error: unknown): void {
    if (this.#refused === undefined) setImmediate(() => this.#flushRefused());
    const count = (this.#refused?.count ?? 0) + 1;
    this.#refused = { kind: 'refused', count, error: toPlainError(error) };
  }

  #flushRefused(): void {
    const refused = this.#refused;
    this.#refused = undefined;
    if (refused !== undefined) this.send(refused);
  }

  #turnAway(): void {
    this.#flushRefused();
    this.#socket.close(1008, 'too much of it was refused');
    // Who floods may not hear that; what it sends is no longer looked at.
    setTimeout(() => this.#socket.terminate(), goodbyeMs).unref();
    this.close();
  }

  #watch(id: number, view: View): void {
    this.#unwatch(id);
    if (this.#views.size >= mostViews) {
      this.#sayRefused(watchError('EE_WATCH_LIMIT', `The page watches ${mostViews} things already.`, 'Close some cards.')); // prettier-ignore
      return;
    }
    const values$ = valuesOf(view, this.#sources);
    this.#views.set(id, new LiveView(id, view, values$, () => this.#schedule()));
  }

  #unwatch(id: number): void {
    this.#views.get(id)?.close();
    this.#views.delete(id);
  }

  async #ask(ask: Ask): Promise<void> {
    if (this.#waiting >= mostWaiting) {
      this.#answer({ ask: ask.ask, error: toPlainError(watchError('EE_WATCH_LIMIT', `${mostWaiting} requests of this page are waiting for their answers.`, 'Wait for them.')) }); // prettier-ignore
      return;
    }
    this.#waiting++;
    try {
      this.#answer({ ask: ask.ask, value: (await this.#doAsk(ask, this)) ?? null });
    } catch (error) {
      this.#answer({ ask: ask.ask, error: toPlainError(error) });
    } finally {
      this.#waiting--;
    }
  }

  #answer(answer: Answer): void {
    this.#answers.push(answer);
    this.#schedule();
  }

  // One timer at a time, for the first thing that is due.
  #schedule(): void {
    if (this.#timer !== undefined) return;
    const due = this.#answers.length > 0 ? -Infinity : Math.min(...[...this.#views.values()].map(({ dueMs = Infinity }) => dueMs)); // prettier-ignore
    if (due === Infinity) return;
    const atMs = Math.max(due, this.#lastMs + batchMs);
    const run = (): void => {
      this.#timer = undefined;
      this.#sendBatch();
    };
    // A first batch gathers what comes in its first moment.
    this.#timer = setTimeout(run, Math.max(10, atMs - performance.now()));
  }

  #sendBatch(): void {
    this.#lastMs = performance.now();
    if (this.#socket.bufferedAmount < slowBytes) this.#sendDue(this.#lastMs);
    this.#schedule();
  }

  #sendDue(nowMs: number): void {
    const updates: ViewUpdate[] = [];
    let bytes = 0;
    for (const view of this.#views.values()) {
      if ((view.dueMs ?? Infinity) > nowMs || bytes > batchBytes) continue;
      const update = view.take(nowMs);
      if (update === undefined) continue;
      updates.push(update);
      bytes += roughBytes(update);
    }
    const answers = this.#answers.splice(0);
    if (updates.length > 0 || answers.length > 0) this.send({ kind: 'batch', updates, answers });
  }
}

// Numbers and short texts: near enough to tell a large update from a small one.
function roughBytes(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 6;
  if (Array.isArray(value) && typeof value[0] === 'number') return value.length * 6;
  return Object.values(value).reduce((sum: number, part) => sum + roughBytes(part), 8);
}
