import { BehaviorSubject, type Observable, Subject, type Subscription } from 'rxjs';
import type { ExtensionEventError } from '@extension-events/core';
import type { EventItem, LossItem, Summary } from './items.ts';
import type { ListenOptions } from './listening.ts';
import type { TargetConnection, TargetListening } from './target-connection.ts';

/** What became of a session's listen in one process. */
export interface SessionPart {
  readonly pid: number;
  /** `refused`: nobody serves it there, for the reason in `error`; the other processes go on. */
  readonly state: 'opening' | 'listening' | 'refused' | 'ended';
  /** Threads that have not answered yet. */
  readonly pending: number;
  readonly error?: ExtensionEventError;
  /** Exact once the part has ended; before, what has arrived. */
  readonly summary: Summary;
}

/** An event, or a loss at its place, of any process. */
export type SessionItem = EventItem | (LossItem & { readonly pid: number });

/** One listen on all connected processes of a session, present and future. */
export interface SessionListening {
  readonly options: ListenOptions;
  readonly parts: readonly SessionPart[];
  /** The parts now and at each change of a state; counts alone are no change. */
  readonly parts$: Observable<readonly SessionPart[]>;
  /** Hot; in order for each process; completes when the listen has ended. A refusal is told by `parts$`. */
  readonly items$: Observable<SessionItem>;
  /** Resolves when every process that was connected at the start has answered or refused. */
  readonly ready: Promise<void>;
  /** Of all processes together, also those that have ended. */
  readonly summary: Summary;
  /** Ends it everywhere; what was posted before is delivered first. */
  unlisten(): Promise<Summary>;
}

interface Part {
  readonly pid: number;
  readonly listening: TargetListening;
  state: SessionPart['state'];
  pending: number;
  error?: ExtensionEventError;
}

const nothing: Summary = { matched: 0, delivered: 0, lost: 0, throttled: 0 };
/** Parts that have ended are told for so many processes; their accounts are kept for all. */
const maxEnded = 256;

/** Opens the listen in each process as it is connected, and adds their accounts up. */
export class OpenSessionListening implements SessionListening {
  readonly options: ListenOptions;
  readonly ready: Promise<void>;
  readonly #items: Subject<SessionItem> = new Subject();
  readonly #parts$: BehaviorSubject<readonly SessionPart[]> = new BehaviorSubject<readonly SessionPart[]>([]); // prettier-ignore
  readonly #parts: Map<TargetConnection, Part> = new Map();
  /** Nobody is listened to twice, also when its part is forgotten. */
  readonly #seen: WeakSet<TargetConnection> = new WeakSet();
  readonly #filter: (target: TargetConnection) => boolean;
  readonly #following: Subscription;
  /** Accounts of ended parts that are no longer told one by one. */
  #forgotten: Summary = nothing;
  #ending: Promise<Summary> | undefined;

  constructor(
    targets$: Observable<readonly TargetConnection[]>,
    options: ListenOptions,
    filter: (target: TargetConnection) => boolean = () => true,
  ) {
    this.options = options;
    this.#filter = filter;
    const first: Promise<void>[] = [];
    let isStarting = true;
    this.#following = targets$.subscribe((targets) => {
      const opened = targets.filter((target) => !this.#seen.has(target) && this.#filter(target));
      const ready = opened.map((target) => this.#open(target));
      if (isStarting) first.push(...ready);
    });
    isStarting = false;
    this.ready = Promise.all(first).then(() => undefined);
  }

  get items$(): Observable<SessionItem> {
    return this.#items;
  }

  get parts(): readonly SessionPart[] {
    return Array.from(this.#parts.values(), describe);
  }

  get parts$(): Observable<readonly SessionPart[]> {
    return this.#parts$;
  }

  async #open(target: TargetConnection): Promise<void> {
    const { pid } = target;
    this.#seen.add(target);
    const listening = target.open(this.options);
    const part: Part = { pid, listening, state: 'opening', pending: 0 };
    this.#parts.set(target, part);
    listening.items$.subscribe({
      next: (item) => this.#items.next(item.kind === 'loss' ? { ...item, pid } : item),
      error: () => undefined, // ready tells it
      complete: () => this.#change(part, 'ended'),
    });
    this.#tell();
    try {
      const { pending } = await listening.ready;
      part.pending = pending.length;
      if (part.state === 'opening') this.#change(part, 'listening');
    } catch (error) {
      part.error = error as ExtensionEventError;
      this.#change(part, 'refused');
    }
  }

  #change(part: Part, state: Part['state']): void {
    part.state = state;
    if (state === 'ended') part.pending = 0;
    this.#forgetOldest();
    this.#tell();
  }

  #forgetOldest(): void {
    const ended = [...this.#parts].filter(([, { state }]) => state === 'ended' || state === 'refused'); // prettier-ignore
    for (const [target, { listening }] of ended.slice(0, -maxEnded)) {
      this.#forgotten = add(this.#forgotten, listening.summary);
      this.#parts.delete(target);
    }
  }

  #tell(): void {
    this.#parts$.next(this.parts);
  }

  get summary(): Summary {
    const summaries = Array.from(this.#parts.values(), ({ listening }) => listening.summary);
    return summaries.reduce(add, this.#forgotten);
  }

  unlisten(): Promise<Summary> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<Summary> {
    this.#following.unsubscribe();
    await Promise.all(Array.from(this.#parts.values(), ({ listening }) => listening.unlisten()));
    this.#items.complete();
    this.#parts$.complete();
    return this.summary;
  }
}

function describe({ error, listening, pending, pid, state }: Part): SessionPart {
  const { summary } = listening;
  return { pid, state, pending, summary, ...(error === undefined ? {} : { error }) };
}

function add(a: Summary, b: Summary): Summary {
  return {
    matched: a.matched + b.matched,
    delivered: a.delivered + b.delivered,
    lost: a.lost + b.lost,
    throttled: a.throttled + b.throttled,
  };
}
