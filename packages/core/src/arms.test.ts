// oxlint-disable unicorn/consistent-function-scoping -- small throwers stand beside their use
import { describe, expect, it, vi } from 'vitest';
import type { Arming } from './arms.ts';
import { ExtensionEventError } from './errors.ts';
import { Registry } from './registry.ts';
import { TestRing } from './test-ring.ts';

const request = { address: { type: 'f64' }, access: { type: 'string', default: 'write', oneOf: ['read', 'write'] } } as const; // prettier-ignore
const coded = (code: string): unknown => expect.objectContaining({ code });
const safePoint = async (): Promise<void> => {
  for (let i = 0; i < 4; i++) await Promise.resolve();
};

class Source {
  readonly armed: Map<number, Arming> = new Map();
  readonly log: string[] = [];
  refusal: unknown;

  arm(arming: Arming): void | Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    this.armed.set(arming.armId, arming);
    this.log.push(`arm ${JSON.stringify(arming.request)} ${arming.subject?.tid ?? 'all'}`);
  }

  disarm({ armId, request: values }: Arming): void {
    if (this.armed.delete(armId)) this.log.push(`disarm ${JSON.stringify(values)}`);
  }

  post(n: number, address?: number): void {
    for (const arming of this.armed.values()) {
      if (address === undefined || arming.request['address'] === address) arming.post({ n });
    }
  }
}

function setUp(registry: Registry = new Registry({ tid: 7, threadId: 0 }, 'main'), source: Source = new Source()) {
  const register = () =>
    registry.registerEventType({
      name: 'hit',
      kind: 'requested',
      description: '',
      fields: { n: { type: 'u32' } },
      request,
      arm: (arming) => source.arm(arming as never),
      disarm: (arming) => source.disarm(arming as never),
    });
  return { registry, source, register, type: register(), heard: [] as string[] };
} // prettier-ignore

describe('arming', () => {
  it('switches the source on with the first listener and off with the last', () => {
    const { type, source } = setUp();
    expect(source.log).toEqual([]);
    const first = type.listen(() => {}, { request: { address: 1 } });
    const second = type.listen(() => {}, { request: { access: 'write', address: 1 } });
    expect(source.log).toEqual(['arm {"address":1,"access":"write"} all']);
    first.unlisten();
    first.unlisten();
    expect(source.log).toHaveLength(1);
    second.unlisten();
    expect(source.log[1]).toBe('disarm {"address":1,"access":"write"}');
    type.listen(() => {}, { request: { address: 1 } }).unlisten();
    expect(source.log).toHaveLength(4);
  });

  it('keeps two requests apart: their listeners never hear each other', async () => {
    const { type, source, heard } = setUp();
    type.listen(({ n }) => heard.push(`one ${n}`), { request: { address: 1 } });
    type.listen(({ n }) => heard.push(`two ${n}`), { request: { address: 2 } });
    type.listen(({ n }) => heard.push(`also one ${n}`), { request: { address: 1 } });
    source.post(10, 1);
    source.post(20, 2);
    await safePoint();
    expect(heard).toEqual(['one 10', 'also one 10', 'two 20']);
    type.post({ n: 30 });
    await safePoint();
    expect(heard.slice(3)).toEqual(['one 30', 'two 30', 'also one 30']);
  });

  it('keeps two subjects apart, and records carry armId, subject and the time that the source tells', () => {
    const ring = new TestRing();
    const { source } = setUp(ring.registry);
    const armIds: number[] = [];
    const record = (slot: number, tid: number): unknown =>
      ring.registry.tap({
        mode: 'record',
        pattern: 'hit',
        slot,
        request: { address: 1 },
        subject: { tid, threadId: 1 },
        onArmed: (_name, armId) => armIds.push(armId),
      });
    record(0, 100);
    record(1, 200);
    for (const arming of source.armed.values()) arming.post({ n: arming.subject?.tid ?? 0 });
    source.armed.get(armIds[1] ?? 0)?.post({ n: 1 }, { tid: 300, threadId: 3 }, 123_456);
    expect(ring.read()).toMatchObject([
      { payload: { n: 100 }, slots: [0], armId: armIds[0], subjectTid: 100 },
      { payload: { n: 200 }, slots: [1], armId: armIds[1], subjectTid: 200 },
      { payload: { n: 1 }, slots: [1], armId: armIds[1], subjectTid: 300, timestampNs: 123_456 },
    ]);
  });

  it('is heard from the very first event, also one that the source posts while it is armed', async () => {
    const source = new Source();
    source.arm = (arming) => arming.post({ n: 1 });
    const { type, heard } = setUp(undefined, source);
    type.listen(({ n }) => heard.push(`heard ${n}`), { request: { address: 1 } });
    await safePoint();
    expect(heard).toEqual(['heard 1']);
  });

  it('gives a stack that begins below the post of the source', async () => {
    const { registry, source } = setUp();
    const stacks: string[] = [];
    registry.listen('hit', (event) => stacks.push(event.stack ?? 'none'), { request: { address: 1 }, stack: 3 }); // prettier-ignore
    source.post(1);
    await safePoint();
    expect(stacks[0]?.split('\n')[0]).toContain('Source.post');
  });

  it('goes by exact names: a wildcard arms nothing', () => {
    const { registry, source } = setUp();
    registry.listen('**', () => {});
    registry.listen('hi?', () => {});
    expect(source.log).toEqual([]);
  });

  it('happens when a type is registered that a listener waits for', () => {
    const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
    const listening = registry.listen('hit', () => {}, { request: { address: 5 } });
    const { source, type } = setUp(registry);
    expect(source.log).toEqual(['arm {"address":5,"access":"write"} all']);
    type.unregister();
    expect(source.log).toHaveLength(2);
    listening.unlisten();
    expect(source.log).toHaveLength(2);
  });

  it('is over when the type is unregistered: its arming posts nothing any more', async () => {
    const { type, source, heard, register } = setUp();
    type.listen(({ n }) => heard.push(`heard ${n}`), { request: { address: 1 } });
    const [arming] = source.armed.values();
    type.unregister();
    expect(source.armed.size).toBe(0);
    arming?.post({ n: 1 });
    await safePoint();
    register();
    arming?.post({ n: 2 });
    source.post(3);
    await safePoint();
    expect(heard).toEqual(['heard 3']);
  });
});

