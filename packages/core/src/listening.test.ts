// oxlint-disable unicorn/consistent-function-scoping -- small throwers stand beside their use
import { describe, expect, it, vi } from 'vitest';
import { maxWaiting } from './delivery.ts';
import type { EventType } from './event-type.ts';
import { Registry } from './registry.ts';

const fields = { n: { type: 'u32' } } as const;
type Counted = EventType<typeof fields>;

function setUp(): { registry: Registry; type: Counted; heard: string[] } {
  const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
  const type = registry.registerEventType({ name: 'tick', description: '', fields });
  return { registry, type, heard: [] };
}
const safePoint = (): Promise<void> => Promise.resolve();
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

describe('the safe point', () => {
  it('comes when the posting job has unwound', async () => {
    const { type, heard } = setUp();
    type.listen(({ n }) => {
      heard.push(`heard ${n}`);
      expect(new Error('here').stack).not.toContain('poster');
    });
    function poster(): void {
      type.post({ n: 1 });
      heard.push('posted');
    }
    poster();
    await safePoint();
    expect(heard).toEqual(['posted', 'heard 1']);
  });

  it('runs listeners in the order in which they attached, event by event', async () => {
    const { registry, type, heard } = setUp();
    type.listen(({ n }) => heard.push(`a${n}`));
    registry.listen('**', (event) => heard.push(`b${String(event.payload['n'])}`));
    type.listen(({ n }) => heard.push(`c${n}`));
    type.post({ n: 1 });
    type.post({ n: 2 });
    await safePoint();
    expect(heard).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
  });

  it('does not show an event to a listener that attached after it', async () => {
    const { type, heard } = setUp();
    type.listen(({ n }) => {
      heard.push(`a${n}`);
      if (n === 1) type.listen((late) => heard.push(`late ${late.n}`));
    });
    type.post({ n: 1 });
    type.listen(({ n }) => heard.push(`b${n}`));
    await safePoint();
    type.post({ n: 2 });
    await safePoint();
    expect(heard).toEqual(['a1', 'a2', 'b2', 'late 2']);
  });

  it('hands over a copy: later changes of the payload, and other listeners, do not show', async () => {
    const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
    const type = registry.registerEventType({
      name: 'bytes',
      description: '',
      fields: { n: { type: 'u32' }, body: { type: 'bytes' } },
    });
    const heard: unknown[] = [];
    type.listen((payload) => {
      heard.push({ ...payload, body: [...payload.body] });
      Object.assign(payload, { n: 99 });
      payload.body[0] = 99;
    });
    type.listen((payload) => heard.push({ ...payload, body: [...payload.body] }));
    const body = Buffer.from([1, 2]);
    const payload = { n: 1, body };
    type.post(payload);
    payload.n = 50;
    body[0] = 50;
    await safePoint();
    expect(heard).toEqual([
      { n: 1, body: [1, 2] },
      { n: 1, body: [1, 2] },
    ]);
    expect(payload).toEqual({ n: 50, body: Buffer.from([50, 2]) });
  });
});

describe('unlistening', () => {
  it('lets no callback come once it has returned, and counts what waited as lost', async () => {
    const { type, heard } = setUp();
    const listening = type.listen(({ n }) => heard.push(`a${n}`));
    type.post({ n: 1 });
    type.post({ n: 2 });
    listening.unlisten();
    expect(listening.account).toMatchObject({ matched: 2, delivered: 0, lost: 2, throttled: 0 });
    await safePoint();
    expect(heard).toEqual([]);
    type.post({ n: 3 });
    listening.unlisten();
    await safePoint();
    expect(listening.account).toMatchObject({ matched: 2, delivered: 0, lost: 2, throttled: 0 });
  });

  it('may happen inside a callback, also for another listener of the same event', async () => {
    const { type, heard } = setUp();
    const first = type.listen(({ n }) => {
      heard.push(`a${n}`);
      first.unlisten();
      second.unlisten();
    });
    const second = type.listen(({ n }) => heard.push(`b${n}`));
    const third = type.listen(({ n }) => heard.push(`c${n}`));
    type.post({ n: 1 });
    type.post({ n: 2 });
    await safePoint();
    expect(heard).toEqual(['a1', 'c1', 'c2']);
    expect(first.account).toMatchObject({ matched: 2, delivered: 1, lost: 1 });
    expect(second.account).toMatchObject({ matched: 2, delivered: 0, lost: 2 });
    expect(third.account).toMatchObject({ matched: 2, delivered: 2, lost: 0 });
  });

  it('happens by signal, by using, and not at all when the signal was aborted before', async () => {
    const { type, heard } = setUp();
    const controller = new AbortController();
    type.listen(({ n }) => heard.push(`a${n}`), { signal: controller.signal });
    type.listen(({ n }) => heard.push(`never ${n}`), { signal: AbortSignal.abort() });
    {
      using listening = type.listen(({ n }) => heard.push(`b${n}`));
      expect(listening.account.matched).toBe(0);
      type.post({ n: 1 });
      await safePoint();
    }
    controller.abort();
    type.post({ n: 2 });
    await safePoint();
    expect(heard).toEqual(['a1', 'b1']);
    expect(type.hasListeners).toBe(false);
  });

  it('lets go of a signal that lives on', () => {
    const { type } = setUp();
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, 'removeEventListener');
    type.listen(() => {}, { signal }).unlisten();
    expect(remove).toHaveBeenCalledWith('abort', expect.any(Function));
  });
});

