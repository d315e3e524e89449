/** Opens one hardware breakpoint for each arming; its samples are the events. */
import type { LinuxHost, PerfArming, PerfSample } from '@extension-events/platform-linux';
import { explainRefusal } from './refusals.ts';
import type { Place } from './place.ts';
import { resolvePlace } from './resolve.ts';
import type { HitArming, HwBreakpointHitPayload } from './types.ts';
import { tryReadStandingValue } from './value.ts';

/** One arming: until its address has been looked up, it has no event yet. */
interface Armed {
  ready?: Promise<void>;
  isOver: boolean;
  place?: Place;
  opened?: PerfArming;
}

/** The hardware breakpoints of one process. */
export class HitSource implements Disposable {
  readonly #host: LinuxHost;
  readonly #armed: Map<number, Armed> = new Map();

  constructor(host: LinuxHost) {
    this.#host = host;
  }

  /**
   * Watches for one arming, on its thread or on all of the process and those to come.
   *
   * @throws ExtensionEventError see {@link resolvePlace}; `EE_HW_BREAKPOINT_NO_SLOT`, and what
   * {@link LinuxHost.perf} throws
   */
  arm(arming: HitArming): Promise<void> {
    const present = this.#armed.get(arming.armId);
    if (present?.ready !== undefined) return present.ready;
    const armed: Armed = { isOver: false };
    this.#armed.set(arming.armId, armed);
    armed.ready = this.#open(arming, armed).catch((error: unknown) => {
      this.disarm(arming);
      throw error;
    });
    return armed.ready;
  }

  disarm({ armId }: Pick<HitArming, 'armId'>): void {
    const armed = this.#armed.get(armId);
    if (armed === undefined) return;
    this.#armed.delete(armId);
    armed.isOver = true;
    armed.opened?.[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    for (const armId of this.#armed.keys()) this.disarm({ armId });
  }

  async #open(arming: HitArming, armed: Armed): Promise<void> {
    const { request, subject, isStop } = arming;
    const place = await resolvePlace(this.#host, request);
    if (armed.isOver) return; // let go while the address was looked up
    try {
      armed.opened = this.#host.perf.open({
        event: { type: 'breakpoint', access: request.access, ...place },
        rate: { period: 1 },
        ...(subject && { tid: subject.tid }),
        includesKernel: request.kernel,
        signalsThread: isStop,
        callchain: true,
        onSample: (sample) => {
          const posted = this.#describe(sample, place, arming);
          arming.post(posted, { tid: sample.tid, threadId: subject?.threadId ?? 0 }, sample.timeNs);
        },
        onLost: (count) => arming.lose(count),
      });
      armed.place = place;
    } catch (error) {
      throw explainRefusal(error, this.#places(), subject?.tid);
    }
  }

  /** What this host watches by now. */
  #places(): Place[] {
    return Array.from(this.#armed.values(), ({ place }) => place).filter((each) => each !== undefined); // prettier-ignore
  }

  #describe(sample: PerfSample, place: Place, { request, isStop }: HitArming): HwBreakpointHitPayload {
    const { symbols, pid } = this.#host;
    const { pcBig: pc, tid } = sample;
    const { symbol, module } = symbols.resolve(pc);
    const chain = sample.callchain().map(({ address }) => address);
    const hasValue = isStop && request.access !== 'execute' && !sample.isKernel;
    const value = hasValue ? tryReadStandingValue({ pid, tid, pc, ...place }) : undefined;
    return {
      ...place,
      access: request.access,
      pc,
      ...(symbol !== undefined && { symbol }),
      ...(module !== undefined && { module }),
      ...(value !== undefined && { value }),
      stack: symbols.formatStack(chain.length > 0 ? chain : [pc]),
    };
  } // prettier-ignore
}
