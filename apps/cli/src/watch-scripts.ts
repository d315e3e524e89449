import { firstValueFrom } from 'rxjs';
import type { RunningScript, ScriptDiagnostic, ScriptDoor } from '@extension-events/consumer-profiler-graph/server'; // prettier-ignore
import type { Problem } from '@extension-events/script';
import type { Session } from '@extension-events/session';
import { checkText } from './check-text.ts';
import { WatchScript } from './watch-script.ts';

/** Lets pages of a watcher check scripts and run them, in the processes of its session. */
export function scriptDoor(session: Session): ScriptDoor {
  return {
    async check(text): Promise<{ diagnostics: readonly ScriptDiagnostic[] }> {
      const { problems } = await checkText(text, 'page.ev', await firstValueFrom(session.targets$));
      return { diagnostics: problems.map(toDiagnostic) };
    },
    run(text, options): RunningScript {
      return new WatchScript(session, text, options);
    },
  };
}

function toDiagnostic({ code, column, hint, length, line, message }: Problem): ScriptDiagnostic {
  return { severity: 'error', line, column, length, code, message, hint };
}
