import { computed, type ReadonlySignal, signal, type Signal } from '@preact/signals';
import type { SourceSpec, TimeRange } from '../../../src/graph-types.ts';
import { link } from '../link/the-link.ts';
import { type Card, emptyView, type Lines, mostCards, type PageView, type Span, sourceKey, type Tab } from './page-view.ts'; // prettier-ignore

export const view: Signal<PageView> = signal<PageView>(emptyView);

export type PhoneTab = 'session' | 'events' | 'graphs' | 'scripts';
export const phoneTab: Signal<PhoneTab> = signal<PhoneTab>('graphs');
export const isHelpOpen: Signal<boolean> = signal(false);
/** Something that was done, or could not be, for a moment. */
export const notice: Signal<string | undefined> = signal<string | undefined>(undefined);

/** The time that the charts show. */
export const range: ReadonlySignal<TimeRange> = computed(
  () => pausedSpan(view.value) ?? { lastMs: view.value.rangeMs },
);

function pausedSpan({ pausedMs, rangeMs }: PageView): Span | undefined {
  return pausedMs === undefined ? undefined : { fromMs: pausedMs - rangeMs, toMs: pausedMs };
}

/** The time that details are of; `undefined`: all since they are aggregated. */
export const detailRange: ReadonlySignal<Span | undefined> = computed(
  () => view.value.selection ?? pausedSpan(view.value),
);

export function change(part: Partial<PageView>): void {
  view.value = { ...view.value, ...part };
}

/** Graphs a name or a pattern; what is graphed already comes to the front. */
export function addCard(source: SourceSpec, tab?: Tab): void {
  const { cards } = view.value;
  const key = sourceKey(source);
  phoneTab.value = 'graphs';
  const known = cards.findIndex((card) => sourceKey(card.source) === key);
  if (known >= 0) {
    if (tab !== undefined) changeCard(known, { tab });
    requestAnimationFrame(() => showCard(known));
    return;
  }
  if (cards.length >= mostCards) {
    tell(`There are ${mostCards} cards: close some first.`);
    return;
  }
  const by: Lines = /[*?]/.test(source.pattern) ? 'event' : 'sum';
  change({ cards: [...cards, { source, by, ...(tab === undefined ? {} : { tab }) }] });
  requestAnimationFrame(() => showCard(cards.length));
}

function showCard(index: number): void {
  const element = document.querySelector(`[data-card="${index}"]`);
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  element?.scrollIntoView({ block: 'nearest', behavior: isCalm ? 'auto' : 'smooth' });
}

export function changeCard(index: number, part: Partial<Card>): void {
  const card = view.value.cards[index];
  if (card !== undefined) setCard(index, { ...card, ...part });
}

export function setCard(index: number, card: Card): void {
  change({ cards: view.value.cards.map((old, i) => (i === index ? card : old)) });
}

export function removeCard(index: number): void {
  change({ cards: view.value.cards.filter((_, i) => i !== index) });
}

/** Freezes what is shown; once more: goes on. */
export function togglePause(): void {
  const { pausedMs, selection: _selection, ...rest } = view.value;
  view.value =
    pausedMs === undefined ? { ...view.value, pausedMs: Math.round(link.nowMs()) } : rest;
}

export function select(selection: Span | undefined): void {
  const { selection: _old, ...rest } = view.value;
  view.value = selection === undefined ? rest : { ...rest, selection };
}

let quiet: ReturnType<typeof setTimeout> | undefined;
export function tell(text: string): void {
  notice.value = text;
  clearTimeout(quiet);
  quiet = setTimeout(() => (notice.value = undefined), 5000);
}
