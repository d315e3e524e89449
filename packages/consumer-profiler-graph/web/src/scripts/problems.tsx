import type { ScriptDiagnostic } from '../../../src/server/messages.ts';
import { visible } from '../lib/plain-value.ts';

/** What is wrong, and where; a click goes there. */
export function Problems({ diagnostics }: { readonly diagnostics: readonly ScriptDiagnostic[] }) {
  return (
    <ul class="problems" id="script-problems" aria-label="Problems">
      {diagnostics.map((problem) => (
        <li key={`${problem.line}:${problem.column}:${problem.message}`} class={problem.severity}>
          <button type="button" class="plain" onClick={() => goTo(problem)}>
            <span class="number place">
              {problem.line}:{problem.column}
            </span>
            <span>
              {visible(problem.message)} <code>{problem.code}</code>
              {problem.hint !== '' && <span class="hint">{visible(problem.hint)}</span>}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function goTo({ column, length, line }: ScriptDiagnostic): void {
  const area = document.getElementById('script-text');
  if (!(area instanceof HTMLTextAreaElement)) return;
  const before = area.value.split('\n').slice(0, line - 1);
  const start = before.reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
  area.focus();
  area.setSelectionRange(start, start + Math.max(1, length));
}
