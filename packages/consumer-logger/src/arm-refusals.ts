import { Subscription } from 'rxjs';
import { compilePattern, ExtensionEventError } from '@extension-events/core';
import type { Session, TargetConnection } from '@extension-events/session';

/** Told when an event type that is listened to cannot be armed in a process. */
export type TellRefusal = (pid: number, event: string, error: ExtensionEventError) => void;

/** Follows the arms of the session's processes; the listens themselves are in force all the same. */
export function watchArms(
  session: Pick<Session, 'targets$'>,
  patterns: readonly string[],
  isMine: (target: TargetConnection) => boolean,
  tell: TellRefusal,
): Subscription {
  const tests = patterns.map((pattern) => compilePattern(pattern));
  const seen = new WeakSet<TargetConnection>();
  const all = new Subscription();
  all.add(
    session.targets$.subscribe((targets) => {
      for (const target of targets) {
        if (seen.has(target) || !isMine(target)) continue;
        seen.add(target);
        all.add(
          target.arms$.subscribe(({ error, event }) => {
            if (error === undefined || !tests.some((matches) => matches(event))) return;
            const { code, hint, message } = error;
            tell(target.pid, event, new ExtensionEventError(code, message, hint));
          }),
        );
      }
    }),
  );
  return all;
}
