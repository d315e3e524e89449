import { setImmediate as turn } from 'node:timers/promises';
import { type Arming, ExtensionEventError } from '@extension-events/core';
import type { LinuxHost } from '@extension-events/platform-linux';
import { scriptedStep } from '../refusals.ts';
import type { StepPayload } from '../types.ts';
import { type StepEnd, Stepper, type StepTracer } from './stepper.ts';

/** What `step` and `step.block` are armed with. */
export interface StepRequest {
  readonly count: number;
  readonly everyN: number;
  readonly maxMs: number;
}

/** An arming of `step` or `step.block`. */
export type StepArming = Pick<Arming<StepPayload, StepRequest>, 'armId' | 'subject' | 'request' | 'post'>; // prettier-ignore

/** Makes a tracer for one of the two. @throws ExtensionEventError `EE_STEP_BLOCK_ABSENT` */
export type LoadTracer = (name: string) => Promise<StepTracer>;

interface Armed {
  isOver: boolean;
  stepper?: Stepper;
  ready?: Promise<void>;
}

/** One step that is to be told. */
interface Step {
  readonly pc: bigint;
  readonly timestampNs: number;
  readonly count: number;
}

type Where = Omit<StepPayload, 'pc' | 'count' | 'note'>;

const postsATurn = 256;
const notes: Readonly<Partial<Record<StepEnd, string>>> = {
  time: 'the time was over: the thread runs on',
  'thread-ended': 'the thread ended',
  stopped: 'the process was stopped by a signal',
  exec: 'the process became another program',
};

/**
 * Steps threads by ptrace, once for each arming: as many steps as it asks for, then the thread runs on.
 * Steps are told when they all are made, with the time at which each was.
 */
export class StepSource implements Disposable {
  readonly #host: LinuxHost;
  readonly #name: string;
  readonly #load: LoadTracer;
  readonly #armed: Map<number, Armed> = new Map();

  /** @param name - of the event type */
  constructor(host: LinuxHost, name: string, load: LoadTracer) {
    this.#host = host;
    this.#name = name;
    this.#load = load;
  }

  /** @throws ExtensionEventError `EE_STEP_THREAD`, `EE_STEP_SCRIPTED`, `EE_STEP_TRACED`, `EE_STEP_BLOCK_ABSENT`, `EE_PTRACE_PERMISSION`, `EE_PTRACE_GONE` */
  arm(arming: StepArming): Promise<void> {
    const present = this.#armed.get(arming.armId);
    if (present?.ready !== undefined) return present.ready;
    const armed: Armed = { isOver: false };
    this.#armed.set(arming.armId, armed);
    armed.ready = this.#start(arming, armed).catch((error: unknown) => {
      this.disarm(arming);
      throw error;
    });
    return armed.ready;
  }

  disarm({ armId }: Pick<StepArming, 'armId'>): void {
    const armed = this.#armed.get(armId);
    if (armed === undefined) return;
    this.#armed.delete(armId);
    armed.isOver = true;
    armed.stepper?.leave();
  }

  [Symbol.dispose](): void {
    for (const armId of this.#armed.keys()) this.disarm({ armId });
  }

  async #start(arming: StepArming, armed: Armed): Promise<void> {
    const tid = this.#threadOf(arming);
    const tracer = await this.#load(this.#name);
    if (armed.isOver) return;
    armed.stepper = seize(tracer, tid);
    void this.#run(arming, armed, armed.stepper, tid);
  }

  #threadOf({ subject }: StepArming): number {
    const natives = this.#host.threads.filter(({ tid }) => !this.#host.isScripted(tid));
    const tid = subject?.tid ?? (natives.length === 1 ? natives[0]?.tid : undefined);
    if (tid === undefined) throw noThread(this.#name, natives.length);
    if (this.#host.isScripted(tid)) throw scriptedStep(this.#name, tid);
    return tid;
  }

  async #run(arming: StepArming, armed: Armed, stepper: Stepper, tid: number): Promise<void> {
    const { request } = arming;
    const steps: Step[] = [];
    let count = 0;
    const end = await stepper.run(request, (pc, timestampNs) => {
      if (++count % request.everyN === 0) steps.push({ pc, timestampNs, count });
    });
    const known = new Map<bigint, Where>();
    const threadId = arming.subject?.threadId ?? -1;
    for (const [at, { timestampNs, ...step }] of steps.entries()) {
      if (at % postsATurn === postsATurn - 1) await turn(); // the rings are drained meanwhile
      const where = known.get(step.pc) ?? (await this.#whereIs(step.pc));
      known.set(step.pc, where);
      if (armed.isOver) return;
      const note = at === steps.length - 1 ? notes[end] : undefined;
      arming.post({ ...step, ...where, ...(note === undefined ? {} : { note }) }, { tid, threadId }, timestampNs); // prettier-ignore
    }
  }

  async #whereIs(pc: bigint): Promise<Where> {
    const { symbols } = this.#host;
    const { module, symbol } = symbols.resolve(pc);
    const [written] = await symbols.lines(pc).catch(() => []);
    return {
      ...(symbol === undefined ? {} : { symbol }),
      ...(module === undefined ? {} : { module }),
      ...(written === undefined ? {} : { function: written.function, url: written.file, line: written.line }), // prettier-ignore
    };
  }
}

function seize(tracer: StepTracer, tid: number): Stepper {
  try {
    return new Stepper(tracer, tid);
  } catch (error) {
    const { code, message } = error as ExtensionEventError;
    if (code !== 'EE_PTRACE_BUSY') throw error;
    throw new ExtensionEventError(
      'EE_STEP_TRACED',
      message,
      'A thread has one tracer: end that debugger, or let it step.',
      { cause: error },
    );
  }
}

function noThread(name: string, threads: number): ExtensionEventError {
  return new ExtensionEventError(
    'EE_STEP_THREAD',
    `${name} steps one thread, and this process has ${threads} native ones.`,
    'Choose it: --thread tid:N; extev ls shows them.',
  );
}
