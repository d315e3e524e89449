import type { EventTypeDescriptor } from '@extension-events/core';
import { ExtensionEventError } from '@extension-events/core';
import { BehaviorSubject, Subject } from 'rxjs';
import type {
  ArmFrame,
  Connection,
  ConnectionEnd,
  ListenItem,
  Listening,
  ListenOptions,
  ScopeInfo,
  StopCause,
  StopFrame,
  StopFrameInfo,
  ThreadInfo,
  TypeInfo,
} from '../internal-types.ts';
import type { RemoteProperty } from '../v8-types.ts';

export const mainThread: ThreadInfo = {
  key: 2,
  tid: 4242,
  threadId: 0,
  name: 'main',
  state: 'running',
};
export const workerThread: ThreadInfo = {
  key: 3,
  tid: 4250,
  threadId: 1,
  name: 'alpha',
  state: 'running',
};

/** A fake file that the fake process runs; lines as in a real one, so that listings can be checked. */
export const keysText: string = [
  'const seen = new Map();',
  'export function normalizeKey(key, table) {',
  '  for (const row of table) {',
  '    if (row.key === key) return row.id;',
  '  }',
  '  return seen.get(key);',
  '}',
  'export function handle(request) {',
  "  const id = normalizeKey(request.key, request['table']);",
  '  return id;',
  '}',
].join('\n');
export const keysUrl = 'file:///srv/shop/src/keys.js';

export const hotSpotType: EventTypeDescriptor = {
  name: 'hot-spot',
  kind: 'requested',
  description: 'Samples of a thread gathered on one function.',
  producer: 'hot-spot',
  fields: {
    function: { type: 'string' },
    url: { type: 'string' },
    line: { type: 'u32' },
    share: { type: 'f64', unit: '1' },
    hits: { type: 'u32', unit: '{sample}' },
    samples: { type: 'u32', unit: '{sample}' },
    windowMs: { type: 'f64', unit: 'ms' },
    stack: { type: 'stack', optional: true },
  },
  request: {
    share: { type: 'f64', default: 0.1, min: 0.001, max: 1 },
    windowMs: { type: 'f64', unit: 'ms', default: 2000 },
  },
};
export const candidateType: EventTypeDescriptor = { ...hotSpotType, name: 'hot-spot.candidate' };
export const sendType: EventTypeDescriptor = {
  name: 'net.send',
  kind: 'filtered',
  description: 'The program handed bytes to a socket.',
  fields: {
    len: { type: 'u32', unit: 'By', description: 'bytes handed over' },
    peer: { type: 'string' },
  },
};

export const hotPayload = {
  function: 'normalizeKey',
  url: '/srv/shop/src/keys.js',
  line: 4,
  share: 0.624,
  hits: 200,
  samples: 1873,
  windowMs: 2000,
};

class FakeListening implements Listening {
  readonly id: number;
  readonly options: ListenOptions;
  readonly items$: Subject<ListenItem> = new Subject();
  readonly ready: Promise<{ threads: number[]; pending: number[] }>;
  isOpen: boolean = true;

  constructor(
    id: number,
    options: ListenOptions,
    refused: Error | undefined,
    threads: number[] = [2],
  ) {
    this.id = id;
    this.options = options;
    this.ready =
      refused === undefined ? Promise.resolve({ threads, pending: [] }) : Promise.reject(refused);
    this.ready.catch(() => undefined);
  }

  async unlisten(): Promise<unknown> {
    this.isOpen = false;
    return [];
  }
}

type Answer = (params: Record<string, unknown>, thread: number | undefined) => unknown;

/** A process that does what the test says: requests are noted and answered from tables. */
export class FakeProcess implements Connection {
  readonly pid: number = 4242;
  readonly hello: Connection['hello'] & { grants: string[] } = {
    name: 'shop',
    grants: ['stop', 'evaluate'],
    runtime: 'node 24.0.0',
    root: '/srv/shop',
  };
  readonly threads$: BehaviorSubject<readonly ThreadInfo[]> = new BehaviorSubject<
    readonly ThreadInfo[]
  >([mainThread]);
  readonly eventTypes$: BehaviorSubject<readonly TypeInfo[]> = new BehaviorSubject<
    readonly TypeInfo[]
  >([]);
  readonly stops$: Subject<StopFrame> = new Subject<StopFrame>();
  readonly arms$: Subject<ArmFrame> = new Subject<ArmFrame>();
  readonly opened: FakeListening[] = [];
  readonly calls: {
    method: string;
    params: Record<string, unknown>;
    thread: number | undefined;
  }[] = [];
  readonly variables: Map<string, readonly RemoteProperty[]> = new Map();
  readonly ended: Promise<ConnectionEnd>;
  end: (end: ConnectionEnd) => void = () => undefined;
  /** Called for each listen that is in force. */
  onOpen: (listening: FakeListening) => void = () => undefined;
  /** Called when a thread was let run by `continue`. */
  onContinue: (thread: number) => void = () => undefined;
  refuse: (options: ListenOptions) => Error | undefined = () => undefined;
  answers: Record<string, Answer> = {};

