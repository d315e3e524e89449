import { signal, type Signal } from '@preact/signals';
import type { PlainError } from '../../../src/server/errors.ts';
import type { Ask, BatchMessage, HelloMessage, PageMessage, ServerMessage, View, ViewUpdate } from '../../../src/server/messages.ts'; // prettier-ignore
import { InTurns } from './in-turns.ts';
import { Watched } from './watched.ts';

export type LinkStatus = 'connecting' | 'open' | 'lost';

type WithoutNumber<T> = T extends unknown ? Omit<T, 'ask'> : never;
interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: PlainError) => void;
}

const firstRetryMs = 500;
const lastRetryMs = 5000;
const gone: PlainError = {
  code: 'EE_CONNECTION_LOST',
  message: 'The watcher does not answer.',
  hint: 'See whether extev watch is still running; the page connects again by itself.',
};

/** The page's connection to the server: watches views, asks for things, and connects again by itself. */
export class Link {
  readonly status: Signal<LinkStatus> = signal<LinkStatus>('connecting');
  readonly hello: Signal<HelloMessage | undefined> = signal<HelloMessage | undefined>(undefined);
  /** The last message that was not taken. */
  readonly refused: Signal<PlainError | undefined> = signal<PlainError | undefined>(undefined);
  /** How far the server's clock is ahead of ours. */
  clockMs = 0;
  readonly #url: string;
  readonly #watched = new Map<string, Watched>();
  readonly #byId = new Map<number, Watched>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #updates = new InTurns<ViewUpdate>((update) => this.#byId.get(update.id)?.take(update));
  #socket: WebSocket | undefined;
  #last = 0;
  #retryMs = firstRetryMs;

  constructor(url: string) {
    this.#url = url;
    this.#connect();
  }

  /** The wall-clock time of the server. */
  nowMs(): number {
    return Date.now() + this.clockMs;
  }

  /** What a view shows; it is asked for while somebody holds it. */
  watch(view: View): Watched {
    const key = JSON.stringify(view);
    const known = this.#watched.get(key);
    if (known !== undefined) return known;
    const watched: Watched = new Watched(view, {
      open: () => this.#open(watched),
      close: () => this.#close(key, watched),
    });
    this.#watched.set(key, watched);
    return watched;
  }

  /** @throws PlainError what the server says */
  ask(message: WithoutNumber<Ask>): Promise<unknown> {
    const ask = ++this.#last;
    if (this.status.value !== 'open') return Promise.reject(gone); // oxlint-disable-line prefer-promise-reject-errors -- errors of the server are plain here
    return new Promise((resolve, reject) => {
      this.#waiting.set(ask, { resolve, reject });
      this.#send({ ...message, ask });
    });
  }

  #open(watched: Watched): void {
    watched.id = ++this.#last;
    this.#byId.set(watched.id, watched);
    this.#send({ do: 'watch', id: watched.id, view: watched.view });
  }

  #close(key: string, watched: Watched): void {
    this.#watched.delete(key);
    this.#byId.delete(watched.id);
    this.#send({ do: 'unwatch', id: watched.id });
  }

  #send(message: PageMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      this.#take(JSON.parse(String(data)) as ServerMessage);
    });
    socket.addEventListener('close', () => this.#lose());
  }

  #lose(): void {
    this.status.value = 'lost';
    for (const { reject } of this.#waiting.values()) reject(gone);
    this.#waiting.clear();
    setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 1.6, lastRetryMs);
  }

  #take(message: ServerMessage): void {
    if (message.kind === 'hello') this.#greet(message);
    else if (message.kind === 'refused') this.refused.value = message.error;
    else this.#takeBatch(message);
  }

  #greet(hello: HelloMessage): void {
    this.clockMs = hello.nowMs - Date.now();
    this.hello.value = hello;
    this.#retryMs = firstRetryMs;
    this.status.value = 'open';
    // A new connection knows nothing of the old one's views.
    this.#byId.clear();
    this.#updates.clear();
    for (const watched of this.#watched.values()) {
      watched.restart();
      if (watched.isHeld) this.#open(watched);
    }
  }

  #takeBatch({ answers, updates }: BatchMessage): void {
    this.#updates.add(updates);
    for (const answer of answers) {
      const waiting = this.#waiting.get(answer.ask);
      this.#waiting.delete(answer.ask);
      if ('error' in answer) waiting?.reject(answer.error);
      else waiting?.resolve(answer.value);
    }
  }
}
