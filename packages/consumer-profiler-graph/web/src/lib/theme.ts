import { signal, type Signal } from '@preact/signals';

type Theme = 'auto' | 'dark' | 'light';
const key = 'extev-theme';

/** What the user chose; `auto` follows the system. */
export const theme: Signal<Theme> = signal<Theme>(read());
/** Counts changes of colours: canvases are drawn again. */
export const paint: Signal<number> = signal(0);

apply();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => paint.value++);

export function cycleTheme(): void {
  const isDark = isDarkNow();
  theme.value = theme.value === 'auto' ? (isDark ? 'light' : 'dark') : 'auto';
  try {
    localStorage.setItem(key, theme.value);
  } catch {
    // storage may be forbidden: then it lasts as long as the page
  }
  apply();
  paint.value++;
}

export function isDarkNow(): boolean {
  if (theme.value !== 'auto') return theme.value === 'dark';
  return matchMedia('(prefers-color-scheme: dark)').matches;
}

function apply(): void {
  document.documentElement.dataset['theme'] = theme.value;
}

function read(): Theme {
  try {
    const stored = localStorage.getItem(key);
    return stored === 'dark' || stored === 'light' ? stored : 'auto';
  } catch {
    return 'auto';
  }
}

/** A colour of the style sheet, for canvases. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Colours of lines, in order; they repeat. */
export function lineColours(): string[] {
  return Array.from({ length: 8 }, (_, i) => colour(`line-${i + 1}`));
}
