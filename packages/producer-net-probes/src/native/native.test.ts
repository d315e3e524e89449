import { createServer } from 'node:net';
import { ExtensionEventError } from '@extension-events/core';
import { producerContract } from '@extension-events/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { netProbesDescriptors } from '../events.ts';
import { producer } from '../host.ts';
import { readArguments } from './call-arguments.ts';
import { FakeHost, sampleOf } from '../../fixtures/fake-host.ts';
import { KernelEar } from './kernel-ear.ts';
import type { NetArming, Told } from './internal-types.ts';
import { errnoName, protocolOf } from './protocols.ts';
import { readAddresses, readDescriptor } from './record.ts';
import { SameCall } from './same-call.ts';
import { readSocketAddress } from './socket-address.ts';
import { SocketBook } from './socket-book.ts';
import { findRow, SocketTable } from './socket-table.ts';

producerContract(producer, { it, createHost: () => new FakeHost(), module: new URL('../host.ts', import.meta.url) }); // prettier-ignore

it('posts types of the Node side, word for word', () => {
  expect(producer.eventTypes.every((type) => netProbesDescriptors.includes(type))).toBe(true);
});

const denied = (): Error => new ExtensionEventError('EE_PERF_PERMISSION', 'No.', '');

describe('the events of an arming', () => {
  const arming: NetArming = { armId: 1, isStop: false, subject: undefined, narrow: [], post: () => undefined, lose: () => undefined }; // prettier-ignore
  const names = ['sock:sock_send_length', 'sock:inet_sock_set_state', 'syscalls:sys_exit_sendto', 'syscalls:sys_exit_sendmsg', 'syscalls:sys_exit_write', 'syscalls:sys_exit_writev', 'syscalls:sys_exit_close']; // prettier-ignore
  const field = { name: 'ret', type: 'int', offset: 8, size: 4, isSigned: true, isArray: false };
  const tracepoints = (known: readonly string[]) =>
    ({
      tryGet: (name: string) =>
        known.includes(name) ? { name, id: names.indexOf(name), format: { name, id: 1, fields: [field] }, decode: () => ({}) } : undefined,
    }) as never; // prettier-ignore
  const idsOf = (host: FakeHost): (string | undefined)[] =>
    host.open.map(({ event }) => (event.type === 'tracepoint' ? names[event.id] : undefined));

  it('are shared where they keep the book, and closed with the last', () => {
    const host = new FakeHost();
    using ear = new KernelEar(host, tracepoints(names));
    ear.arm('net.send', arming);
    ear.arm('net.send', { ...arming, armId: 2, isStop: true, narrow: [{ field: 'len', op: '==', value: 13 }] }); // prettier-ignore
    ear.arm('net.send', arming); // once
    expect(idsOf(host)).toEqual(['sock:inet_sock_set_state', 'sock:sock_send_length', 'sock:sock_send_length']); // prettier-ignore
    expect(host.open[2]).toMatchObject({ signalsThread: true, filter: expect.stringMatching(/ && ret == 13$/) as string }); // prettier-ignore
    ear.disarm(1);
    expect(idsOf(host)).toEqual(['sock:inet_sock_set_state', 'sock:sock_send_length']);
    ear.disarm(2);
    expect(host.open).toEqual([]);
  });

  it('are system calls where there are no tracepoints of sockets, or the user may not have them', () => {
    const calls = names.slice(2, 6);
    const old = new FakeHost();
    using one = new KernelEar(old, tracepoints(calls));
    one.arm('net.send', arming);
    expect(idsOf(old)).toEqual(calls);
    const poor = new FakeHost();
    poor.refuse = ({ includesKernel }) => (includesKernel === true ? denied() : undefined);
    using other = new KernelEar(poor, tracepoints(names));
    other.arm('net.send', arming);
    expect(idsOf(poor).filter((name) => name?.startsWith('syscalls:'))).toEqual(calls);
  });

  it('are all closed when one is refused, and the refusal says what it is about', () => {
    const host = new FakeHost();
    host.refuse = (request) => (request.userStackBytes === undefined && host.open.length > 0 ? denied() : undefined); // prettier-ignore
    using ear = new KernelEar(host, tracepoints(names.slice(0, 2)));
    const failure = expect.objectContaining({ code: 'EE_NET_PROBES_PERMISSION', message: expect.stringContaining('sock:sock_send_length') as string }) as Error; // prettier-ignore
    expect(() => ear.arm('net.send', arming)).toThrow(failure);
    expect(host.open).toEqual([]);
    using none = new KernelEar(new FakeHost(), tracepoints([]));
    expect(() => none.arm('net.send', arming)).toThrow(expect.objectContaining({ code: 'EE_NET_PROBES_KERNEL' }) as Error); // prettier-ignore
  });
});

