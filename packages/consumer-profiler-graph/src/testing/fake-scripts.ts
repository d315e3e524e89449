import { BehaviorSubject, interval, map, takeUntil, Subject } from 'rxjs';
import type { RunningScript, ScriptDoor } from '../server/doors.ts';
import type { ScriptDiagnostic, ScriptState } from '../server/messages.ts';

/** Scripts that count seconds; a text with `oops` in it has a problem there. */
export const fakeScripts: ScriptDoor = {
  async check(text) {
    const lines = text.split('\n');
    const diagnostics = lines.flatMap((line, i): ScriptDiagnostic[] => {
      const at = line.indexOf('oops');
      return at < 0 ? [] : [{ severity: 'error', line: i + 1, column: at + 1, length: 4, code: 'EE_SCRIPT_NAME', message: 'No event, and no global, has the name oops.', hint: 'Did you mean net.send?' }]; // prettier-ignore
    });
    return { diagnostics };
  },

  run(text, { pids = [4242, 4310] }): RunningScript {
    const over = new Subject<void>();
    const events = [...text.matchAll(/^event ([\w.-]+)/gm)].map((found) => found[1] ?? '');
    const state = new BehaviorSubject<ScriptState>({ phase: 'running', pids, events });
    return {
      state$: state,
      output$: interval(1000).pipe(
        map((second) => `second ${second + 1}: ${second * 3} sends of <b>13</b> bytes\n`),
        takeUntil(over),
      ),
      async stop() {
        over.next();
        if (state.value.phase === 'running') state.next({ phase: 'ended', pids, events });
        state.complete();
      },
    };
  },
};
