import { readdirSync } from 'node:fs';
import { readComm, tryReadLink, tryReadText } from './proc.ts';

// The inspector opens when the main thread next runs JavaScript or its event loop. In a call such
// as execFileSync or a read of an idle pipe that can be long after we have gone, and then nobody
// would close it. So a blocked thread is not signalled. What a thread does is told by
// /proc/PID/syscall, which needs the right to trace the process: where it is closed to this user
// (Yama), or on other processors, nothing is known and the thread counts as not blocked.

interface SystemCalls {
  readonly names: Readonly<Record<number, string>>;
  readonly waits: ReadonlySet<number>;
  readonly epollWaits: ReadonlySet<number>;
}

// Calls in which a thread can stay. V8 wakes a futex wait (Atomics.wait) for an interrupt.
const systemCalls: Partial<Record<NodeJS.Architecture, SystemCalls>> = {
  x64: {
    names: {
      0: 'read',
      7: 'poll',
      35: 'nanosleep',
      42: 'connect',
      45: 'recvfrom',
      61: 'wait4',
      73: 'flock',
    },
    waits: new Set([0, 7, 35, 42, 45, 61, 73]),
    epollWaits: new Set([232, 281, 441]),
  },
  arm64: {
    names: {
      32: 'flock',
      63: 'read',
      73: 'ppoll',
      101: 'nanosleep',
      203: 'connect',
      207: 'recvfrom',
      260: 'wait4',
    },
    waits: new Set([32, 63, 73, 101, 203, 207, 260]),
    epollWaits: new Set([22, 441]),
  },
};

/** Says in which call the main thread is blocked; `undefined` when it is not, or nobody can tell. */
export function findBlockingCall(pid: number): string | undefined {
  const calls = systemCalls[process.arch];
  const [call, firstArgument] = parseSystemCall(tryReadText(`/proc/${pid}/syscall`) ?? '');
  if (calls === undefined || call === undefined) return undefined;
  if (calls.waits.has(call)) return `the system call ${calls.names[call] ?? call}`;
  if (!calls.epollWaits.has(call)) return undefined;
  const [child] = childrenOf(pid);
  // spawnSync and its relatives run an event loop of their own, whose epoll descriptor is younger
  // than that of the main loop; the platform, the signal handling and the main loop own the first
  // three. A child must be there too, in case another version of Node owns more.
  const own = epollDescriptors(pid).slice(0, 3);
  if (child === undefined || firstArgument === undefined || firstArgument <= Math.max(...own)) {
    return undefined;
  }
  return `a synchronous call that waits for its child process ${child} (${readComm(child)})`;
}

/** Reads number and first argument of a system call from `/proc/PID/syscall`. */
export function parseSystemCall(text: string): [number?, number?] {
  const match = /^(\d+) (0x[\da-f]+)/.exec(text);
  return match === null ? [] : [Number(match[1]), Number(match[2])];
}

function childrenOf(pid: number): number[] {
  return (tryReadText(`/proc/${pid}/task/${pid}/children`) ?? '')
    .split(' ')
    .filter(Boolean)
    .map(Number);
}

function epollDescriptors(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
      .filter((fd) => tryReadLink(`/proc/${pid}/fd/${fd}`) === 'anon_inode:[eventpoll]')
      .map(Number)
      .toSorted((a, b) => a - b);
  } catch {
    return [];
  }
}
