import { useRef } from 'preact/hooks';
import type { ScriptDiagnostic } from '../../../src/server/messages.ts';

interface Props {
  readonly text: string;
  readonly diagnostics: readonly ScriptDiagnostic[];
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
}

/** A text area with line numbers; lines with a problem are marked. */
export function Editor({ diagnostics, onChange, onRun, text }: Props) {
  const gutter = useRef<HTMLDivElement>(null);
  const lines = text.split('\n').length;
  const bad = new Set(diagnostics.map(({ line }) => line));
  const press = (event: KeyboardEvent & { readonly currentTarget: HTMLTextAreaElement }): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onRun();
    }
  };
  return (
    <div class="editor">
      <div class="gutter" ref={gutter} aria-hidden="true">
        {Array.from({ length: lines }, (_, i) => (
          <span key={i} class={bad.has(i + 1) ? 'bad' : ''}>
            {i + 1}
          </span>
        ))}
      </div>
      <textarea
        id="script-text"
        value={text}
        aria-label="Text of the script"
        aria-invalid={bad.size > 0}
        aria-describedby="script-problems"
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        wrap="off"
        onInput={(event) => onChange(event.currentTarget.value)}
        onKeyDown={press}
        onScroll={({ currentTarget }) => {
          if (gutter.current !== null) gutter.current.scrollTop = currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
