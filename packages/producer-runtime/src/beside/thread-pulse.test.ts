import type { V8Thread } from '@extension-events/platform-v8';
import { expect, it } from 'vitest';
import { Places } from './places.ts';
import { StallJudge } from './stall-judge.ts';
import { ThreadPulse } from './thread-pulse.ts';

/** A session with this very thread. */
class OwnSession {
  readonly isClosed = false;
  readonly #objects: unknown[] = [];
  made = 0;
  /** enable and disable, in their order. */
  readonly calls: string[] = [];

  post(method: string, { expression = '', functionDeclaration = '', objectId, returnByValue = false }: { expression?: string; functionDeclaration?: string; objectId?: number; returnByValue?: boolean }): Promise<object> {
    if (method === 'Runtime.callFunctionOn') {
      this.calls.push(/this\.(\w+)/.exec(functionDeclaration)?.[1] ?? '');
      Reflect.apply(evaluate(`(${functionDeclaration})`) as () => unknown, this.#objects[objectId ?? -1], []);
      return Promise.resolve({ result: {} });
    }
    const value = evaluate(expression);
    if (returnByValue) return Promise.resolve({ result: { value } });
    this.made++;
    return Promise.resolve({ result: { objectId: this.#objects.push(value) - 1 } });
  } // prettier-ignore
}

// As the inspector does: globally.
const evaluate = (text: string): unknown => (0, eval)(text) as unknown; // oxlint-disable-line no-eval

const listener = (thresholdMs: number): { thresholdMs: number; judge: StallJudge } => ({ thresholdMs, judge: new StallJudge(thresholdMs, false) }); // prettier-ignore

it('uses its heartbeats again, and stops them at once', async () => {
  const session = new OwnSession();
  const thread = { session, subject: { tid: process.pid, threadId: 0 }, isHeld: false } as unknown as V8Thread; // prettier-ignore
  const pulse = new ThreadPulse(thread, new Places());
  for (let round = 0; round < 5; round++) {
    const slow = await pulse.add(listener(400));
    const quick = await pulse.add(listener(40));
    quick[Symbol.dispose]();
    slow[Symbol.dispose]();
    // Its session may be closed right after that.
    expect(session.calls.at(-1)).toBe('disable');
  }
  expect(session.made).toBe(2);
  const left = session.calls.reduce((on, call) => on + (call === 'enable' ? 1 : -1), 0);
  expect(left).toBe(0);
});
