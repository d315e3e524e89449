import { link } from '../link/the-link.ts';
import { formatTime } from '../lib/format.ts';
import { cycleTheme, theme } from '../lib/theme.ts';
import { change, isHelpOpen, select, tell, togglePause, view } from '../model/page-state.ts';
import { ranges } from '../model/page-view.ts';
import { Choice, Icon } from './bits.tsx';
import { toggleScripts } from './keys.ts';

const statusWords = { connecting: 'connecting', open: 'live', lost: 'disconnected' } as const;

/** Time on the left of it, what else there is on the right. */
export function TopBar() {
  const { hasScripts, hasTimeline, pausedMs, rangeMs, selection } = view.value;
  const isPaused = pausedMs !== undefined;
  const status = link.status.value;
  return (
    <header class="top">
      <h1>
        <Logo /> <span>extev watch</span>
      </h1>
      <span class={`status ${isPaused && status === 'open' ? 'paused' : status}`} role="status">
        {isPaused && status === 'open' ? `paused ${formatTime(pausedMs)}` : statusWords[status]}
      </span>
      <Choice
        label="Time range"
        value={rangeMs}
        options={ranges.map(({ label, ms, name }) => ({ value: ms, label, name }))}
        onChange={(ms) => change({ rangeMs: ms })}
      />
      <button
        type="button"
        class="tool"
        aria-pressed={isPaused}
        onClick={togglePause}
        title="Pause (p)"
      >
        <Icon name={isPaused ? 'play' : 'pause'} />
        <span>{isPaused ? 'Resume' : 'Pause'}</span>
      </button>
      {selection !== undefined && (
        <span class="span-chip">
          {formatTime(selection.fromMs)} – {formatTime(selection.toMs)}
          <button
            type="button"
            class="plain"
            aria-label="Leave the selection"
            onClick={() => select(undefined)}
          >
            <Icon name="close" />
          </button>
        </span>
      )}
      <span class="gap" />
      <button
        type="button"
        class="tool"
        aria-pressed={hasTimeline === true}
        title="Timeline (t)"
        onClick={() => change({ hasTimeline: hasTimeline !== true })}
      >
        <Icon name="marks" />
        <span>Timeline</span>
      </button>
      <button
        type="button"
        class="tool desktop"
        aria-pressed={hasScripts === true}
        title="Scripts (s)"
        onClick={toggleScripts}
      >
        <Icon name="script" />
        <span>Scripts</span>
      </button>
      <button
        type="button"
        class="tool icon-only"
        aria-label="Copy a link to this view"
        title="Copy a link to this view"
        onClick={() => void copyLink()}
      >
        <Icon name="link" />
      </button>
      <button
        type="button"
        class="tool icon-only"
        aria-label={`Colours: ${theme.value}`}
        title="Dark, light or as the system (d)"
        onClick={cycleTheme}
      >
        <Icon name="sun" />
      </button>
      <button
        type="button"
        class="tool icon-only"
        aria-label="Help"
        title="Help (?)"
        onClick={() => (isHelpOpen.value = true)}
      >
        <Icon name="help" />
      </button>
    </header>
  );
}

async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    tell('The link to this view is copied. Whoever has it can watch.');
  } catch {
    tell('The browser does not let pages copy here: take the address from its address bar.');
  }
}

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M3 21h6l3-12 5 17 4-10h8" />
    </svg>
  );
}
