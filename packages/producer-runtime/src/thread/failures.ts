import { EventEmitter } from 'node:events';
import type { Arming } from '@extension-events/core';
import type { ExceptionThrownPayload, PromiseRejectedPayload } from '../types.ts';
import type { EmitTap } from './emit-tap.ts';
import { readFailure } from './read-error.ts';

// oxlint-disable-next-line typescript/unbound-method -- applied to the process
const { listenerCount } = EventEmitter.prototype;
const { apply } = Reflect;
const soon = queueMicrotask;

/**
 * Posts `promise.rejected` until disposed.
 *
 * A rejection without a listener may be what the program dies of, and what Node then prints depends
 * on whether somebody has read the error's stack: V8 forgets the place of an error whose stack was
 * written out. So nothing is read before Node has made its message, which is when it asks the
 * monitors, or has gone on without.
 */
export function watchRejections(
  tap: EmitTap,
  { post }: Pick<Arming<PromiseRejectedPayload>, 'post'>,
): Disposable {
  // prettier-ignore
  let waiting: unknown[] = [];
  const tellWaiting = (): void => {
    const reasons = waiting;
    waiting = [];
    for (const reason of reasons) post({ ...readFailure(reason), isListenedFor: false });
  };
  const taps = [
    tap.add('unhandledRejection', (reason) => {
      const isListenedFor = apply(listenerCount, process, ['unhandledRejection']) > 0;
      if (isListenedFor) return post({ ...readFailure(reason), isListenedFor });
      if (waiting.push(reason) === 1) soon(tellWaiting);
    }),
    tap.add('uncaughtExceptionMonitor', tellWaiting),
    tap.add('exit', tellWaiting),
  ];
  return {
    [Symbol.dispose]: () => {
      waiting = [];
      for (const each of taps) each[Symbol.dispose]();
    },
  };
}

/** Posts `exception.thrown` for exceptions that nobody caught, until disposed. */
export function watchUncaught(
  tap: EmitTap,
  { post }: Pick<Arming<ExceptionThrownPayload>, 'post'>,
): Disposable {
  // prettier-ignore
  return tap.add('uncaughtExceptionMonitor', (thrown, origin) => {
    post({ ...readFailure(thrown), isCaught: false, origin: String(origin) });
  });
}
