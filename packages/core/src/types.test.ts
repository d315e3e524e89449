import { expectTypeOf, it } from 'vitest';
import type { Arming } from './arms.ts';
import type { PostedEvent } from './listen.ts';
import { listen } from './public.ts';
import { Registry } from './registry.ts';
import type { Payload, RequestGiven, RequestOf, RequestValues } from './types.ts';

declare module './types.ts' {
  interface EventMap {
    'types.known': { readonly n: number };
  }
}

const fields = {
  ok: { type: 'bool' },
  len: { type: 'u32', unit: 'By' },
  big: { type: 'u64' },
  peer: { type: 'string' },
  body: { type: 'bytes', optional: true },
} as const;
const request = {
  frequencyHz: { type: 'f64', default: 200 },
  by: { type: 'string', oneOf: ['function', 'line'] },
  strict: { type: 'bool', optional: true },
} as const;

it('infers the payload from the fields', () => {
  const type = new Registry({ tid: 0, threadId: 0 }, 'main').registerEventType({
    name: 'types.send',
    description: '',
    fields: { ok: { type: 'bool' }, big: { type: 'i64' }, body: { type: 'bytes', optional: true } },
  });
  type Posted = Parameters<typeof type.post>[0];
  expectTypeOf<Posted>().toExtend<{ readonly ok: boolean; readonly big: bigint; readonly body?: Uint8Array }>(); // prettier-ignore
  expectTypeOf<{ ok: true; big: 1n }>().toExtend<Posted>();
  expectTypeOf<{ ok: 1; big: 1n }>().not.toExtend<Posted>();
  expectTypeOf<{ ok: true }>().not.toExtend<Posted>();
  type.listen((payload) => expectTypeOf(payload).toEqualTypeOf<Posted>()).unlisten();
});

it('gives each field type its JavaScript type', () => {
  type P = Payload<typeof fields>;
  expectTypeOf<P['len']>().toEqualTypeOf<number>();
  expectTypeOf<P['big']>().toEqualTypeOf<bigint>();
  expectTypeOf<P['peer']>().toEqualTypeOf<string>();
  expectTypeOf<P['body']>().toEqualTypeOf<Uint8Array | undefined>();
});

it('infers what a source is asked for and what a listener may ask', () => {
  type Asked = RequestOf<typeof request>;
  expectTypeOf<Asked['frequencyHz']>().toEqualTypeOf<number>();
  expectTypeOf<Asked['by']>().toEqualTypeOf<'function' | 'line'>();
  expectTypeOf<Asked['strict']>().toEqualTypeOf<boolean | undefined>();
  expectTypeOf<{ by: 'line' }>().toExtend<RequestGiven<typeof request>>();
  expectTypeOf<{ frequencyHz: 1 }>().not.toExtend<RequestGiven<typeof request>>();
  expectTypeOf<{ by: 'word' }>().not.toExtend<RequestGiven<typeof request>>();
  new Registry({ tid: 0, threadId: 0 }, 'main').registerEventType({
    name: 'types.armed',
    kind: 'requested',
    description: '',
    fields,
    request,
    arm: (arming) => {
      expectTypeOf(arming.request).toEqualTypeOf<Asked>();
      type Posted = Parameters<(typeof arming)['post']>[0];
      expectTypeOf<Posted>().toEqualTypeOf<Payload<typeof fields>>();
    },
    disarm: (arming) => expectTypeOf(arming).toExtend<Arming>(),
  });
  expectTypeOf<Asked>().toExtend<RequestValues>();
});

it('types events of names that the event map knows, and leaves the others open', () => {
  listen('types.known', (event) => expectTypeOf(event).toEqualTypeOf<PostedEvent<{ readonly n: number }>>()).unlisten(); // prettier-ignore
  listen('types.*', (event) => expectTypeOf(event).toEqualTypeOf<PostedEvent>(), {
    where: (payload) => payload['n'] === 1,
  }).unlisten();
});
