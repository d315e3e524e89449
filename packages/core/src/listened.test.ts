import { describe, expect, it, vi } from 'vitest';
import { Registry } from './registry.ts';
import type { EventTypeOptions } from './register-options.ts';

const fields = { len: { type: 'u32', unit: 'By' } } as const;
const send = { name: 'net.send', description: 'sent', fields } as const;

function register(options: Partial<EventTypeOptions> = {}, registry = new Registry({ tid: 7, threadId: 0 }, 'main')) {
  const told: boolean[] = [];
  const type = registry.registerEventType({ ...send, listened: (isListened) => void told.push(isListened), ...options });
  return { registry, told, type };
} // prettier-ignore

const refuse = (): never => {
  throw new TypeError('no predicate');
};

describe('a filtered source with a switch of its own', () => {
  it('is told of the first listen and of the last, not of those between', () => {
    const { registry, told, type } = register();
    expect(told).toEqual([]);
    const first = registry.listen('net.*', () => {});
    expect(told).toEqual([true]);
    expect(type.hasListeners).toBe(true);
    const second = type.listen(() => {});
    first.unlisten();
    expect(told).toEqual([true]);
    second.unlisten();
    expect(told).toEqual([true, false]);
    registry.listen('net.send', () => {});
    expect(told).toEqual([true, false, true]);
  });

  it('is told while it registers of who waited for the name, and hears nothing of other names', () => {
    const registry = new Registry({ tid: 7, threadId: 0 }, 'main');
    registry.listen('net.send', () => {});
    registry.listen('dns.*', () => {});
    const { told } = register({}, registry);
    expect(told).toEqual([true]);
    expect(register({ name: 'net.receive' }, registry).told).toEqual([]);
  });

  it('is told when its type goes, and not a second time', () => {
    const { registry, told, type } = register();
    const listening = registry.listen('net.send', () => {});
    type.unregister();
    type.unregister();
    listening.unlisten();
    expect(told).toEqual([true, false]);
  });

  it('does not harm the listen by throwing', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const heard: unknown[] = [];
    const { registry, type } = register({
      listened: () => {
        throw new Error('no such channel');
      },
    });
    const tap = registry.tap({ mode: 'probe', pattern: 'net.send', run: (event) => heard.push(event) }); // prettier-ignore
    type.post({ len: 13 });
    registry.untap(tap);
    expect(heard).toHaveLength(1);
    expect(warn).toHaveBeenCalledTimes(2);
    expect(warn.mock.calls[0]?.[0]).toContain('no such channel');
    warn.mockRestore();
  });

  it('hears of a listen that ends itself before it is told to anybody', () => {
    const { registry, told } = register();
    const failures: string[] = [];
    registry.tap({ mode: 'local', pattern: 'net.send', where: refuse, onFailure: (name) => failures.push(name) }); // prettier-ignore
    expect([told, failures]).toEqual([[], ['net.send']]);
  });
});

describe('a provisional type', () => {
  const missing = Object.assign(new Error('no field peer'), { code: 'EE_EXPR_FIELD' });
  const where = (descriptor: { fields: object }) => {
    if (!('peer' in descriptor.fields)) throw missing;
    return (payload: object) => (payload as { peer?: unknown }).peer === 'a';
  };

  it('lets a predicate wait for a field, and counts its listen as one', () => {
    const heard: unknown[] = [];
    const failures: unknown[] = [];
    const { registry, told, type } = register({ isProvisional: true });
    const tap = registry.tap({ mode: 'probe', pattern: 'net.send', where, run: (event) => heard.push(event), onFailure: (...failure) => failures.push(failure) }); // prettier-ignore
    expect([told, failures]).toEqual([[true], []]);
    type.post({ len: 1 });
    type.unregister();
    const settled = registry.registerEventType({ ...send, fields: { ...fields, peer: { type: 'string' } } }); // prettier-ignore
    settled.post({ len: 2, peer: 'a' });
    settled.post({ len: 3, peer: 'b' });
    expect(heard).toMatchObject([{ payload: { len: 2, peer: 'a' } }]);
    expect(tap.account).toMatchObject({ matched: 1, delivered: 1, lost: 0 });
    expect(failures).toEqual([]);
  });

  it('tells the listener when the field does not come', () => {
    const failures: unknown[] = [];
    const { registry, type } = register({ isProvisional: true });
    registry.tap({ mode: 'probe', pattern: 'net.*', where, onFailure: (...failure) => failures.push(failure) }); // prettier-ignore
    type.unregister();
    registry.registerEventType(send);
    expect(failures).toEqual([['net.send', missing]]);
  });

  it('does not excuse any other mistake', () => {
    const failures: unknown[] = [];
    const { registry } = register({ isProvisional: true });
    const syntax = Object.assign(new Error('a ) too many'), { code: 'EE_EXPR_SYNTAX' });
    const broken = (): never => {
      throw syntax;
    };
    registry.tap({ mode: 'probe', pattern: 'net.*', where: broken, onFailure: (...failure) => failures.push(failure) }); // prettier-ignore
    expect(failures).toEqual([['net.send', syntax]]);
  });
});
