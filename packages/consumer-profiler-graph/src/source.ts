import type {
  RecordBatch,
  Session,
  SessionListening,
  SessionLoss,
  SessionPart,
} from '@extension-events/session';
import type { Aggregate } from './aggregate.ts';
import type { GraphClock } from './clock.ts';
import type { SourceSpec, SourceState } from './graph-types.ts';
import { type IncidentNumbers, IncidentTail } from './incident-tail.ts';
import type { Names } from './names.ts';
import { type Hold, Pool } from './pool.ts';
import { SourceSeries } from './source-series.ts';
import { toListenOptions } from './source-spec.ts';

/** What a source needs of its graph. */
export interface SourceHost {
  readonly session: Session;
  readonly clock: GraphClock;
  readonly names: Names;
  readonly numbers: IncidentNumbers;
  readonly keepMs: number;
  readonly incidents: number;
}

/** Time stamps may be a little ahead of us, never much: what is further off is broken. */
const aheadMs = 1000;
const settleMs = 1000;

/** One listen, and everything that is aggregated from it. */
export class Source {
  readonly spec: SourceSpec;
  readonly sinceMs: number;
  readonly series: SourceSeries;
  readonly tail: IncidentTail;
  /** Changes with each event and loss. */
  version = 0;
  /** Changes with the state of a part. */
  partsVersion = 0;
  total = 0;
  lost = 0;
  readonly #host: SourceHost;
  readonly #listening: SessionListening;
  readonly #aggregates: Pool<Aggregate>;
  /** The values of the pool, for the way of each event. */
  #running: readonly Aggregate[] = [];
  readonly #settling: NodeJS.Timeout;
  /** When parts were seen to end, by their pids. */
  #ends: ReadonlyMap<number, number> = new Map();

  /** @param stack - frames to capture of each poster */
  constructor(spec: SourceSpec, stack: number, host: SourceHost) {
    this.spec = spec;
    this.#host = host;
    const { clock, incidents, keepMs, names, numbers, session } = host;
    this.sinceMs = clock.nowMs();
    const nameThread = (pid: number, tid: number): string => names.thread(pid, tid);
    this.series = new SourceSeries((pid, tid) => `${names.process(pid)} ${nameThread(pid, tid)}`);
    this.tail = new IncidentTail(incidents, clock, numbers, nameThread);
    this.#aggregates = new Pool(keepMs, () => this.#refresh());
    const { pid } = spec;
    this.#listening = session.openListening(
      toListenOptions(spec, stack),
      pid === undefined ? undefined : (target) => target.pid === pid,
    );
    this.#listening.records$.subscribe((item) => {
      if (item.kind === 'records') this.#take(item);
      else this.#lose(item);
    });
    this.#listening.parts$.subscribe((parts) => this.#seeParts(parts));
    // Undecoded events keep the bytes alive that came with them.
    this.#settling = setInterval(() => this.tail.settle(), settleMs).unref();
  }

  #take(batch: RecordBatch): void {
    const { clock } = this.#host;
    const { pid } = batch;
    const nowMs = clock.nowMs();
    const running = this.#running;
    batch.forEach((record) => {
      const posted = clock.toMs(record.timestampNs);
      const timeMs = posted > 0 && posted < nowMs + aheadMs ? posted : nowMs;
      this.series.add(record.type, pid, record.tid, timeMs);
      for (const aggregate of running) aggregate.add(record, timeMs, pid);
    });
    this.tail.add(batch);
    this.total += batch.count;
    this.version++;
  }

  #lose(loss: SessionLoss): void {
    this.series.lose(loss.count, this.#host.clock.nowMs());
    this.tail.lose(loss);
    this.lost += loss.count;
    this.version++;
  }

  #seeParts(parts: readonly SessionPart[]): void {
    const nowMs = this.#host.clock.nowMs();
    const ended = parts.filter(({ state }) => state === 'ended');
    this.#ends = new Map(ended.map(({ pid }) => [pid, this.#ends.get(pid) ?? nowMs]));
    this.partsVersion++;
  }

  #endOf({ pid, state }: SessionPart): { readonly endedMs?: number } {
    const endedMs = state === 'ended' ? this.#ends.get(pid) : undefined;
    return endedMs === undefined ? {} : { endedMs };
  }

  /** Shares an aggregate with all who use the same key. */
  use<A extends Aggregate>(key: string, make: (sinceMs: number) => A): Hold<A> {
    const hold = this.#aggregates.use(key, () => make(this.#host.clock.nowMs())) as Hold<A>;
    this.#refresh();
    return hold;
  }

  #refresh(): void {
    this.#running = [...this.#aggregates.values()];
  }

  get state(): SourceState {
    const { clock, names } = this.#host;
    return {
      parts: this.#listening.parts.map((part) => {
        const { error, pending, pid, state } = part;
        return {
          pid,
          processName: names.process(pid),
          state,
          ...this.#endOf(part),
          pending,
          ...(error !== undefined && {
            error: { code: error.code, message: error.message, hint: error.hint },
          }),
        };
      }),
      summary: this.#listening.summary,
      perSecond: this.series.perSecond(clock.nowMs()),
      sinceMs: this.sinceMs,
    };
  }

  /** Ends the listen and everything that hangs on it. */
  async close(): Promise<void> {
    clearInterval(this.#settling);
    this.#aggregates.clear();
    await this.#listening.unlisten().catch(() => undefined);
  }
}
