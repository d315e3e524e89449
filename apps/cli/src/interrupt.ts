import { exitCode } from './exit-codes.ts';

/** Ctrl-C and requests to end, from now until disposed. */
export interface Interrupt extends Disposable {
  /** Aborted at the first of them. */
  readonly signal: AbortSignal;
  readonly pressed: Promise<'interrupted'>;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * While it lasts, Ctrl-C and requests to end do not end the process: it leaves in good order. Who
 * asks a second time gets what he wants.
 */
export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const pressed = new Promise<'interrupted'>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
  const handler = (): void => {
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    controller.abort();
  };
  for (const signal of signals) process.on(signal, handler);
  return {
    signal: controller.signal,
    pressed,
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, handler);
    },
  };
}
