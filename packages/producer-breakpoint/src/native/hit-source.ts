/** Opens perf events on instructions: the one file that asks the kernel for breakpoints. */
import { type Arming, ExtensionEventError } from '@extension-events/core';
import { userRegisterNames } from '@extension-events/platform-linux';
import type { LinuxHost, PerfArming, PerfEventSpec, PerfSample } from '@extension-events/platform-linux'; // prettier-ignore
import { splitNames } from '../captures.ts';
import { parseLocation } from '../location.ts';
import type { BreakpointHitPayload } from '../types.ts';
import { findPlace, type NativePlace } from './place.ts';

/** What `breakpoint.hit` is armed with. */
export interface NativeHitRequest {
  readonly location: string;
  readonly captures?: string;
  readonly stackDepth: number;
  readonly method: 'auto' | 'uprobe' | 'hardware';
}

/** An arming of `breakpoint.hit` in native code. */
export type NativeHitArming = Pick<
  Arming<BreakpointHitPayload, NativeHitRequest>,
  'armId' | 'subject' | 'request' | 'isStop' | 'post' | 'lose'
>;

type Method = 'uprobe' | 'hardware';

interface Armed {
  ready?: Promise<void>;
  isOver: boolean;
  opened?: PerfArming;
}

// Of a thread that nobody gave a number of Node's.
const noThreadId = -1;
const lateNote = 'this thread was born after the uprobe: its first passes may be missing';

/** The breakpoints of one process's native code, open while somebody listens. */
export class HitSource implements Disposable {
  readonly #host: LinuxHost;
  readonly #armed: Map<number, Armed> = new Map();

  constructor(host: LinuxHost) {
    this.#host = host;
  }

  /**
   * Watches the place on the armed thread, or on all of the process and those to come.
   *
   * @throws ExtensionEventError see {@link findPlace}; `EE_BREAKPOINT_CAPTURE`,
   * `EE_BREAKPOINT_METHOD`, and what {@link LinuxHost.perf} throws
   */
  arm(arming: NativeHitArming): Promise<void> {
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

  disarm({ armId }: Pick<NativeHitArming, 'armId'>): void {
    const armed = this.#armed.get(armId);
    if (armed === undefined) return;
    this.#armed.delete(armId);
    armed.isOver = true;
    armed.opened?.[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    for (const armId of this.#armed.keys()) this.disarm({ armId });
  }

  async #open(arming: NativeHitArming, armed: Armed): Promise<void> {
    const { request } = arming;
    const registers = parseRegisters(request.captures);
    const place = await findPlace(this.#host, parseLocation(request.location), request.location);
    if (armed.isOver) return; // let go while the address was looked up
    let refusal: unknown;
    for (const method of methodsOf(arming, place)) {
      try {
        armed.opened = this.#openBy(method, arming, place, registers);
        return;
      } catch (error) {
        // The first choice's refusal tells more than that of the makeshift, unless that has no slot left.
        if (refusal === undefined || (error as { code?: string }).code === 'EE_PERF_NO_SLOT') refusal = error; // prettier-ignore
      }
    }
    throw refusal;
  }

  #openBy(
    method: Method,
    arming: NativeHitArming,
    place: NativePlace,
    registers: readonly string[],
  ): PerfArming {
    const { isStop, request, subject } = arming;
    const hits = new Map<number, number>();
    const known = new Set(this.#host.threads.map(({ tid }) => tid));
    return this.#host.perf.open({
      event: specOf(method, place),
      rate: { period: 1 },
      ...(subject === undefined ? {} : { tid: subject.tid }),
      ...(isStop ? { signalsThread: true } : {}),
      callchain: request.stackDepth > 0,
      userRegisters: registers.length > 0,
      onSample: (sample) => {
        const count = (hits.get(sample.tid) ?? 0) + 1;
        hits.set(sample.tid, count);
        const isLate = method === 'uprobe' && count === 1 && !known.has(sample.tid);
        const note = isLate ? lateNote : undefined;
        const payload = this.#describe(sample, place, { arming, method, registers, hits: count, note }); // prettier-ignore
        const threadId = subject?.threadId ?? noThreadId;
        arming.post(payload, { tid: sample.tid, threadId }, sample.timeNs);
      },
      onLost: (count) => arming.lose(count),
    });
  }

  #describe(
    sample: PerfSample,
    { address: pc, uprobe: _uprobe, ...where }: NativePlace,
    { arming, hits, method, note, registers }: { arming: NativeHitArming; hits: number; method: Method; note: string | undefined; registers: readonly string[] }, // prettier-ignore
  ): BreakpointHitPayload {
    const { location, stackDepth } = arming.request;
    const chain = stackDepth === 0 ? [] : sample.callchain().map(({ address }) => address);
    const frames = (chain.length > 0 ? chain : [pc]).slice(0, stackDepth);
    return {
      location,
      ...where,
      hits,
      ...(registers.length === 0 ? {} : { values: JSON.stringify(readRegisters(sample, registers)) }), // prettier-ignore
      pc,
      ...(note === undefined ? {} : { note }),
      method,
      ...(stackDepth === 0 ? {} : { stack: this.#host.symbols.formatStack(frames) }),
    };
  }
}

/**
 * How the place is watched, first choice first.
 *
 * A uprobe takes no debug register. But it needs root, stops its thread one instruction behind the
 * place, and cannot be inherited: of a thread that is born later it misses the first moments. So it
 * comes first only where one thread is watched and none is to be stopped.
 */
function methodsOf(
  { isStop, request, subject }: NativeHitArming,
  { uprobe }: NativePlace,
): Method[] {
  const { location, method } = request;
  const refusal = 'refusal' in uprobe ? uprobe.refusal : undefined;
  if (method === 'uprobe' && refusal !== undefined) {
    throw new ExtensionEventError(
      'EE_BREAKPOINT_METHOD',
      `A uprobe cannot watch ${location}: ${refusal}.`,
      'Take method=hardware, or a function or a line as location.',
    );
  }
  if (method !== 'auto') return [method];
  if (refusal !== undefined) return ['hardware'];
  const isOneThread = subject !== undefined && !isStop;
  return isOneThread ? ['uprobe', 'hardware'] : ['hardware', 'uprobe'];
}

function specOf(method: Method, { address, uprobe }: NativePlace): PerfEventSpec {
  if (method === 'hardware' || 'refusal' in uprobe)
    return { type: 'breakpoint', access: 'execute', address, lengthBytes: 8 };
  return { type: 'uprobe', ...uprobe, isReturn: false };
}

/** Captures of native code: registers. */
function parseRegisters(captures: string | undefined): string[] {
  return splitNames(captures).map((text) => {
    const name = text.replace(/^[$%]/, '');
    if ((userRegisterNames as readonly string[]).includes(name)) return name;
    throw new ExtensionEventError(
      'EE_BREAKPOINT_CAPTURE',
      `${JSON.stringify(text)} is no register: of native code only registers are read.`,
      `Registers: ${userRegisterNames.join(', ')}. Variables: catch breakpoint.hit in extev debug and print them.`,
    );
  });
}

function readRegisters(sample: PerfSample, names: readonly string[]): Record<string, string> {
  const values = sample.userRegisters();
  const valueOf = (name: string): string => {
    const value = values[(userRegisterNames as readonly string[]).indexOf(name)];
    return value === undefined ? '[not available]' : `0x${value.toString(16)}`;
  };
  return Object.fromEntries(names.map((name) => [name, valueOf(name)]));
}
