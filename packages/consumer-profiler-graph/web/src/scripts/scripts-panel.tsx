import { useState } from 'preact/hooks';
import type { PlainError } from '../../../src/server/errors.ts';
import { link } from '../link/the-link.ts';
import { useView } from '../link/use-view.ts';
import { phoneTab, view } from '../model/page-state.ts';
import { Fault, Icon, Nothing } from '../parts/bits.tsx';
import { toggleScripts } from '../parts/keys.ts';
import { Editor } from './editor.tsx';
import { Problems } from './problems.tsx';
import { ScriptRow } from './script-row.tsx';
import { scriptText } from './script-text.ts';
import { useCheck } from './use-check.ts';

/** Scripts are typed, checked and run here; what they post is an event type like any other. */
export function ScriptsPanel() {
  const isShown = view.value.hasScripts === true || phoneTab.value === 'scripts';
  return isShown ? (
    <aside class="scripts" aria-label="Scripts">
      <header class="panel-head">
        <h2>Scripts</h2>
        <span class="gap" />
        <button
          type="button"
          class="plain desktop"
          aria-label="Close scripts"
          onClick={toggleScripts}
        >
          <Icon name="close" />
        </button>
      </header>
      {link.hello.value?.hasScripts === false ? (
        <Nothing title="This watcher runs no scripts.">
          <p>Run one in a terminal; its events are seen here all the same:</p>
          <code class="command">extev run FILE.ev PID</code>
        </Nothing>
      ) : (
        <Workbench />
      )}
    </aside>
  ) : null;
}

function Workbench() {
  const text = scriptText.value;
  const check = useCheck(text);
  const { value: scripts = [] } = useView({ of: 'scripts' });
  const { value: processes = [] } = useView({ of: 'processes' });
  const [pid, setPid] = useState(0);
  const [fault, setFault] = useState<PlainError | undefined>(undefined);
  const heard = processes.filter(({ state }) => state === 'connected');
  const hasProblems = check.diagnostics.some(({ severity }) => severity === 'error');
  const canRun = text.trim() !== '' && !hasProblems && link.status.value === 'open';
  const run = (): void => {
    if (!canRun) return;
    setFault(undefined);
    const where = pid === 0 ? {} : { pids: [pid] };
    link
      .ask({ do: 'run-script', name: nameOf(text), text, ...where })
      .catch((error: PlainError) => setFault(error));
  };
  return (
    <div class="scripts-body">
      <Editor
        text={text}
        diagnostics={check.diagnostics}
        onChange={(next) => (scriptText.value = next)}
        onRun={run}
      />{' '}
      <div class="script-bar">
        <button
          type="button"
          class="primary small"
          disabled={!canRun}
          title="Ctrl-Enter"
          onClick={run}
        >
          Run
        </button>
        <label>
          in{' '}
          <select
            value={String(pid)}
            onChange={(event) => setPid(Number(event.currentTarget.value))}
          >
            <option value="0">all attached processes</option>
            {heard.map((process) => (
              <option key={process.pid} value={String(process.pid)}>
                {process.name} ({process.pid})
              </option>
            ))}
          </select>
        </label>
        <span class="quiet" role="status">
          {check.isChecking
            ? 'checking…'
            : text.trim() === ''
              ? ''
              : hasProblems
                ? ''
                : 'no problems'}
        </span>
      </div>
      {check.fault !== undefined && <Fault error={check.fault} />}
      {fault !== undefined && <Fault error={fault} />}
      <Problems diagnostics={check.diagnostics} />
      <ul class="script-list">
        {scripts.toReversed().map((script) => (
          <ScriptRow key={script.id} script={script} />
        ))}
      </ul>
      {scripts.length === 0 && (
        <Nothing title="No script has run yet.">
          <p>
            What a script posts with <code>throw event</code> appears under Events and can be
            graphed.
          </p>
        </Nothing>
      )}
    </div>
  );
}

// What it declares says best what it is.
function nameOf(text: string): string {
  const declared = /^\s*event\s+([a-z][\w.-]*)/m.exec(text)?.[1];
  return declared === undefined ? 'page.ev' : `${declared}.ev`;
}
