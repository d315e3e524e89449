/**
 * What is known of the sockets of one process, by the kernel's own name for each (the address of its
 * `struct sock`), as records come in, in the order of time. Nothing is looked up afterwards that could be
 * of another socket by then: what the kernel did not say is left out.
 *
 * Such a name is used again when its socket is gone. That is heard: connections that this process leaves
 * change their state, or are destroyed, in one of its own calls.
 */
import type { SocketFacts } from './internal-types.ts';

/** One socket. */
export interface BookedSocket {
  readonly facts: SocketFacts & { readonly fd?: number };
  /** When its connecting began, or it was accepted. */
  readonly sinceNs?: number;
  /** It had no state left to change when it was closed: the other side reset it, or nobody answered. */
  readonly wasReset?: boolean;
}

/** A connection that is being made. */
export interface Connecting extends BookedSocket {
  readonly sinceNs: number;
  readonly tid: number;
  /** The call has returned, and the answer is still to come. */
  isUnderWay: boolean;
  /** The answer came before the call returned. */
  madeNs?: number;
}

// A process with more sockets than this is told of without their addresses.
const most = 10_000;

export class SocketBook {
  readonly #bySock: Map<bigint, BookedSocket> = new Map();
  /** Accepted ones by descriptor, until their first record names their sock. */
  readonly #accepted: Map<number, BookedSocket> = new Map();
  readonly #connecting: Map<bigint, Connecting> = new Map();
  /** The sock that the latest connecting of each thread is about, until that call returns. */
  readonly #inCall: Map<number, bigint> = new Map();
  /** By descriptor: what is being closed, or was shut down. */
  readonly #leaving: Map<number, BookedSocket> = new Map();
  /** The descriptor of each sock that was seen to be a socket. */
  readonly #checked: Map<bigint, number> = new Map();

  /** What is known of a socket that is in use, which a call names by this descriptor. */
  find(sock: bigint, fd: number | undefined): BookedSocket | undefined {
    const known = this.#bySock.get(sock);
    const accepted = fd === undefined ? undefined : this.#accepted.get(fd);
    if (accepted === undefined || fd === undefined) return known;
    this.#accepted.delete(fd);
    put(this.#bySock, sock, accepted);
    return accepted;
  }

  /** The kernel has told the addresses of a socket in use. */
  note(sock: bigint, facts: SocketFacts): void {
    const known = this.#bySock.get(sock);
    put(this.#bySock, sock, { ...known, facts: { ...known?.facts, ...facts } });
    const connecting = this.#connecting.get(sock);
    if (connecting !== undefined) this.#connecting.set(sock, { ...connecting, facts: { ...connecting.facts, ...facts } }); // prettier-ignore
  }

  /** A thread has begun to make a connection. */
  begin(sock: bigint, connecting: Omit<Connecting, 'isUnderWay'>): void {
    const { facts, sinceNs, tid } = connecting;
    this.#forgetDescriptor(facts.fd);
    put(this.#connecting, sock, { ...connecting, isUnderWay: false });
    put(this.#bySock, sock, { facts, sinceNs });
    put(this.#inCall, tid, sock);
  }

  /** A call to connect returns on this thread. @returns the connection of TCP that it was about */
  connectReturned(tid: number, isUnderWay: boolean): Connecting | undefined {
    const sock = this.#inCall.get(tid);
    const found = sock === undefined ? undefined : this.#connecting.get(sock);
    this.#inCall.delete(tid);
    if (found === undefined || sock === undefined) return undefined;
    // Over the loopback the answer is there before a call that does not wait returns.
    found.isUnderWay = isUnderWay && found.madeNs === undefined;
    if (!found.isUnderWay) this.#connecting.delete(sock);
    return found;
  }

  /** The answer has come, for any connection of the machine. @returns whether it is one of ours */
  made(sock: bigint, facts: SocketFacts, timeNs: number): Connecting | undefined {
    if (!this.#connecting.has(sock)) return undefined;
    this.note(sock, facts);
    const found = this.#connecting.get(sock);
    if (found?.isUnderWay === false) found.madeNs = timeNs;
    return found;
  }

  /** The same, for who tells of it. @returns the connection, when its call has returned without it */
  connectMade(sock: bigint, facts: SocketFacts, timeNs: number): Connecting | undefined {
    const found = this.made(sock, facts, timeNs);
    if (found?.isUnderWay !== true) return undefined;
    this.#connecting.delete(sock);
    return found;
  }

  accept(fd: number, accepted: BookedSocket): void {
    this.#forgetDescriptor(fd);
    put(this.#accepted, fd, accepted);
  }

  /** A connection is left, in a call whose first argument this is: closed, shut down, or destroyed. */
  leave(sock: bigint, fd: number | undefined, facts: SocketFacts, wasReset: boolean): void {
    const known = this.find(sock, fd);
    this.#bySock.delete(sock);
    this.#checked.delete(sock);
    this.#connecting.delete(sock);
    // One that was shut down before goes its usual way.
    if (fd === undefined || this.#leaving.has(fd)) return;
    put(this.#leaving, fd, { ...known, facts: { ...known?.facts, ...facts, fd }, wasReset });
  }

  /** A descriptor was closed. @returns the connection that it was */
  close(fd: number): BookedSocket | undefined {
    const left = this.#leaving.get(fd);
    this.#forgetDescriptor(fd);
    return left;
  }

  // The number names another socket from now on.
  #forgetDescriptor(fd: number | undefined): void {
    if (fd === undefined) return;
    this.#leaving.delete(fd);
    this.#accepted.delete(fd);
  }

  /** Was this descriptor seen to be that socket? */
  isSocket(sock: bigint, fd: number): boolean {
    return this.#checked.get(sock) === fd;
  }

  noteDescriptor(sock: bigint, fd: number): void {
    put(this.#checked, sock, fd);
  }
}

function put<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (map.size >= most && !map.has(key)) map.clear();
  map.set(key, value);
}
