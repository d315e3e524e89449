import { isEventName, isExactPattern } from '@extension-events/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  eventNameOf,
  operationNameOf,
  parseEventName,
  parseTracingName,
  symbolNameOf,
} from './names.ts';

describe('event names of channels', () => {
  it.each([
    ['http.client.request.start', 'channel:http.client.request.start'],
    ['undici:request:create', 'channel:undici:request:create'],
    ['tracing:net.server.listen:asyncEnd', 'channel:tracing:net.server.listen:asyncEnd'],
    ['my channel', 'channel:my%20channel'],
    ['größe', 'channel:gr%C3%B6%C3%9Fe'],
    ['100%', 'channel:100%'],
    ['100%25', 'channel:100%2525'],
    ['what?*', 'channel:what%3F%2A'],
    ['Symbol(mine)#1', 'channel:%53ymbol(mine)#1'],
    ['tracing:mine', 'channel:%74racing:mine'],
    ['tracing:mine:begin', 'channel:%74racing:mine:begin'],
  ])('%s is %s', (channelName, expected) => {
    expect(eventNameOf(channelName)).toBe(expected);
    expect(parseEventName(expected)).toEqual({ kind: 'channel', channelName });
  });

  it('of symbols are told apart by number', () => {
    expect(symbolNameOf(Symbol('my requests'), 2)).toBe('channel:Symbol(my%20requests)#2');
    expect(parseEventName('channel:Symbol(my%20requests)#2')).toEqual({ kind: 'symbol' });
  });

  it('of tracing channels also mean the operation as a whole', () => {
    expect(operationNameOf('mysql2:query')).toBe('channel:tracing:mysql2:query');
    expect(parseEventName('channel:tracing:mysql2:query')).toEqual({ kind: 'operation', tracingName: 'mysql2:query' });
    expect(parseTracingName('tracing:mysql2:query:end')).toEqual({ name: 'mysql2:query', phase: 'end' });
    expect(parseTracingName('tracing:mysql2:query')).toBeUndefined();
    expect(parseTracingName('tracing::end')).toBeUndefined();
  }); // prettier-ignore

  it('are read back as they were written, and can be listened to by name, whatever the channel is called', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string().map((s) => `tracing:${s}:end`), fc.string().map((s) => `Symbol(${s}`)), (channelName) => {
        const name = eventNameOf(channelName);
        if (name === undefined) return;
        expect(isEventName(name)).toBe(true);
        expect(isExactPattern(name)).toBe(true);
        expect(parseEventName(name)).toEqual({ kind: 'channel', channelName });
      }),
    );
  }); // prettier-ignore

  it('of operations are read back too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (tracingName) => {
        const name = operationNameOf(tracingName);
        if (name === undefined) return;
        expect(isEventName(name)).toBe(true);
        fc.pre(!/:(?:start|end|asyncStart|asyncEnd|error)$/.test(`:${tracingName}`));
        expect(parseEventName(name)).toEqual({ kind: 'operation', tracingName });
      }),
    );
  });

  it('have an end', () => {
    expect(eventNameOf('a'.repeat(192))).toHaveLength(200);
    expect(eventNameOf('a'.repeat(193))).toBeUndefined();
    expect(eventNameOf('ä'.repeat(100))).toBeUndefined();
    expect(symbolNameOf(Symbol('a'.repeat(200)), 1)).toBeUndefined();
  });

  it.each(['channel:', 'channel:a b', 'channel:%61', 'channel:%C3', 'channel:a*', 'channel:tracing:', 'other:a', 'a'])('%j is refused', (name) => {
    expect(() => parseEventName(name)).toThrow(expect.objectContaining({ code: 'EE_CHANNEL_NAME' }));
  }); // prettier-ignore
});
