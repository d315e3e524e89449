import { flagHeaderWords, flagWord } from '@extension-events/core';
import type { CdpSession } from '@extension-events/platform-v8';
import type { Consumer } from '@extension-events/protocol/server';
import { expect, it } from 'vitest';
import { ThreadDebugger } from './thread-debugger.ts';
import { TracedThread } from './traced-thread.ts';
import { UserCode } from './user-code.ts';

const answers: Readonly<Record<string, unknown>> = {
  'Runtime.evaluate': { result: { objectId: 'the sentinel' } },
  'Debugger.setBreakpointOnFunctionCall': { breakpointId: 'on the sentinel' },
  'Debugger.setBreakpointByUrl': { breakpointId: 'of the consumer', locations: [] },
};

/** A thread's session that answers when the test says so. */
class FakeSession {
  readonly posted: string[] = [];
  readonly isClosed = false;
  readonly #listeners: Map<string, (params: unknown) => void> = new Map();
  #answers: (() => void)[] = [];
  isSlow = false;
  more: Readonly<Record<string, unknown>> = {};
  /** What the sentinel is called with. */
  caught: unknown = [[1], 'app.tick', {}];

  post(method: string): Promise<unknown> {
    this.posted.push(method);
    const isRead = method === 'Debugger.evaluateOnCallFrame';
    const answer = isRead
      ? { result: { value: JSON.stringify(this.caught) } }
      : (this.more[method] ?? answers[method] ?? {});
    if (!this.isSlow) return Promise.resolve(answer);
    return new Promise((resolve) => this.#answers.push(() => resolve(answer)));
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
    await this.answer();
  }

  async answer(): Promise<void> {
    for (const answer of this.#answers.splice(0)) answer();
    await settle();
  }

  get resumes(): number {
    return this.posted.filter((method) => method === 'Debugger.resume').length;
  }
}

const framesOf = (...names: string[]): object[] => names.map((functionName) => ({ functionName, callFrameId: functionName, location: { scriptId: functionName, lineNumber: 0 }, url: 'file:///app/app.js', scopeChain: [], this: {} })); // prettier-ignore

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
    failed: (error) => told.push(String(error)),
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

it('shows a thread the breakpoint of its stops once it is set, whoever asks meanwhile', async () => {
  const { session, debug } = await hold();
  const words = new Int32Array(new SharedArrayBuffer(4 * flagHeaderWords));
  debug.thread.words = words;
  const isShown = (): boolean => words[flagWord.sentinelArmed] === 1;
  session.isSlow = true;
  const first = debug.armSentinel(true);
  const second = debug.armSentinel(true);
  await settle();
  await session.answer(); // where it is to be set
  expect(session.posted.at(-1)).toBe('Debugger.setBreakpointOnFunctionCall');
  const third = debug.armSentinel(true);
  await settle();
  // A stop now would be taken for done.
  expect(isShown()).toBe(false);
  await session.answerAll();
  await Promise.all([first, second, third]);
  expect(isShown()).toBe(true);
  const asked = session.posted.length;
  await Promise.all([debug.armSentinel(false), debug.armSentinel(true), debug.armSentinel(false)]);
  expect(isShown()).toBe(false);
  expect(session.posted.slice(asked)).toEqual(['Debugger.removeBreakpoint', 'Runtime.evaluate', 'Debugger.setBreakpointOnFunctionCall', 'Debugger.removeBreakpoint']); // prettier-ignore
});

it('lets a thread go that stands for nobody', async () => {
  const { session, debug } = await hold();
  debug.holders.clear();
  await debug.watch();
  expect(session.resumes).toBe(1);
});

it('lets a thread run on when something goes wrong at its pause, and tells of it', async () => {
  const { session, debug, told } = await hold();
  await debug.release(consumer);
  session.tell('Debugger.resumed');
  const before = session.resumes;
  const event = {
    get hitBreakpoints(): string[] {
      throw new Error('what nobody expects');
    },
  };
  session.tell('Debugger.paused', event);
  await settle();
  expect(session.resumes).toBe(before + 1);
  expect(told).toEqual(['held', 'continue', 'Error: what nobody expects']);
});

it('takes no breakpoint away between a step and where it ends', async () => {
  const { session, debug } = await hold();
  await debug.armSentinel(true);
  const { breakpoint } = await debug.setBreakpoint(consumer, { url: 'app.js', lineNumber: 1 });
  await debug.release(consumer);
  session.tell('Debugger.resumed');
  const asked = session.posted.length;
  session.tell('Debugger.paused', { reason: 'other', hitBreakpoints: ['on the sentinel'], callFrames: framesOf('stopSentinel', 'post', 'send', 'main') }); // prettier-ignore
  await settle();
  session.tell('Debugger.resumed');
  // V8 would forget the step, and the thread would run on.
  const disarmed = debug.armSentinel(false);
  const removed = debug.removeBreakpoint(consumer, breakpoint);
  await settle();
  session.tell('Debugger.paused', { reason: 'step', callFrames: framesOf('post', 'send', 'main') });
  await settle();
  expect(session.posted.slice(asked)).toEqual(['Debugger.evaluateOnCallFrame', 'Debugger.stepOut', 'Debugger.stepOut']); // prettier-ignore
  session.tell('Debugger.resumed');
  session.tell('Debugger.paused', { reason: 'step', callFrames: framesOf('send', 'main') });
  await Promise.all([disarmed, removed]);
  await settle();
  expect(session.posted.filter((method) => method === 'Debugger.removeBreakpoint')).toHaveLength(2);
  expect(debug.isHeld).toBe(true);
});

it('takes a breakpoint away all the same when a step ends nowhere', async () => {
  const { session, debug } = await hold();
  await debug.armSentinel(true);
  await debug.step(consumer, { type: 'out' });
  session.tell('Debugger.resumed');
  await debug.armSentinel(false);
  expect(session.posted.at(-1)).toBe('Debugger.removeBreakpoint');
});

it('finishes the frame that is named, out of all that it has called', async () => {
  const { session, debug, told } = await hold();
  const frames = framesOf('inner', 'middle', 'outer', 'main');
  await debug.release(consumer);
  session.tell('Debugger.resumed');
  await debug.pause(consumer);
  session.tell('Debugger.paused', { reason: 'other', callFrames: frames });
  await settle();
  const asked = session.posted.length;
  await debug.step(consumer, { type: 'out', callFrameId: 'outer' });
  for (let depth = 3; depth >= 1; depth--) {
    session.tell('Debugger.resumed');
    session.tell('Debugger.paused', { reason: 'step', callFrames: frames.slice(-depth) });
    await settle();
  }
  const steps = session.posted.slice(asked).filter((method) => method.startsWith('Debugger.step'));
  expect(steps).toEqual(Array.from({ length: 3 }, () => 'Debugger.stepOut'));
  expect(debug.stop?.frames.map(({ functionName }) => functionName)).toEqual(['main']);
  expect(told.at(-1)).toBe('held');
});

it('tells what the function returned that it finishes, and not what its inner calls returned', async () => {
  const { session, debug } = await hold();
  const returns = { 'Debugger.getPossibleBreakpoints': { locations: [{ type: 'call' }, { type: 'return', scriptId: 'fact', lineNumber: 3 }] }, 'Debugger.setBreakpoint': { breakpointId: 'at the return' } }; // prettier-ignore
  session.more = returns;
  const [fact = {}, main = {}] = framesOf('fact', 'main');
  const outer = { ...fact, callFrameId: 'outer', functionLocation: { scriptId: 'fact', lineNumber: 1 } }; // prettier-ignore
  const finish = async (...pauses: object[]): Promise<unknown> => {
    await debug.release(consumer);
    session.tell('Debugger.resumed');
    await debug.pause(consumer);
    session.tell('Debugger.paused', { reason: 'other', callFrames: [outer, main] });
    await settle();
    const asked = session.posted.length;
    await debug.step(consumer, { type: 'out', callFrameId: 'outer' });
    for (const pause of pauses) {
      session.tell('Debugger.resumed');
      session.tell('Debugger.paused', { reason: 'step', ...pause });
      await settle();
    }
    const made = session.posted.slice(asked);
    for (const method of ['Debugger.setBreakpoint', 'Debugger.removeBreakpoint'])
      expect(made.filter((each) => each === method)).toHaveLength(1);
    return debug.stop?.cause;
  };
  const hitBreakpoints = ['at the return'];
  const returned = { type: 'number', value: 6 };
  const inner = { hitBreakpoints, callFrames: [{ ...fact, returnValue: { type: 'number', value: 2 } }, outer, main] }; // prettier-ignore
  const own = { hitBreakpoints, callFrames: [{ ...outer, returnValue: returned }, main] };
  const landed = { callFrames: [main] };
  expect(await finish(own, landed)).toEqual({ type: 'step', returned });
  expect(await finish(inner, { callFrames: [outer, main] }, landed)).toEqual({ type: 'step' });
  // The selected frame has called others, which return first.
  expect(await finish(inner, { callFrames: [outer, main] }, own, landed)).toEqual({ type: 'step', returned }); // prettier-ignore
  // One that calls itself a thousand times would stop at each of those returns.
  const many = Array.from({ length: 80 }, () => inner);
  expect(await finish(...many, landed)).toEqual({ type: 'step' });
});

it('tells what a function returns that stands at its return already', async () => {
  const { session, debug } = await hold();
  await debug.release(consumer);
  session.tell('Debugger.resumed');
  await debug.pause(consumer);
  const [leaf = {}, main = {}] = framesOf('leaf', 'main');
  const returned = { type: 'string', value: 'done' };
  session.tell('Debugger.paused', { reason: 'other', callFrames: [{ ...leaf, returnValue: returned }, main] }); // prettier-ignore
  await settle();
  await debug.step(consumer, { type: 'out', callFrameId: 'leaf' });
  session.tell('Debugger.resumed');
  session.tell('Debugger.paused', { reason: 'step', callFrames: [main] });
  await settle();
  expect(debug.stop?.cause).toEqual({ type: 'step', returned });
  expect(session.posted).not.toContain('Debugger.setBreakpoint');
});

it('leaves no breakpoint of a step behind that something else has ended', async () => {
  const { session, debug } = await hold();
  session.more = { 'Debugger.getPossibleBreakpoints': { locations: [{ type: 'return', scriptId: 'a', lineNumber: 3 }] }, 'Debugger.setBreakpoint': { breakpointId: 'at the return' } }; // prettier-ignore
  await debug.release(consumer);
  session.tell('Debugger.resumed');
  const { breakpoint } = await debug.setBreakpoint(consumer, { url: 'app.js', lineNumber: 1 });
  await debug.pause(consumer);
  const frames = framesOf('inner', 'main');
  Object.assign(frames[0] ?? {}, { functionLocation: { scriptId: 'a', lineNumber: 1 } });
  session.tell('Debugger.paused', { reason: 'other', callFrames: frames });
  await settle();
  await debug.step(consumer, { type: 'out', callFrameId: 'inner' });
  session.tell('Debugger.resumed');
  session.tell('Debugger.paused', { reason: 'other', hitBreakpoints: [breakpoint], callFrames: frames }); // prettier-ignore
  await settle();
  expect(debug.stop?.cause).toMatchObject({ type: 'breakpoint' });
  expect(session.posted.filter((method) => method === 'Debugger.removeBreakpoint')).toHaveLength(1);
});

it('tells of an event whose post it leaves on the way from another, and stops for both once', async () => {
  const { session, debug, told } = await hold();
  await debug.armSentinel(true);
  await debug.release(consumer);
  session.tell('Debugger.resumed');
  const frames = framesOf('stopSentinel', 'post', 'send', 'main');
  session.tell('Debugger.paused', { reason: 'other', hitBreakpoints: ['on the sentinel'], callFrames: frames }); // prettier-ignore
  await settle();
  session.tell('Debugger.resumed');
  session.caught = [[2, 3], 'app.outer', { n: 13 }];
  session.tell('Debugger.paused', { reason: 'other', hitBreakpoints: ['on the sentinel'], callFrames: frames }); // prettier-ignore
  await settle();
  expect(session.posted.at(-1)).toBe('Debugger.stepOut');
  session.tell('Debugger.resumed');
  for (let depth = 3; depth >= 2; depth--) {
    session.tell('Debugger.paused', { reason: 'step', callFrames: frames.slice(-depth) });
    await settle();
  }
  expect(debug.stop).toMatchObject({
    landed: 'exact',
    cause: { event: 'app.tick', listens: [1] },
    others: [{ event: 'app.outer', listens: [2, 3], payload: { n: 13 } }],
  });
  expect(told).toEqual(['held', 'continue', 'held']);
});

it.each([
  [{}, 'exact', []],
  [{ isAfter: true }, 'elsewhere', ['The call that the event is about had returned: stopped where the thread was.']], // prettier-ignore
])('stops inside the function that an event names, unless it was only what came after: %o', async (more, landed, notes) => {
  const { session, debug } = await hold();
  await debug.release(consumer);
  session.tell('Debugger.resumed');
  const payload = { function: 'parse', functionLine: 3, scriptUrl: 'file:///app/app.js', ...more };
  await debug.stopHere({ catchIds: [1], event: 'event-loop.stall', payload, timestampNs: 1 });
  const [frame = {}] = framesOf('parse');
  session.tell('Debugger.paused', { reason: 'other', callFrames: [{ ...frame, functionLocation: { scriptId: 'parse', lineNumber: 2 } }] }); // prettier-ignore
  await settle();
  expect(debug.stop).toMatchObject({ landed, notes });
}); // prettier-ignore

it('stops a thread where it is when it does not come to the code of the user', async () => {
  const { session, debug } = await hold();
  await debug.armSentinel(true);
  await debug.release(consumer);
  session.tell('Debugger.resumed');
  session.tell('Debugger.paused', { reason: 'other', hitBreakpoints: ['on the sentinel'], callFrames: framesOf('stopSentinel', 'post', 'send', 'main') }); // prettier-ignore
  await settle();
  session.tell('Debugger.resumed');
  const pauses = (): number =>
    session.posted.filter((method) => method === 'Debugger.pause').length;
  const before = pauses();
  for (let look = 0; look < 20; look++) await debug.watch();
  expect(pauses()).toBe(before + 1);
  session.tell('Debugger.paused', { reason: 'other', callFrames: framesOf('busy', 'busier', 'send', 'main') }); // prettier-ignore
  await settle();
  expect(debug.stop).toMatchObject({ landed: 'elsewhere', cause: { type: 'event', event: 'app.tick' } }); // prettier-ignore
  // What comes next is a stop of its own.
  await debug.release(consumer);
  session.tell('Debugger.resumed');
  session.tell('Debugger.paused', { reason: 'other', hitBreakpoints: ['on the sentinel'], callFrames: framesOf('stopSentinel', 'post', 'main') }); // prettier-ignore
  await settle();
  expect(session.posted.at(-1)).toBe('Debugger.stepOut');
});
