import { BehaviorSubject, combineLatest, map, type Observable, of, switchMap, timer } from 'rxjs';
import { ExtensionEventError, monotonicNs } from '@extension-events/core';
import type { ProcessEntry, Session, TargetConnection, ThreadInfo } from '@extension-events/session'; // prettier-ignore
import { CpuShares } from './cpu-shares.ts';
import type { ProcessNode, ThreadNode } from './graph-types.ts';

const lookMs = 1000;

type Failures = ReadonlyMap<number, ExtensionEventError>;

interface Seen {
  readonly listed: readonly ProcessEntry[];
  readonly targets: readonly TargetConnection[];
  readonly failures: Failures;
  readonly opening: ReadonlySet<number>;
}

/** The processes of a session with their threads, and who was asked to join and could not. */
export class ProcessTree {
  readonly #session: Session;
  readonly #isAll: boolean;
  readonly #opening: BehaviorSubject<ReadonlySet<number>> = new BehaviorSubject<
    ReadonlySet<number>
  >(new Set());
  /** Of those that were opened here; those of the session are its own. */
  readonly #failures: BehaviorSubject<Failures> = new BehaviorSubject<Failures>(new Map());

  /** @param isAll - also programs that are not Node.js, as far as the session lists them */
  constructor(session: Session, isAll: boolean) {
    this.#session = session;
    this.#isAll = isAll;
  }

  /** Opens a process; see `ProfilerGraph.attach`. */
  async attach(pid: number): Promise<void> {
    this.#opening.next(new Set([...this.#opening.value, pid]));
    this.#setFailure(pid, undefined);
    try {
      if (this.#isConnected(pid)) return;
      await this.#session.open(pid);
    } catch (error) {
      this.#setFailure(pid, error as ExtensionEventError);
      throw error;
    } finally {
      this.#opening.next(new Set([...this.#opening.value].filter((other) => other !== pid)));
    }
  }

  #isConnected(pid: number): boolean {
    let isConnected = false;
    this.#session.targets$
      .subscribe((targets) => {
        isConnected = targets.some((target) => target.pid === pid && target.sides.agent);
      })
      .unsubscribe();
    return isConnected;
  }

  #setFailure(pid: number, error: ExtensionEventError | undefined): void {
    const failures = new Map(this.#failures.value);
    if (error === undefined) failures.delete(pid);
    else failures.set(pid, error);
    this.#failures.next(failures);
  }

  /** The tree at each change and each second; `/proc` is read while it is subscribed. */
  get processes$(): Observable<readonly ProcessNode[]> {
    const shares = new CpuShares();
    let last = -1;
    const seen$: Observable<Seen> = combineLatest({
      listed: this.#session.processes$,
      targets: this.#withThreads(),
      failures: combineLatest([this.#session.joinFailures$, this.#failures]).pipe(
        map(([joins, attaches]) => new Map([...joins, ...attaches])),
      ),
      opening: this.#opening,
    });
    return combineLatest([seen$, timer(0, lookMs)]).pipe(
      map(([seen, look]) => {
        if (look !== last) shares.begin(monotonicNs());
        last = look;
        return describeAll(seen, (pid, tid) => shares.share(pid, tid));
      }),
      map((nodes) => (this.#isAll ? nodes : nodes.filter(({ state }) => state !== 'native'))),
    );
  }

  /** The targets, told again when their threads change. */
  #withThreads(): Observable<readonly TargetConnection[]> {
    return this.#session.targets$.pipe(
      switchMap((targets) =>
        targets.length === 0
          ? of(targets)
          : combineLatest(targets.map(({ threads$ }) => threads$)).pipe(map(() => targets)),
      ),
    );
  }
}

type Share = (pid: number, tid?: number) => number | undefined;

function describeAll({ failures, listed, opening, targets }: Seen, share: Share): ProcessNode[] {
  const byPid = new Map(targets.map((target) => [target.pid, target]));
  const nodes = listed.map((entry) => {
    const { pid } = entry;
    const isOpening = opening.has(pid);
    return describe(entry, byPid.get(pid), { error: failures.get(pid), isOpening, share });
  });
  // What was connected a moment ago is listed at the next look.
  const pids = new Set(listed.map(({ pid }) => pid));
  for (const target of targets) {
    if (pids.has(target.pid)) continue;
    const { name, runtime = name } = target.hello;
    const entry = { pid: target.pid, name, runtime, threads: [] };
    nodes.push(describe(entry, target, { error: undefined, isOpening: false, share }));
  }
  return nodes.toSorted((a, b) => a.pid - b.pid);
}

interface Circumstances {
  readonly error: ExtensionEventError | undefined;
  readonly isOpening: boolean;
  readonly share: Share;
}

function describe(
  entry: Pick<ProcessEntry, 'pid' | 'name' | 'runtime' | 'threads'>,
  target: TargetConnection | undefined,
  { error, isOpening, share }: Circumstances,
): ProcessNode {
  const { name, pid, runtime } = entry;
  const cpuShare = share(pid);
  return {
    pid,
    name,
    runtime,
    state: stateOf(runtime, target, error, isOpening),
    ...(error !== undefined &&
      target === undefined &&
      !isOpening && {
        error: { code: error.code, message: error.message, hint: error.hint },
      }),
    sides: target?.sides ?? { agent: false, host: false },
    ...(cpuShare !== undefined && { cpuShare }),
    threads:
      target === undefined
        ? entry.threads.map((thread) => unconnected(pid, thread, share))
        : target.threads.map((thread) => connected(pid, thread, share)),
  };
}

function stateOf(
  runtime: string,
  target: TargetConnection | undefined,
  error: ExtensionEventError | undefined,
  isOpening: boolean,
): ProcessNode['state'] {
  if (target !== undefined) return 'connected';
  if (isOpening) return 'connecting';
  if (error !== undefined) return 'refused';
  return /^node\b/.test(runtime) ? 'attachable' : 'native';
}

function connected(
  pid: number,
  { heldBy, name, state, threadId, tid }: ThreadInfo,
  share: Share,
): ThreadNode {
  // prettier-ignore
  const cpuShare = share(pid, tid);
  return { tid, threadId, name, state, ...(cpuShare !== undefined && { cpuShare }), ...(heldBy !== undefined && { heldBy }) }; // prettier-ignore
}

function unconnected(
  pid: number,
  { name, tid }: ProcessEntry['threads'][number],
  share: Share,
): ThreadNode {
  const cpuShare = share(pid, tid);
  return { tid, threadId: -1, name, state: 'running', ...(cpuShare !== undefined && { cpuShare }) };
}