describe('the book', () => {
  const facts = { protocol: 'tcp', remotePort: 80 };

  it('knows a connection from its beginning to its end, by the name that the kernel gives it', () => {
    const book = new SocketBook();
    book.begin(1n, { facts: { ...facts, fd: 5 }, sinceNs: 10, tid: 7 });
    book.made(1n, { localPort: 9000 }, 20);
    expect(book.connectReturned(7, false)).toMatchObject({ facts: { localPort: 9000 }, sinceNs: 10 }); // prettier-ignore
    expect(book.find(1n, 5)?.facts).toEqual({ ...facts, fd: 5, localPort: 9000 });
    book.leave(1n, 5, facts, false);
    expect(book.find(1n, 5)).toBeUndefined(); // the name may be another socket's now
    expect(book.close(5)).toMatchObject({ facts: { remotePort: 80, fd: 5 }, wasReset: false });
    expect(book.close(5)).toBeUndefined();
  });

  it('tells of a connection once, whether its call waits for the answer or not', () => {
    const book = new SocketBook();
    const begin = (sock: bigint): void => book.begin(sock, { facts, sinceNs: 1, tid: 7 });
    begin(1n); // waits
    expect(book.connectMade(1n, {}, 5)).toBeUndefined();
    expect(book.connectReturned(7, false)?.isUnderWay).toBe(false);
    begin(2n); // does not wait
    expect(book.connectReturned(7, true)?.isUnderWay).toBe(true);
    expect(book.connectMade(2n, { localPort: 3 }, 5)).toMatchObject({ facts: { localPort: 3 } });
    expect(book.connectMade(2n, {}, 6)).toBeUndefined();
    begin(3n); // does not wait, and has its answer at once
    expect(book.connectMade(3n, {}, 5)).toBeUndefined();
    expect(book.connectReturned(7, true)).toMatchObject({ isUnderWay: false, madeNs: 5 });
    expect(book.connectMade(4n, {}, 5)).toBeUndefined(); // another process's
    expect(book.connectReturned(8, false)).toBeUndefined();
  });

  it('gives what it knows of an accepted descriptor to the first socket that shows under it', () => {
    const book = new SocketBook();
    book.accept(5, { facts });
    expect(book.find(1n, 6)).toBeUndefined();
    expect(book.find(1n, 5)?.facts).toEqual(facts);
    expect(book.find(2n, 5)).toBeUndefined();
    book.accept(6, { facts });
    book.close(6);
    expect(book.find(3n, 6)).toBeUndefined();
  });

  it('remembers how a connection was left first: one that was shut down was not reset', () => {
    const book = new SocketBook();
    book.leave(1n, 5, facts, false);
    book.leave(1n, 5, facts, true);
    expect(book.close(5)?.wasReset).toBe(false);
    book.leave(2n, 5, facts, true);
    expect(book.close(5)?.wasReset).toBe(true);
  });

  it('does not grow without bounds', () => {
    const book = new SocketBook();
    for (let i = 0; i < 25_000; i++) {
      book.begin(BigInt(i), { facts: { ...facts, fd: i }, sinceNs: 1, tid: i });
      book.accept(i, { facts });
      book.leave(BigInt(i), i, facts, false);
    }
    expect(book.close(1)).toBeUndefined();
    expect(book.close(24_999)).toBeDefined();
  });
});

describe('one call that several listeners hear', () => {
  it('has one answer, given once to each', () => {
    const same = new SameCall();
    let asked = 0;
    const take = (armId: number, timeNs: number, signature = '0 5'): unknown =>
      same.take('connect 1', signature, timeNs, armId, () => ({ payload: { n: ++asked } }) satisfies Told)?.payload['n']; // prettier-ignore
    expect([take(1, 100), take(2, 101), take(3, 102)]).toEqual([1, 1, 1]);
    expect([take(2, 200), take(1, 201)]).toEqual([2, 2]); // the next call, in another order
    expect(take(3, 202, '-111 5')).toBe(3); // another result is another call
    expect(take(4, 10_000_000, '-111 5')).toBe(4); // so is one long after
  });
});

