/** For tests: one side of a joined connection, as its `Connection` would show it. */
import { BehaviorSubject, map, type Observable, Subject } from 'rxjs';
import type { EventTypeDescriptor } from '@extension-events/core';
import type { ArmFrame, StopFrame, ThreadInfo, TypeInfo } from '@extension-events/protocol';
import type { Connection, ConnectionEnd } from '../connection.ts';
import type { EventItem, LossItem, Summary } from '../items.ts';
import type { ListenOptions } from '../listening.ts';
import type { RecordBatch } from '../record-batch.ts';

/** One part of a joined listen. */
export interface FakePart {
  readonly id: number;
  readonly options: ListenOptions;
  /** What the part is to tell; its `records$` follow. */
  readonly items$: Subject<EventItem | LossItem>;
  readonly records$: Observable<RecordBatch | LossItem>;
  readonly ready: Promise<{ threads: number[]; pending: number[] }>;
  summary: Summary;
  isEnded: boolean;
  unlisten(): Promise<{ thread: number; matched: number; lost: number; throttled: number }[]>;
}

export class FakeSide {
  readonly hello: { role: 'agent' | 'host'; pid: number };
  readonly threads$: BehaviorSubject<readonly ThreadInfo[]>;
  readonly eventTypes$: BehaviorSubject<readonly TypeInfo[]>;
  readonly stops$: Subject<StopFrame> = new Subject();
  readonly arms$: Subject<ArmFrame> = new Subject();
  readonly parts: FakePart[] = [];
  /** `pause 3`, with parameters where there are some. */
  readonly log: string[] = [];
  readonly told: (readonly number[])[] = [];
  readonly ended: Promise<ConnectionEnd>;
  /** Threads of the agent itself. */
  agentThreads: readonly ThreadInfo[] = [];
  /** What listens are answered with. */
  refusal: Error | undefined;
  answer: (method: string) => unknown = () => ({});
  #end: (end: ConnectionEnd) => void = () => undefined;

  constructor(role: 'agent' | 'host', threads: readonly ThreadInfo[], names: readonly string[]) {
    this.hello = { role, pid: 100 };
    this.threads$ = new BehaviorSubject(threads);
    const typesThread = threads[0]?.key ?? 0;
    this.eventTypes$ = new BehaviorSubject<readonly TypeInfo[]>(
      names.map((name) => ({ descriptor: describe(name), threads: [typesThread], listeners: 1, heard: 2 })), // prettier-ignore
    );
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get connection(): Connection {
    return this as unknown as Connection;
  }

  get threads(): readonly ThreadInfo[] {
    return this.threads$.value;
  }

  get eventTypes(): readonly TypeInfo[] {
    return this.eventTypes$.value;
  }

  /** What it could post, were it asked for. */
  promisedTypes: readonly EventTypeDescriptor[] = [];

  mayProvide(name: string): boolean {
    return this.promisedTypes.some((type) => type.name === name);
  }

  isPostedInside(name: string): boolean {
    return this.mayProvide(name);
  }

  open(options: ListenOptions): FakePart {
    const { refusal } = this;
    const items$ = new Subject<EventItem | LossItem>();
    const part: FakePart = {
      id: this.parts.length + 1,
      options,
      items$,
      records$: items$.pipe(map((item) => (item.kind === 'loss' ? item : batchOf(item)))),
      ready: refusal === undefined ? Promise.resolve({ threads: [this.threads[0]?.key ?? 0], pending: [] }) : Promise.reject(refusal), // prettier-ignore
      summary: { matched: 5, delivered: 3, lost: 1, throttled: 1 },
      isEnded: false,
      async unlisten() {
        part.isEnded = true;
        items$.complete();
        return [{ thread: 1, matched: 5, lost: 1, throttled: 1 }];
      },
    };
    part.ready.catch((error: unknown) => items$.error(error));
    this.parts.push(part);
    return part;
  }

  async debug(method: string, params: object = {}, thread?: number): Promise<unknown> {
    const words = Object.keys(params).length === 0 ? '' : ` ${JSON.stringify(params)}`;
    this.log.push(`${method} ${String(thread)}${words}`);
    return this.answer(method);
  }

  async tellScripted(threads: readonly ThreadInfo[]): Promise<void> {
    this.told.push(threads.map(({ tid }) => tid));
  }

  async refreshEventTypes(): Promise<readonly TypeInfo[]> {
    return this.eventTypes;
  }

  end(end: ConnectionEnd): void {
    for (const { items$ } of this.parts) items$.complete();
    this.#end(end);
  }

  async close(): Promise<void> {
    this.end({ reason: 'closed' });
  }
}

export function describe(
  name: string,
  kind: 'requested' | 'filtered' = 'requested',
): EventTypeDescriptor {
  // prettier-ignore
  return { name, kind, description: '', fields: {} };
}

/** One event as a batch of its own. */
function batchOf(item: EventItem): RecordBatch {
  const batch: Pick<RecordBatch, 'kind' | 'pid' | 'count' | 'forEachItem' | 'placed'> = {
    kind: 'records',
    pid: item.pid,
    count: 1,
    forEachItem: (visit) => visit(item),
    placed: (place) => batchOf({ ...item, ...place(item) }),
  };
  return batch as RecordBatch;
}
