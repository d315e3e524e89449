import { constants } from 'node:os';
import { ExtensionEventError } from '@extension-events/core';
import { findSyscallNumbers } from './syscalls.ts';
import type { SyscallNumbers } from './syscalls.ts';

/** What a system call takes: a number, the memory of a typed array, or a text (passed with its final NUL). */
export type SyscallArgument = number | bigint | string | NodeJS.TypedArray | DataView | null;

/** Memory of a descriptor, shared with the kernel. */
export interface Mapping {
  /**
   * Not to be touched after {@link Mapping.unmap}. Since Node 22 a late touch throws, for the buffer
   * is detached (of length 0); before that it kills the process.
   */
  readonly buffer: ArrayBuffer;
  /** Idempotent. */
  unmap(): void;
}

/** A descriptor that {@link Native.poll} looks at. */
export interface PollResult {
  readonly fd: number;
  /** `POLLIN` 1, `POLLERR` 8, `POLLHUP` 16, `POLLNVAL` 32. */
  readonly revents: number;
}

/** What wait4(2) tells. */
export interface WaitResult {
  /** The thread it is about; 0: nothing to tell (`WNOHANG`); below 0: the error, as `-errno`. */
  readonly tid: number;
  readonly status: number;
}

/**
 * System calls of this process, made synchronously on the calling thread (ptrace needs that).
 *
 * Results are the kernel's: 0 or more, or `-errno` ({@link errnoName} says its name). Nothing here
 * throws on account of the kernel's answer.
 */
export interface Native {
  readonly numbers: SyscallNumbers;
  readonly pageBytes: number;
  /** Any other call. */
  syscall(nr: number, ...args: SyscallArgument[]): number;
  /** perf_event_open(2), close-on-exec. `attr`: see `encodeAttr`. */
  perfEventOpen(attr: Uint8Array, tid: number, cpu: number, groupFd?: number): number;
  ioctl(fd: number, request: number, arg: SyscallArgument): number;
  fcntl(fd: number, command: number, arg: SyscallArgument): number;
  read(fd: number, into: NodeJS.TypedArray): number;
  close(fd: number): number;
  /** Maps a descriptor's first bytes for reading and writing, shared. */
  map(fd: number, lengthBytes: number): Mapping | number;
  /** Waits for input; 0 ms only looks. Blocks the thread: nothing else runs meanwhile. */
  poll(fds: readonly number[], timeoutMs: number): PollResult[] | number;
  ptrace(request: number, tid: number, address: SyscallArgument, data: SyscallArgument): number;
  waitpid(tid: number, options: number): WaitResult;
  tgkill(pid: number, tid: number, signal: number): number;
  /** The address of a typed array's memory: it stays put as long as the array is reachable. */
  addressOf(memory: NodeJS.TypedArray | DataView): bigint;
}

/** The name of an error as system calls return it: `errnoName(-13)` is `EACCES`. */
export function errnoName(result: number): string {
  const errno = Math.abs(result);
  for (const [name, value] of Object.entries(constants.errno)) if (value === errno) return name;
  return `errno ${errno}`;
}

let loaded: Native | undefined;

/**
 * Loads the foreign function library, once.
 *
 * @throws ExtensionEventError `EE_LINUX_PLATFORM` on another system or CPU, `EE_LINUX_NATIVE` when
 * the library cannot be loaded
 */
export async function loadNative(): Promise<Native> {
  if (loaded !== undefined) return loaded;
  const numbers = findSyscallNumbers(process.platform, process.arch);
  if (numbers === undefined) {
    throw new ExtensionEventError('EE_LINUX_PLATFORM', `perf events and ptrace are not to be had on ${process.platform} ${process.arch}.`, 'Use Linux on x86-64 or arm64.'); // prettier-ignore
  }
  try {
    loaded ??= create(numbers, await import('koffi'));
  } catch (error) {
    throw new ExtensionEventError('EE_LINUX_NATIVE', `koffi could not be loaded: ${error instanceof Error ? error.message : String(error)}`, 'Install the optional package of koffi for this platform: npm install koffi --include=optional.', { cause: error }); // prettier-ignore
  }
  return loaded;
}

type Koffi = Pick<typeof import('koffi'), 'address' | 'errno' | 'load' | 'view'>;

