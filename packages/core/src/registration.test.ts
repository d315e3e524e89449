import { describe, expect, it, vi } from 'vitest';
import { flagHeaderWords, flagWord, typeCapacity } from './flags.ts';
import { Registry } from './registry.ts';
import type { EventTypeOptions } from './register-options.ts';

const fields = { len: { type: 'u32', unit: 'By' }, peer: { type: 'string' } } as const;
const send = { name: 'net.send', description: 'sent', fields } as const;
const create = (): Registry => new Registry({ tid: 7, threadId: 0 }, 'main');
const coded = (code: string): unknown => expect.objectContaining({ code });

describe('registering', () => {
  it('gives a handle with the descriptor, filtered by default', () => {
    const registry = create();
    const type = registry.registerEventType({
      ...send,
      producer: 'net',
      stability: 'experimental',
    });
    expect(type.name).toBe('net.send');
    expect(type.descriptor).toEqual({ ...send, kind: 'filtered', producer: 'net', stability: 'experimental' }); // prettier-ignore
    expect(type.hasListeners).toBe(false);
    expect(registry.tryGetEventType('net.send')).toBe(type);
    expect(registry.tryGetEventType('net.receive')).toBeUndefined();
  });

  it('keeps functions out of the descriptor', () => {
    const type = create().registerEventType({ ...send, kind: 'requested', arm() {}, disarm() {} });
    expect(Object.keys(type.descriptor)).toEqual(['name', 'description', 'fields', 'kind']);
  });

  it('shares a type of the same name and schema, whatever the order of the fields', () => {
    const registry = create();
    const first = registry.registerEventType(send);
    const { len, peer } = fields;
    expect(registry.registerEventType({ ...send, fields: { peer, len } })).toBe(first);
  });

  it('keeps a shared type until both owners have unregistered it', () => {
    const registry = create();
    const first = registry.registerEventType(send);
    const second = registry.registerEventType(send);
    first.unregister();
    expect(registry.tryGetEventType('net.send')).toBe(second);
    second.unregister();
    expect(registry.tryGetEventType('net.send')).toBeUndefined();
    second.unregister();
    first[Symbol.dispose]();
  });

  it.each<[string, Partial<EventTypeOptions>]>([
    ['another type of a field', { fields: { ...fields, len: { type: 'f64', unit: 'By' } } }],
    ['another unit', { fields: { ...fields, len: { type: 'u32', unit: 'kBy' } } }],
    ['a field more', { fields: { ...fields, fd: { type: 'i32' } } }],
    ['a field less', { fields: { len: fields.len } }],
    ['an optional field', { fields: { ...fields, peer: { type: 'string', optional: true } } }],
    ['another kind', { kind: 'requested', arm() {}, disarm() {} }],
  ])('refuses the same name with %s', (_what, change) => {
    const registry = create();
    registry.registerEventType(send);
    expect(() => registry.registerEventType({ ...send, ...change })).toThrow(coded('EE_SCHEMA_CONFLICT')); // prettier-ignore
  });

  it('refuses a bad name, and a requested type without a source or the reverse', () => {
    const registry = create();
    expect(() => registry.registerEventType({ ...send, name: 'Net' })).toThrow(coded('EE_NAME'));
    expect(() => registry.registerEventType({ ...send, kind: 'requested' })).toThrow(coded('EE_FIELDS')); // prettier-ignore
    expect(() => registry.registerEventType({ ...send, arm() {} })).toThrow(coded('EE_FIELDS'));
    expect(() => registry.registerEventType({ ...send, disarm() {} })).toThrow(coded('EE_FIELDS'));
    expect(registry.describeTypes().map((type) => type.descriptor.name)).not.toContain('net.send');
  });

  it('tells what the events of a type follow from, and shares it with a type that says nothing of it', () => {
    const registry = create();
    const cause = { event: 'tracepoint:sock:sock_send_length', where: 'ret == 13', fields: { len: 'ret' } }; // prettier-ignore
    const type = registry.registerEventType({ ...send, cause });
    expect(type.descriptor.cause).toEqual(cause);
    expect(registry.registerEventType(send)).toBe(type);
  });

  it.each([
    ['no event name', { event: 'Net' }],
    ['itself', { event: 'net.send' }],
    ['a field that the type has not', { event: 'net.other', fields: { nosuch: '1' } }],
    ['a field that every object has', { event: 'net.other', fields: { constructor: '1' } }],
  ])('refuses a cause with %s', (_what, cause) => {
    expect(() => create().registerEventType({ ...send, cause })).toThrow(coded('EE_FIELDS'));
  });

  it.each([
    ['a blank', { 'a b': { type: 'u8' } }],
    ['a digit first', { '1a': { type: 'u8' } }],
    ['65 characters', { ['a'.repeat(65)]: { type: 'u8' } }],
    ['__proto__', JSON.parse('{"__proto__":{"type":"u8"}}')],
    ['a name that objects inherit', { toString: { type: 'string' } }],
    ['an unknown type', { a: { type: 'u128' } }],
    ['an inherited type', { a: { type: 'constructor' } }],
    [
      '33 fields',
      Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`f${i}`, { type: 'u8' }])),
    ],
  ])('refuses a field with %s', (_what, bad) => {
    expect(() => create().registerEventType({ ...send, fields: bad as never })).toThrow(coded('EE_FIELDS')); // prettier-ignore
  });

  it('accepts 32 fields and a name of 64 characters', () => {
    const many = Object.fromEntries(
      Array.from({ length: 31 }, (_, i) => [`f${i}`, { type: 'u8' }]),
    );
    const longest = { ...many, ['a'.repeat(64)]: { type: 'u8' } } as never;
    expect(() => create().registerEventType({ ...send, fields: longest })).not.toThrow();
  });
});