  constructor(types: readonly EventTypeDescriptor[] = [hotSpotType, sendType]) {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.eventTypes$.next(
      types.map((descriptor) => ({ descriptor, threads: [2], listeners: 0, heard: 0 })),
    );
  }

  get threads(): readonly ThreadInfo[] {
    return this.threads$.value;
  }

  get eventTypes(): readonly TypeInfo[] {
    return this.eventTypes$.value;
  }

  open(options: ListenOptions): FakeListening {
    const listening = new FakeListening(
      this.opened.length + 1,
      options,
      this.refuse(options),
      this.listenKeys(),
    );
    this.opened.push(listening);
    void this.#announce(listening);
    return listening;
  }

  /** Keys of the threads that a listen is in force on. */
  listenKeys(): number[] {
    return [2];
  }

  async #announce(listening: FakeListening): Promise<void> {
    try {
      await listening.ready;
      this.onOpen(listening);
    } catch {
      // refused
    }
  }

  async debug(method: string, params: object = {}, thread?: number): Promise<unknown> {
    const record = params as Record<string, unknown>;
    this.calls.push({ method, params: record, thread });
    const answer = this.answers[method];
    if (answer !== undefined) return answer(record, thread);
    switch (method) {
      case 'continue':
        queueMicrotask(() => this.onContinue(thread ?? 0));
        return { stillHeldBy: [] };
      case 'scripts':
        return { scripts: [{ scriptId: '7', url: keysUrl }] };
      case 'Debugger.getScriptSource':
        return { scriptSource: keysText };
      case 'Debugger.getPossibleBreakpoints':
        return { locations: [{ scriptId: '7', ...(record['start'] as object) }] };
      case 'Runtime.getProperties':
        return { result: this.variables.get(String(record['objectId'])) ?? [] };
      case 'set-breakpoint':
        return {
          breakpoint: `bp:${String(record['lineNumber'])}`,
          locations: [{ scriptId: '7', lineNumber: record['lineNumber'], columnNumber: 4 }],
        };
      default:
        return {};
    }
  }

  /** A thread comes to stand. */
  stop(cause: StopCause, options: Partial<StopFrame> = {}): void {
    const frames = options.frames ?? [frame('normalizeKey', 4, 9), frame('handle', 9, 14)];
    this.stops$.next({
      kind: 'stop',
      thread: 2,
      cause,
      frames,
      notes: [],
      holders: [],
      ...options,
    });
  }

  /** It stops for an event of the listen with this number. */
  stopFor(listen: number, event: string, payload: object, options: Partial<StopFrame> = {}): void {
    const cause: StopCause = {
      type: 'event',
      listens: [listen],
      event,
      payload: payload as Record<string, never>,
      timestampNs: 1,
    };
    this.stop(cause, { landed: 'exact', ...options });
  }

  step(line: number, options: Partial<StopFrame> = {}): void {
    this.stop(
      { type: 'step' },
      { frames: [frame('normalizeKey', line, 5), frame('handle', 9, 14)], ...options },
    );
  }
}

/** A frame of the fake file; line and column from 1. */
export function frame(functionName: string, line: number, column: number): StopFrameInfo {
  const scopes: ScopeInfo[] = [{ type: 'local', objectId: `locals of ${functionName}` }];
  return {
    callFrameId: `${functionName}:${line}`,
    functionName,
    url: keysUrl,
    position: { scriptId: '7', lineNumber: line - 1, columnNumber: column - 1 },
    isUser: true,
    scopes,
  };
}

export function refusal(code: string, message: string, hint: string): Error {
  return new ExtensionEventError(code, message, hint);
}