function create(numbers: SyscallNumbers, koffi: Koffi): Native {
  const libc = koffi.load(null);
  const long = 'int64_t';
  const raw = libc.func('syscall', long, Array<string>(7).fill(long)) as (
    ...words: (number | bigint)[]
  ) => number | bigint;
  const pageBytes = (libc.func('getpagesize', 'int', []) as () => number)();

  const toWord = (arg: Exclude<SyscallArgument, string> | undefined): number | bigint => {
    if (typeof arg === 'number' || typeof arg === 'bigint') return arg;
    return arg === undefined || arg === null ? 0 : koffi.address(arg);
  };
  /** The result as it is: an address may be a bigint. */
  const callWide = (nr: number, args: readonly SyscallArgument[]): number | bigint => {
    const [a, b, c, d, e, f] = args.map((arg) => (typeof arg === 'string' ? Buffer.from(`${arg}\0`) : arg)); // prettier-ignore
    const result = raw(nr, toWord(a), toWord(b), toWord(c), toWord(d), toWord(e), toWord(f));
    // errno belongs to the last call of this thread: read before anything else happens.
    return result === -1 ? -koffi.errno() : result;
  };
  const call = (nr: number, ...args: SyscallArgument[]): number => Number(callWide(nr, args));

  return {
    numbers,
    pageBytes,
    syscall: call,
    // PERF_FLAG_FD_CLOEXEC
    perfEventOpen: (attr, tid, cpu, groupFd = -1) => call(numbers.perfEventOpen, attr, tid, cpu, groupFd, 8), // prettier-ignore
    ioctl: (fd, request, arg) => call(numbers.ioctl, fd, request, arg),
    fcntl: (fd, command, arg) => call(numbers.fcntl, fd, command, arg),
    read: (fd, into) => call(numbers.read, fd, into, into.byteLength),
    close: (fd) => call(numbers.close, fd),
    map(fd, lengthBytes) {
      const protection = 3; // PROT_READ | PROT_WRITE
      const shared = 1; // MAP_SHARED
      const address = callWide(numbers.mmap, [0, lengthBytes, protection, shared, fd, 0]);
      if (address < 0) return Number(address);
      return createMapping(koffi.view(BigInt(address), lengthBytes), () => {
        call(numbers.munmap, address, lengthBytes);
      });
    },
    poll: (fds, timeoutMs) => poll(call, numbers.ppoll, fds, timeoutMs),
    ptrace: (request, tid, address, data) => call(numbers.ptrace, request, tid, address, data),
    waitpid(tid, options) {
      const status = new Int32Array(1);
      const result = call(numbers.wait4, tid, status, options, 0);
      return { tid: result, status: status[0] ?? 0 };
    },
    tgkill: (pid, tid, signal) => call(numbers.tgkill, pid, tid, signal),
    addressOf: (memory) => koffi.address(memory),
  };
}

function createMapping(buffer: ArrayBuffer, unmap: () => void): Mapping {
  let isMapped = true;
  return {
    buffer,
    unmap() {
      if (!isMapped) return;
      isMapped = false;
      // Moves the memory out of every view of this buffer, and drops it: a touch now throws. Node 20
      // has no `transfer`, and refuses to detach such buffers otherwise.
      (buffer as { transfer?: () => ArrayBuffer }).transfer?.();
      unmap();
    },
  };
}

function poll(
  call: Native['syscall'],
  nr: number,
  fds: readonly number[],
  timeoutMs: number,
): PollResult[] | number {
  // struct pollfd: s32 fd, s16 events, s16 revents; struct timespec: s64 seconds, s64 nanoseconds.
  const set = new Int32Array(fds.length * 2);
  for (const [i, fd] of fds.entries()) {
    set[2 * i] = fd;
    set[2 * i + 1] = 1; // POLLIN
  }
  const seconds = Math.floor(timeoutMs / 1000);
  const timeout = BigInt64Array.of(BigInt(seconds), BigInt(Math.round((timeoutMs - seconds * 1000) * 1e6))); // prettier-ignore
  const result = call(nr, set, fds.length, timeout, 0, 0);
  if (result < 0) return result;
  return fds.map((fd, i) => ({ fd, revents: (set[2 * i + 1] ?? 0) >> 16 }));
}