describe('the flag block', () => {
  it('has room for 2032 event types and refuses the next one', () => {
    const registry = create();
    const own = registry.describeTypes().length;
    for (let i = own; i < typeCapacity; i++) {
      registry.registerEventType({ name: `type-${i}`, description: '', fields: {} });
    }
    expect(registry.words[flagWord.used]).toBe(2032);
    expect(() => registry.registerEventType(send)).toThrow(coded('EE_TYPE_LIMIT'));
    registry.unregister({ name: 'type-2000' });
    expect(() => registry.registerEventType(send)).toThrow(coded('EE_TYPE_LIMIT'));
    registry.tryGetEventType('type-2000')?.unregister();
    expect(registry.registerEventType(send).name).toBe('net.send');
  });

  it('tells tid, threadId and layout', () => {
    const { words } = new Registry({ tid: 4242, threadId: 3 }, 'worker 3');
    expect([...words.subarray(0, 5)]).toEqual([0x45_45_56_31, 1, 4242, 3, typeCapacity]);
  });

  it('uses a word again under another generation, and old handles do not reach the new owner', async () => {
    const registry = create();
    const old = registry.registerEventType(send);
    const before = registry.describeTypes().find((type) => type.descriptor.name === 'net.send');
    old.unregister();
    const next = registry.registerEventType({ ...send, name: 'net.receive' });
    const after = registry.describeTypes().find((type) => type.descriptor.name === 'net.receive');
    expect(after?.index).toBe(before?.index);
    expect(after?.generation).toBe((before?.generation ?? 0) + 1);
    const heard: unknown[] = [];
    next.listen((payload) => heard.push(payload));
    registry.listen('net.*', (event) => heard.push(event.name));
    old.post({ len: 1, peer: 'old' });
    next.post({ len: 2, peer: 'new' });
    await Promise.resolve();
    expect(heard).toEqual([{ len: 2, peer: 'new' }, 'net.receive']);
  });

  it('sets the bits of all listeners of a type and clears them with the last', () => {
    const registry = create();
    const type = registry.registerEventType(send);
    const word = (): number | undefined => registry.words[type.index];
    const local = type.listen(() => {});
    const record = registry.tap({ mode: 'record', pattern: 'net.*', slot: 31 });
    const stop = registry.tap({ mode: 'stop', pattern: '**' });
    const probe = registry.tap({ mode: 'probe', pattern: 'net.send', run: () => {} });
    expect(word()).toBe(15);
    local.unlisten();
    expect(word()).toBe(13);
    for (const tap of [record, stop, probe]) registry.untap(tap);
    registry.untap(probe);
    expect(word()).toBe(0);
    expect(type.hasListeners).toBe(false);
    expect(registry.words.subarray(flagHeaderWords, flagHeaderWords + 16).every((w) => w === 0)).toBe(true); // prettier-ignore
  });

  it('lets a listen wait for names that are registered later', async () => {
    const registry = create();
    const heard: string[] = [];
    registry.listen('late.*', (event) => heard.push(`${event.name} ${event.seq}`));
    const born = registry.registerEventType({ name: 'late.born', description: '', fields: {} });
    expect(born.hasListeners).toBe(true);
    born.post({});
    await Promise.resolve();
    expect(heard).toEqual(['late.born 1']);
  });

  it('refuses a recorded listen without a slot of the ring', () => {
    const registry = create();
    for (const slot of [undefined, -1, 32, 1.5]) {
      expect(() => registry.tap({ mode: 'record', pattern: '**', ...(slot === undefined ? {} : { slot }) })).toThrow(coded('EE_LISTEN_LIMIT')); // prettier-ignore
    }
  });

  it('tells of registrations and unregistrations at once', () => {
    const registry = create();
    const told = vi.fn<() => void>();
    registry.onTypesChanged = told;
    const type = registry.registerEventType(send);
    expect(told).toHaveBeenCalledTimes(1);
    type.unregister();
    expect(told).toHaveBeenCalledTimes(2);
  });
});