describe('what a record says', () => {
  it('is both ends of a connection, as far as they are known', () => {
    const values = { family: 2, sport: 0, dport: 80, saddr: '10.0.0.1', daddr: '10.0.0.2', saddr_v6: '::1', daddr_v6: '::2' }; // prettier-ignore
    expect(readAddresses(values)).toEqual({ protocol: 'tcp', family: 'IPv4', localAddress: '10.0.0.1', remoteAddress: '10.0.0.2', remotePort: 80 }); // prettier-ignore
    expect(readAddresses({ ...values, family: 10, sport: 1 })).toEqual({ protocol: 'tcp', family: 'IPv6', localAddress: '::1', localPort: 1, remoteAddress: '::2', remotePort: 80 }); // prettier-ignore
  });

  it.each([
    [1, 0, 'pipe'],
    [2, 6, 'tcp'],
    [10, 17, 'udp'],
    [2, 262, 'tcp'],
    [2, 1, undefined],
    [16, 0, undefined],
  ])('of family %d and protocol %d is %s', (family, protocol, expected) => {
    expect(protocolOf(family, protocol)).toBe(expected);
  });

  it.each([[111, 'ECONNREFUSED'], [32, 'EPIPE'], [11, 'EAGAIN'], [95, 'EOPNOTSUPP'], [999, 'errno 999']])('of error %d is %s', (number, name) => {
    expect(errnoName(number)).toBe(name);
  }); // prettier-ignore

  it.skipIf(process.arch !== 'x64').each([
    [5n, 5],
    [0xffff_ffff_0000_0005n, 5], // the upper half is anything
    [0xffff_ffffn, undefined],
    [2n ** 64n - 1n, undefined],
  ])('names by the first argument %d the descriptor %s', (first, fd) => {
    expect(readDescriptor(sampleOf({}, { first }))).toBe(fd);
  });

  it('names nothing where the kernel worked by itself', () => {
    expect(readArguments({ userRegisters: () => [] } as never)).toBeUndefined();
  });

  it('may end anywhere: an address outside the copied stack is none', () => {
    const inet = Uint8Array.of(9, 9, 2, 0, 0x1f, 0x90, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    expect(readSocketAddress(inet, 100n, 102n)).toEqual({ family: 'IPv4', remoteAddress: '127.0.0.1', remotePort: 8080 }); // prettier-ignore
    const six = new Uint8Array(28);
    six.set([10, 0, 0, 80]);
    six[23] = 1;
    expect(readSocketAddress(six, 0n, 0n)).toBeUndefined(); // NULL
    expect(readSocketAddress(six, 8n, 8n)).toEqual({ family: 'IPv6', remoteAddress: '::1', remotePort: 80 }); // prettier-ignore
    expect(readSocketAddress(Uint8Array.of(1, 0), 8n, 8n)).toEqual({ family: 'unix', protocol: 'pipe' }); // prettier-ignore
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.bigInt(-50n, 100n), (stack, at) => {
        const found = readSocketAddress(stack, 1000n, 1000n + at);
        const isOutside = at < 0n || at + 2n > BigInt(stack.length);
        expect(isOutside && found !== undefined).toBe(false);
      }),
    );
  });
});

describe('the socket table', () => {
  it('finds a socket of this very process by its descriptor', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { fd } = Reflect.get(server, '_handle') as { fd: number };
    const table = new SocketTable(process.pid);
    expect(table.factsOf(fd)).toEqual({ protocol: 'tcp', family: 'IPv4', localAddress: '127.0.0.1', localPort: port }); // prettier-ignore
    expect([table.kindOf(fd), table.kindOf(9999)]).toEqual(['socket', 'closed']);
    await new Promise((resolve) => server.close(resolve));
    expect(table.factsOf(fd)).toBeUndefined();
  });

  it('reads the lines of each table', () => {
    const tcp6 = '   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 0:0 0:0 0 1000 0 4242 1 0 100 0 0 10 0'; // prettier-ignore
    expect(findRow(tcp6, 'tcp6', '4242')).toEqual({ protocol: 'tcp', family: 'IPv6', localAddress: '::1', localPort: 8080 }); // prettier-ignore
    const any = '   0: 00000000:0035 00000000:0000 07 0:0 0:0 0 0 0 77 2 0 0';
    expect(findRow(any, 'udp', '77')).toEqual({ protocol: 'udp', family: 'IPv4', localPort: 53 });
    const unix = '0000000000000000: 00000002 00000000 00010000 0001 01 99 /run/x.sock';
    expect(findRow(unix, 'unix', '99')).toEqual({ protocol: 'pipe', family: 'unix', localAddress: '/run/x.sock' }); // prettier-ignore
    expect(findRow(unix, 'unix', '9')).toBeUndefined();
    expect(findRow('garbage\n\n0: ', 'tcp', '1')).toBeUndefined();
  });
});
