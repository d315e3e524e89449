import { ExtensionEventError } from '@extension-events/core';
import { toAsciiJson } from './ascii-json.ts';
import type { CdpEvent, CdpMethod, CdpResult } from './host.ts';
import type { CdpEvents } from './protocol.ts';

type Listener = (params: unknown) => void;

/** The parts of a session that do not depend on what carries it: listeners, and what waits for the end. */
export class CdpDispatcher {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #closedListeners = new Set<() => void>();
  isClosed = false;

  on<E extends CdpEvent>(event: E, listener: (...params: CdpEvents[E]) => void): Disposable {
    let set = this.#listeners.get(event);
    if (set === undefined) this.#listeners.set(event, (set = new Set()));
    // Wrapped, so that the same function added twice is called twice and removed once.
    const entry: Listener = (params) => {
      (listener as Listener)(params);
    };
    set.add(entry);
    return { [Symbol.dispose]: () => void set.delete(entry) };
  }

  onClosed(listener: () => void): Disposable {
    const entry = (): void => listener();
    if (this.isClosed) queueMicrotask(entry);
    else this.#closedListeners.add(entry);
    return { [Symbol.dispose]: () => void this.#closedListeners.delete(entry) };
  }

  emit(event: string, params: unknown): void {
    const set = this.#listeners.get(event);
    // A copy: a listener may remove itself or add another while it runs.
    if (set !== undefined) for (const listener of Array.from(set)) listener(params);
  }

  /** Marks the session closed; true when it was open. */
  closed(): boolean {
    if (this.isClosed) return false;
    this.isClosed = true;
    this.#listeners.clear();
    const listeners = [...this.#closedListeners];
    this.#closedListeners.clear();
    for (const listener of listeners) listener();
    return true;
  }
}

interface Waiting {
  readonly method: CdpMethod;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface CdpMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** A session over a channel of JSON texts: numbers the commands and matches the answers. */
export class CdpConversation extends CdpDispatcher {
  readonly #waiting = new Map<number, Waiting>();
  readonly #send: (text: string, failed: (error: Error) => void) => void;
  #lastId = 0;

  constructor(send: (text: string, failed: (error: Error) => void) => void) {
    super();
    this.#send = send;
  }

  post<M extends CdpMethod>(method: M, params?: unknown): Promise<CdpResult<M>> {
    if (this.isClosed) return Promise.reject(closedError(method));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const settle = resolve as (result: unknown) => void;
      this.#waiting.set(id, { method, resolve: settle, reject });
      this.#send(toAsciiJson({ id, method, params }), (error) => {
        if (this.#waiting.delete(id)) reject(error);
      });
    });
  }

  /** Takes one text from the channel; texts that are no protocol message are ignored. */
  receive(text: string): void {
    let message: CdpMessage;
    try {
      message = JSON.parse(text) as CdpMessage;
    } catch {
      return;
    }
    if (message.id === undefined) {
      if (message.method !== undefined) this.emit(message.method, message.params);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    if (message.error === undefined) waiting.resolve(message.result);
    else waiting.reject(commandError(waiting.method, message.error.message));
  }

  override closed(): boolean {
    if (!super.closed()) return false;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const each of waiting) each.reject(closedError(each.method));
    return true;
  }
}

export function closedError(method: string): ExtensionEventError {
  return new ExtensionEventError(
    'EE_V8_CLOSED',
    `The inspector session closed before ${method} was answered.`,
    'The thread or the process has ended, or the session was closed; attach again if it still runs.',
  );
}

export function commandError(method: string, reason: string): ExtensionEventError {
  return new ExtensionEventError(
    'EE_V8_COMMAND',
    `The inspector refused ${method}: ${reason}`,
    'Check that the domain is enabled in this session and that this version of Node has the method.',
  );
}
