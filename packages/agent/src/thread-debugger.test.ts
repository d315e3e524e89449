import type { CdpSession } from '@extension-events/platform-v8';
import type { Consumer } from '@extension-events/protocol/server';
import { expect, it } from 'vitest';
import { ThreadDebugger } from './thread-debugger.ts';
import { TracedThread } from './traced-thread.ts';
import { UserCode } from './user-code.ts';

/** A thread's session that answers when the test says so. */
class FakeSession {
  readonly posted: string[] = [];
  readonly isClosed = false;
  readonly #listeners: Map<string, (params: unknown) => void> = new Map();
  #answers: (() => void)[] = [];
  isSlow = false;

  post(method: string): Promise<unknown> {
    this.posted.push(method);
    if (!this.isSlow) return Promise.resolve({});
    return new Promise((resolve) => this.#answers.push(() => resolve({})));
  }

  on(event: string, listener: (params: never) => void): Disposable {
    this.#listeners.set(event, listener as (params: unknown) => void);
    return { [Symbol.dispose]: () => void this.#listeners.delete(event) };
  }

  tell(event: string, params: unknown = {}): void {
    this.#listeners.get(event)?.(params);
  }

  async answerAll(): Promise<void> {
    this.isSlow = false;
    for (const answer of this.#answers.splice(0)) answer();
    await settle();
  }

  get resumes(): number {
    return this.posted.filter((method) => method === 'Debugger.resume').length;
  }
}

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const consumer = { name: 'the test' } as Consumer;

async function hold(): Promise<{ session: FakeSession; debug: ThreadDebugger; told: string[] }> {
  const session = new FakeSession();
  const told: string[] = [];
  const thread = new TracedThread(1, { tid: 1, threadId: 0 }, 'main', false);
  const debug = new ThreadDebugger(thread, session as unknown as CdpSession, new UserCode(), {
    held: () => told.push('held'),
    stands: () => undefined,
    resumed: (_, by) => told.push(by),
    holdersOf: () => [consumer],
    hasForeignClient: () => Promise.resolve(false),
  });
  await debug.enable();
  await debug.pause(consumer);
  session.tell('Debugger.paused', { reason: 'other', callFrames: [] });
  await settle();
  expect(told).toEqual(['held']);
  return { session, debug, told };
}

it('resumes once when the watchdog looks while its holder lets go', async () => {
  const { session, debug, told } = await hold();
  session.isSlow = true;
  const released = debug.release(consumer);
  const watched = debug.watch();
  await session.answerAll();
  await Promise.all([released, watched]);
  // A second one would run past whatever stops the thread next.
  expect(session.resumes).toBe(1);
  expect(told).toEqual(['held', 'continue']);
});

it('leaves the next stop alone when another inspector was quicker than its holder', async () => {
  const { session, debug, told } = await hold();
  session.isSlow = true;
  const released = debug.release(consumer);
  session.tell('Debugger.resumed');
  await session.answerAll();
  await released;
  expect(session.resumes).toBe(0);
  expect(told).toEqual(['held', 'foreign']);
});

it('lets a thread go that stands for nobody', async () => {
  const { session, debug } = await hold();
  debug.holders.clear();
  await debug.watch();
  expect(session.resumes).toBe(1);
});
