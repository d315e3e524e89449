import { change, isHelpOpen, phoneTab, select, togglePause, view } from '../model/page-state.ts';
import { ranges } from '../model/page-view.ts';
import { cycleTheme } from '../lib/theme.ts';

interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
  readonly run: () => void;
}

/** What single keys do, unless somebody is typing. */
export const shortcuts: readonly Shortcut[] = [
  { keys: ['/'], does: 'filter event types, or type a name to graph', run: () => focusFilter() },
  { keys: ['p'], does: 'pause, and go on', run: () => togglePause() },
  { keys: ['1', '2', '3', '4', '5'], does: 'one minute to twelve hours', run: () => undefined },
  { keys: ['t'], does: 'timeline of all graphed events', run: () => change({ hasTimeline: view.value.hasTimeline !== true }) }, // prettier-ignore
  { keys: ['s'], does: 'scripts', run: () => toggleScripts() },
  { keys: ['d'], does: 'dark, light, or as the system', run: () => cycleTheme() },
  { keys: ['Esc'], does: 'leave a selection, a field or this help', run: () => leave() },
  { keys: ['?'], does: 'this help', run: () => (isHelpOpen.value = !isHelpOpen.value) },
];

export function toggleScripts(): void {
  const hasScripts = view.value.hasScripts !== true;
  change({ hasScripts });
  if (hasScripts) requestAnimationFrame(() => document.getElementById('script-text')?.focus());
}

export function focusFilter(): void {
  phoneTab.value = 'events';
  requestAnimationFrame(() => document.getElementById('event-filter')?.focus());
}

function leave(): void {
  if (isHelpOpen.value) isHelpOpen.value = false;
  else if (isTyping(document.activeElement)) (document.activeElement as HTMLElement).blur();
  else select(undefined);
}

/** @returns stops listening */
export function listenToKeys(): () => void {
  addEventListener('keydown', take);
  return () => removeEventListener('keydown', take);
}

function take(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape') return leave();
  if (isTyping(event.target)) return;
  const range = /^[1-5]$/.test(event.key) ? ranges[Number(event.key) - 1] : undefined;
  const shortcut = shortcuts.find(({ keys }) => keys.includes(event.key));
  if (range !== undefined) change({ rangeMs: range.ms });
  else if (shortcut === undefined) return;
  else shortcut.run();
  event.preventDefault();
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
