import { setTimeout as delay } from 'node:timers/promises';
import { ExtensionEventError } from '@extension-events/core';
import type { CdpSession } from './host.ts';
import { isLoadingModule } from './inside.ts';

/** Frames and samples whose url starts with this are ours and never count as the program's. */
export const ownUrlPrefix = 'extension-events:';

/**
 * The url of a breakpoint's condition that does no more than tell of the pass. V8 compiles it anew for
 * each pass and announces it as a script to every session: whoever keeps scripts leaves these out.
 */
export const conditionUrl: string = `${ownUrlPrefix}breakpoint`;

/** Is this the url of a snippet or file of ours? */
export function isOwnUrl(url: string): boolean {
  return url.startsWith(ownUrlPrefix);
}

/** How to evaluate a snippet. */
export interface EvaluateOptions {
  /** Makes `require`, `profile()` and the like available. */
  readonly includeCommandLineApi?: boolean;
}

/**
 * Evaluates one of our own expressions in the thread and returns its JSON value.
 *
 * Works by interrupt while the thread spins or waits in `Atomics.wait`; inside a native call it
 * waits until the call is over. The snippet is marked with `//# sourceURL=extension-events:NAME`.
 *
 * @throws ExtensionEventError `EE_V8_EVALUATE` when the expression throws, and as `CdpSession.post`
 */
export async function evaluateSnippet<T>(
  session: CdpSession,
  name: string,
  expression: string,
  options: EvaluateOptions = {},
): Promise<T> {
  const { result, exceptionDetails } = await session.post('Runtime.evaluate', {
    expression: `${expression}\n//# sourceURL=${ownUrlPrefix}${name}`,
    silent: true,
    disableBreaks: true,
    returnByValue: true,
    includeCommandLineAPI: options.includeCommandLineApi ?? false,
  });
  if (exceptionDetails === undefined) return result.value as T;
  const reason = exceptionDetails.exception?.description ?? exceptionDetails.text;
  throw new ExtensionEventError(
    'EE_V8_EVALUATE',
    `Our snippet ${name} threw in the thread: ${reason}`,
    'The program may have changed a global that the snippet needs; report it with this message.',
  );
}

const loadingMs = 3000;
const firstLookMs = 1;
const longestLookMs = 16;

/**
 * The same for a snippet that needs modules of Node's own. A thread that is interrupted while it loads
 * one has it half: what we loaded then would be broken, for the program too. It is asked again a
 * moment later.
 *
 * @throws ExtensionEventError as {@link evaluateSnippet}, also when the thread loads for seconds
 */
export async function evaluateWithModules<T>(
  session: CdpSession,
  name: string,
  expression: string,
): Promise<T> {
  const deadline = performance.now() + loadingMs;
  for (let waitMs = firstLookMs; ; waitMs = Math.min(waitMs * 2, longestLookMs)) {
    const guarded = `${isLoadingModule} ? 'loading' : [${expression}\n]`;
    const answer = await evaluateSnippet<'loading' | [T]>(session, name, guarded);
    if (answer !== 'loading') return (answer[0] ?? undefined) as T; // JSON has no undefined
    if (performance.now() > deadline)
      throw new ExtensionEventError('EE_V8_EVALUATE', `Our snippet ${name} found the thread loading a module of Node.js for ${loadingMs / 1000} s.`, 'Try again when the program has started.'); // prettier-ignore
    await delay(waitMs);
  }
}
