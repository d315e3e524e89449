import { useEffect, useRef, useState } from 'preact/hooks';
import type { PlainError } from '../../../src/server/errors.ts';
import type { ScriptView } from '../../../src/server/messages.ts';
import { link } from '../link/the-link.ts';
import { visible } from '../lib/plain-value.ts';
import { addCard } from '../model/page-state.ts';
import { Fault } from '../parts/bits.tsx';
import { scriptText } from './script-text.ts';

/** One script that was started: how it goes, what it posts, what it prints. */
export function ScriptRow({ script }: { readonly script: ScriptView }) {
  const [fault, setFault] = useState<PlainError | undefined>(undefined);
  const { firstLine, id, lines, name, state, text } = script;
  const isActive = state.phase === 'running' || state.phase === 'starting';
  const stop = (): void => {
    link.ask({ do: 'stop-script', script: id }).catch((error: PlainError) => setFault(error));
  };
  return (
    <li class={`script ${state.phase}`}>
      <div class="script-line">
        <span class="dot" />
        <b class="mono">{visible(name)}</b>
        <span class="quiet">
          {state.phase}
          {state.pids.length > 0 ? ` in ${state.pids.join(', ')}` : ''}
        </span>
        <span class="gap" />
        {state.events.map((event) => (
          <button
            key={event}
            type="button"
            class="small"
            onClick={() => addCard({ pattern: event })}
          >
            Graph {visible(event)}
          </button>
        ))}
        {isActive ? (
          <button type="button" class="small" onClick={stop}>
            Stop
          </button>
        ) : (
          <button type="button" class="small" onClick={() => (scriptText.value = text)}>
            Edit
          </button>
        )}
      </div>
      {state.error !== undefined && <Fault error={state.error} />}
      {fault !== undefined && <Fault error={fault} />}
      {lines.length > 0 && <Output lines={lines} firstLine={firstLine} />}
    </li>
  );
}

/** Follows the end, unless somebody has scrolled up to read. */
function Output({
  firstLine,
  lines,
}: {
  readonly lines: readonly string[];
  readonly firstLine: number;
}) {
  const box = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (box.current !== null && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  return (
    <pre
      class="output"
      ref={box}
      tabIndex={0}
      aria-label="Output"
      onScroll={({ currentTarget: { clientHeight, scrollHeight, scrollTop } }) =>
        (isAtEnd.current = scrollHeight - scrollTop - clientHeight < 4)
      }
    >
      {firstLine > 0 ? `(${firstLine} earlier lines)\n` : ''}
      {visible(lines.join('\n'))}
    </pre>
  );
}