describe('a listener that throws', () => {
  it('harms only itself, and is told', async () => {
    const { type, heard } = setUp();
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const thrower = type.listen(
      () => {
        throw new Error('mine');
      },
      { onError },
    );
    const other = type.listen(({ n }) => heard.push(`b${n}`));
    type.post({ n: 1 });
    type.post({ n: 2 });
    await safePoint();
    expect(heard).toEqual(['b1', 'b2']);
    expect(errors).toEqual([new Error('mine')]);
    expect(thrower.account).toMatchObject({ matched: 2, delivered: 1, lost: 1 });
    expect(other.account).toMatchObject({ matched: 2, delivered: 2, lost: 0 });
  });

  it('is told by a process warning when nobody else wants to know', async () => {
    const { type } = setUp();
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    type.listen(() => {
      throw new Error('mine');
    });
    type.post({ n: 1 });
    await safePoint();
    expect(emitWarning).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('mine'), 'ExtensionEventsWarning'); // prettier-ignore
    emitWarning.mockRestore();
  });

  it('may even throw what cannot be printed, or throw in onError', async () => {
    const { type, heard } = setUp();
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const hostile = {
      toString() {
        throw new Error('no');
      },
    };
    type.listen(() => {
      throw hostile; // oxlint-disable-line typescript/only-throw-error
    });
    const onError = (): never => {
      throw new Error('onError');
    };
    type.listen(onError, { onError });
    type.listen(({ n }) => heard.push(`c${n}`));
    type.post({ n: 1 });
    await safePoint();
    type.post({ n: 2 });
    await safePoint();
    expect(heard).toEqual(['c1', 'c2']);
    emitWarning.mockRestore();
  });

  it('may be asynchronous', async () => {
    const { type } = setUp();
    const errors: unknown[] = [];
    // oxlint-disable-next-line typescript/no-misused-promises -- the type forbids it, people do it
    type.listen(async () => Promise.reject(new Error('later')), {
      onError: (error) => errors.push(error),
    });
    type.post({ n: 1 });
    await until(() => errors.length > 0);
    expect(errors).toEqual([new Error('later')]);
    expect(type.hasListeners).toBe(false);
  });
});

describe('a listener that posts what it listens for', () => {
  it('hears all of it, and leaves the event loop its turns', async () => {
    const { type } = setUp();
    let turns = 0;
    let heard = 0;
    const count = (): void => {
      turns++;
      if (heard < 10_000) setImmediate(count);
    };
    const listening = type.listen(({ n }) => {
      heard++;
      if (n < 10_000) type.post({ n: n + 1 });
    });
    setImmediate(count);
    type.post({ n: 1 });
    await until(() => heard === 10_000);
    expect(turns).toBeGreaterThan(2);
    expect(listening.account).toMatchObject({ matched: 10_000, delivered: 10_000, lost: 0 });
  });

  it('may not fill the memory: beyond the queue events are lost, and counted', async () => {
    const { type } = setUp();
    let posts = 1;
    const listening = type.listen(() => {
      for (let i = 0; i < 2 && posts < 400_000; i++, posts++) type.post({ n: i });
    });
    type.post({ n: 0 });
    await until(() => listening.account.delivered + listening.account.lost === posts);
    expect(posts).toBe(400_000);
    expect(listening.account.matched).toBe(posts);
    expect(listening.account.lost).toBeGreaterThan(0);
    listening.unlisten();
  });

  it('gets exactly the queue when a job posts more than that', async () => {
    const { type } = setUp();
    let heard = 0;
    const listening = type.listen(() => heard++);
    for (let n = 0; n < maxWaiting + 10; n++) type.post({ n });
    await safePoint();
    expect(heard).toBe(maxWaiting);
    expect(listening.account).toMatchObject({ matched: maxWaiting + 10, delivered: maxWaiting, lost: 10 }); // prettier-ignore
  });
});

describe('where', () => {
  it('is evaluated in the post, before anything is copied', async () => {
    const { type, heard } = setUp();
    let now = 1;
    type.listen(({ n }) => heard.push(`heard ${n}`), { where: ({ n }) => n === now });
    type.post({ n: 1 });
    now = 2;
    type.post({ n: 1 });
    await safePoint();
    expect(heard).toEqual(['heard 1']);
  });

  it('ends its listen when it throws, and no other', async () => {
    const { type, heard } = setUp();
    const errors: unknown[] = [];
    const where = (): never => {
      throw new Error('where');
    };
    const failing = type.listen(() => {}, { where, onError: (error) => errors.push(error) });
    type.listen(({ n }) => heard.push(`b${n}`));
    type.post({ n: 1 });
    type.post({ n: 2 });
    await safePoint();
    expect(heard).toEqual(['b1', 'b2']);
    expect(errors).toEqual([new Error('where')]);
    expect(failing.account).toMatchObject({ matched: 1, delivered: 0, lost: 1 });
  });

  it('may end its own listen', async () => {
    const { type, heard } = setUp();
    const listening = type.listen(({ n }) => heard.push(`a${n}`), {
      where: () => {
        listening.unlisten();
        return true;
      },
    });
    type.post({ n: 1 });
    await safePoint();
    expect(heard).toEqual([]);
    expect(listening.account).toMatchObject({ matched: 0, delivered: 0, lost: 0 });
  });
});

describe('an event by pattern', () => {
  it('tells name, payload, time, thread and a contiguous number', async () => {
    const { registry, type } = setUp();
    const events: unknown[] = [];
    registry.listen('t*', (event) => events.push(event));
    type.post({ n: 1 });
    type.post({ n: 2 });
    await safePoint();
    const common = { name: 'tick', timestampNs: expect.any(Number), subject: { tid: 7, threadId: 0 } }; // prettier-ignore
    expect(events).toEqual([
      { ...common, payload: { n: 1 }, seq: 1 },
      { ...common, payload: { n: 2 }, seq: 2 },
    ]);
  });
});
