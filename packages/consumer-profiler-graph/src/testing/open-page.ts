/** For tests: a page without a browser. */
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { codecs } from '../server/codecs/index.ts';
import type { Answer, HelloMessage, PageMessage, ServerMessage, View } from '../server/messages.ts';

/** A directory with a page of one line, so that no build is needed. */
export function makePageDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'watch-page-'));
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(directory, 'secret.key'), 'not a file of the page');
  return directory;
}

/** Speaks to a server as the page does. */
export class TestPage {
  readonly socket: WebSocket;
  readonly batches: { readonly atMs: number; readonly bytes: number }[] = [];
  readonly refused: { readonly code: string; readonly message: string; readonly count: number }[] =
    [];
  readonly answers: Map<number, Answer> = new Map();
  hello: HelloMessage | undefined;
  readonly #views = new Map<number, View>();
  readonly #values = new Map<number, unknown>();
  readonly #errors = new Map<number, { readonly code: string }>();
  #lastAsk = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.#take(data));
  }

  static async open(url: string): Promise<TestPage> {
    const { host, pathname } = new URL(url);
    const socket = new WebSocket(`ws://${host}${pathname}socket`, { origin: `http://${host}` });
    const page = new TestPage(socket);
    await once(socket, 'open');
    return page;
  }

  send(message: PageMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  watch(id: number, view: View): void {
    this.#views.set(id, view);
    this.#values.delete(id);
    this.send({ do: 'watch', id, view });
  }

  value(id: number): unknown {
    return this.#values.get(id);
  }

  error(id: number): { readonly code: string } | undefined {
    return this.#errors.get(id);
  }

  /** Asks for something, with a number of its own, and waits for the answer. */
  async ask(message: object): Promise<Answer> {
    const ask = ++this.#lastAsk;
    this.socket.send(JSON.stringify({ ...message, ask }));
    await until(() => this.answers.has(ask));
    return this.answers.get(ask) as Answer;
  }

  async close(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }

  #take(data: Buffer): void {
    const message = JSON.parse(data.toString()) as ServerMessage;
    if (message.kind === 'hello') this.hello = message;
    else if (message.kind === 'refused')
      this.refused.push({ ...message.error, count: message.count });
    else {
      this.batches.push({ atMs: performance.now(), bytes: data.length });
      for (const answer of message.answers) this.answers.set(answer.ask, answer);
      for (const update of message.updates) {
        const view = this.#views.get(update.id);
        if (view === undefined) continue;
        if ('error' in update) this.#errors.set(update.id, update.error);
        else this.#values.set(update.id, codecs[view.of].apply(this.#values.get(update.id), update.delta)); // prettier-ignore
      }
    }
  }
}

/** Waits for a condition, with a generous limit. */
export async function until(condition: () => boolean, limitMs = 20_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
