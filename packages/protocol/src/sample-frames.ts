/** For tests: one frame of each kind, with every key that it may have somewhere among them. */
import type { Frame, StopCause } from './frames.ts';

const descriptor = {
  name: 'net.send',
  kind: 'filtered',
  description: 'sent',
  fields: { len: { type: 'u32', unit: 'By' } },
} as const;
const error = { code: 'EE_X', message: 'm', hint: 'h' };
const position = { scriptId: '7', lineNumber: 3, columnNumber: 0 };
const stopFrame = {
  callFrameId: 'c1',
  functionName: 'send',
  url: 'file:///app.js',
  sourceMapUrl: 'app.js.map',
  position,
  isUser: true,
  scopes: [{ type: 'local', name: 'send', objectId: 'o1' }],
  thisObjectId: 'o2',
};
const cause: StopCause = {
  type: 'event',
  listens: [1],
  event: 'net.send',
  payload: { len: 13 },
  timestampNs: 5.5,
};

export const samples: readonly Frame[] = [
  { kind: 'hello', protocol: 1, role: 'consumer', pid: 42, name: 'extev', grants: ['stop'], budget: { eventsPerSecond: 1000, bytesPerSecond: 1e6, threadShare: 0.01 } },
  { kind: 'hello', protocol: 1, role: 'agent', pid: 43, name: 'app', grants: [], runtime: 'node 24', root: '/app', consumers: 1, error },
  { kind: 'types', id: 1, pattern: 'net.*', re: 2, error, types: [{ descriptor, threads: [1], listeners: 0, heard: 7 }], added: [], removed: ['a'], define: [{ thread: 1, index: 16, descriptor }] },
  { kind: 'threads', id: 1, re: 2, error, threads: [{ key: 1, tid: 42, threadId: 0, name: 'main', state: 'running', isAgent: true, runs: 'native' }] },
  { kind: 'listen', id: 1, listen: 2, pattern: 'net.*', thread: 'tid:42', where: 'len == 13', request: { hits: 100 }, stack: 8, eventsPerSecond: 10.5, catch: { ignore: 1, temporary: true } },
  { kind: 'listen', re: 1, error, slot: 31, threads: [1], pending: [2] },
  { kind: 'unlisten', id: 3, listen: 2, re: 4, error, accounts: [{ thread: 1, matched: 9, lost: 1, throttled: 2 }] },
  { kind: 'arm', listen: 2, event: 'hot-spot', armId: 3, state: 'armed', error },
  { kind: 'load-producer', id: 1, producer: 'hot-spot', url: 'file:///p.mjs', door: 'thread', re: 2, error, types: [descriptor] },
  { kind: 'script', id: 1, script: 2, action: 'install', data: { name: 'a.ev' }, re: 3, error, shares: [{ globals: [] }], pending: 1, exited: true, stopped: error },
  { kind: 'records', thread: 1, bytes: Uint8Array.of(1, 2, 3, 255) },
  { kind: 'loss', listen: 2, thread: 1, reason: 'ring-full', count: 5 },
  { kind: 'stop', thread: 1, cause, frames: [stopFrame], landed: 'exact', notes: ['n'], holders: ['extev'], resumedBy: 'continue' },
  { kind: 'stop', thread: 1, cause: { type: 'step', returned: { type: 'number', value: 42 } }, frames: [stopFrame] },
  { kind: 'debug', id: 1, thread: 1, method: 'pause', params: { a: 1 }, re: 2, error, result: [1] },
  { kind: 'bye', reason: 'exit', exitCode: 0, error, accounts: [{ listen: 2, thread: 1, matched: 9, lost: 1, throttled: 2 }] },
]; // prettier-ignore