describe('refusals', () => {
  it.each([
    ['a missing parameter', {}],
    ['an unknown one', { address: 1, length: 2 }],
    ['a wrong type', { address: '1' }],
    ['NaN', { address: Number.NaN }],
    ['infinity', { address: Number.POSITIVE_INFINITY }],
    ['a word that is not offered', { address: 1, access: 'jump' }],
  ])('come at once for %s', (_what, bad) => {
    const { type, source } = setUp();
    expect(() => type.listen(() => {}, { request: bad as never })).toThrow(coded('EE_REQUEST'));
    expect(source.log).toEqual([]);
    expect(type.hasListeners).toBe(false);
  });

  it('keep the code of the source, or get one', () => {
    const { type, source } = setUp();
    source.refusal = new ExtensionEventError('EE_PMU', 'No counter.', 'Wait.');
    expect(() => type.listen(() => {}, { request: { address: 1 } })).toThrow(coded('EE_PMU'));
    source.refusal = new Error('plain');
    expect(() => type.listen(() => {}, { request: { address: 1 } })).toThrow(
      coded('EE_ARM_FAILED'),
    );
    expect(type.hasListeners).toBe(false);
    source.refusal = undefined;
    type.listen(() => {}, { request: { address: 1 } });
    expect(source.log).toHaveLength(1);
  });

  it('that come later are told to every listener of the arming, and undo it', async () => {
    const source = new Source();
    source.arm = () => Promise.reject(new Error('later'));
    const { registry, type } = setUp(undefined, source);
    const errors: unknown[] = [];
    const failures: unknown[] = [];
    const options = { request: { address: 1 }, onError: (error: unknown) => errors.push(error) };
    const listening = type.listen(() => {}, options);
    registry.tap({ mode: 'probe', pattern: 'hit', request: { address: 1 }, onFailure: (name) => failures.push(name) }); // prettier-ignore
    expect(type.hasListeners).toBe(true);
    await safePoint();
    expect(errors).toEqual([coded('EE_ARM_FAILED')]);
    expect(failures).toEqual(['hit']);
    expect(type.hasListeners).toBe(false);
    listening.unlisten();
  });

  it('do not come for a listener that has left meanwhile; what came up is switched off again', async () => {
    const source = new Source();
    let finish = (): void => {};
    source.arm = (arming) =>
      new Promise((resolve) => {
        finish = () => {
          source.armed.set(arming.armId, arming);
          resolve();
        };
      });
    const { type } = setUp(undefined, source);
    type.listen(() => {}, { request: { address: 1 } }).unlisten();
    finish();
    await safePoint();
    expect(source.armed.size).toBe(0);
    expect(source.log).toEqual(['disarm {"address":1,"access":"write"}']);
  });

  it('of disarming are a warning and stop nothing', () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { registry, type, source } = setUp();
    const other = registry.registerEventType({ name: 'other', description: '', fields: {} });
    source.disarm = () => {
      throw new Error('stuck');
    };
    const tap = registry.tap({ mode: 'local', pattern: 'hit', request: { address: 1 } });
    const all = registry.listen('**', () => {});
    registry.untap(tap);
    all.unlisten();
    expect(type.hasListeners).toBe(false);
    expect(other.hasListeners).toBe(false);
    expect(emitWarning).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('stuck'), 'ExtensionEventsWarning'); // prettier-ignore
    emitWarning.mockRestore();
  });

  it.each([
    ['a type that nobody can give', { body: { type: 'bytes' } }],
    ['a default of another type', { n: { type: 'u32', default: 'x' } }],
    ['a default beyond its limit', { n: { type: 'u32', default: 9, max: 8 } }],
    ['a default that is not offered', { by: { type: 'string', default: 'x', oneOf: ['y'] } }],
  ])('come when a type declares a parameter with %s', (_what, bad) => {
    const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
    expect(() => registry.registerEventType({ name: 'x', kind: 'requested', description: '', fields: {}, request: bad as never, arm() {} })).toThrow(coded('EE_FIELDS')); // prettier-ignore
  });
});

describe('numbers in a request', () => {
  const limits = { u: { type: 'u8', optional: true }, i: { type: 'i16', optional: true, min: -5 }, f: { type: 'f32', optional: true, max: 1 } } as const; // prettier-ignore
  const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
  const type = registry.registerEventType({ name: 'n', kind: 'requested', description: '', fields: {}, request: limits, arm() {}, disarm() {} }); // prettier-ignore
  it.each([{ u: 0 }, { u: 255 }, { i: -5 }, { i: 32_767 }, { f: 1 }, { f: 0.5 }])('accepts %j', (given) => {
    expect(() => type.listen(() => {}, { request: given }).unlisten()).not.toThrow();
  });
  it.each([{ u: -1 }, { u: 256 }, { u: 1.5 }, { i: -6 }, { i: 32_768 }, { f: 1.5 }])('refuses %j', (given) => {
    expect(() => type.listen(() => {}, { request: given })).toThrow(coded('EE_REQUEST'));
  });
}); // prettier-ignore
