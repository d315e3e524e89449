import { BehaviorSubject, NEVER, type Observable, Subject } from 'rxjs';
import type { ExtensionEventError } from '@extension-events/core';
import type {
  EventItem,
  ListenOptions,
  SessionItem,
  SessionListening,
  SessionPart,
  Summary,
} from '@extension-events/session';
import type { LoggerSession } from '../consumer.ts';
import { makeItem } from './items.ts';

/** A listen whose events come from a test. */
export class FakeListening implements SessionListening {
  readonly options: ListenOptions;
  readonly items$: Subject<SessionItem> = new Subject();
  readonly records$: Observable<never> = NEVER;
  readonly parts$: BehaviorSubject<readonly SessionPart[]> = new BehaviorSubject<
    readonly SessionPart[]
  >([]);
  readonly ready: Promise<void> = Promise.resolve();
  readonly counts: { matched: number; delivered: number; lost: number; throttled: number } = { matched: 0, delivered: 0, lost: 0, throttled: 0 }; // prettier-ignore
  /** What comes when the listen is ended, before it has. */
  last: () => void = () => undefined;
  isOpen = true;

  constructor(options: ListenOptions) {
    this.options = options;
  }

  get parts(): readonly SessionPart[] {
    return this.parts$.value;
  }

  get summary(): Summary {
    return { ...this.counts };
  }

  post(change: Partial<EventItem> = {}): void {
    this.counts.matched++;
    this.counts.delivered++;
    this.items$.next(makeItem({ seq: this.counts.matched, ...change }));
  }

  lose(count: number): void {
    this.counts.matched += count;
    this.counts.lost += count;
    this.items$.next({ kind: 'loss', pid: 7, tid: 8, threadId: 0, count, reason: 'ring-full' });
  }

  refuse(error: ExtensionEventError): void {
    this.parts$.next([{ pid: 7, state: 'refused', pending: 0, error, summary: this.summary }]);
  }

  unlisten(): Promise<Summary> {
    if (this.isOpen) this.last();
    this.isOpen = false;
    this.items$.complete();
    return Promise.resolve(this.summary);
  }
}

/** A session without processes, and the listens that a logger has opened in it. */
export function fakeSession(): LoggerSession & { readonly listens: FakeListening[] } {
  const listens: FakeListening[] = [];
  return {
    listens,
    processes$: new BehaviorSubject([]),
    targets$: new BehaviorSubject([]),
    openListening: (options) => {
      const listening = new FakeListening(options);
      listens.push(listening);
      return listening;
    },
  };
}
