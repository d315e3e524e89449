/** Types whose fields are learned from their first event. */
import { describe, expect, it } from 'vitest';
import { Registry } from './registry.ts';
import type { EventTypeOptions } from './register-options.ts';

const fields = { len: { type: 'u32', unit: 'By' } } as const;
const send = { name: 'net.send', description: 'sent', fields } as const;

function register(options: Partial<EventTypeOptions> = {}, registry = new Registry({ tid: 7, threadId: 0 }, 'main')) {
  const told: boolean[] = [];
  const type = registry.registerEventType({ ...send, arm: () => void told.push(true), disarm: () => void told.push(false), ...options });
  return { registry, told, type };
} // prettier-ignore

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
