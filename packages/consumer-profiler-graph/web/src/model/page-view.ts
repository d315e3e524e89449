import type { SourceSpec } from '../../../src/graph-types.ts';

export const tabs = ['incidents', 'histogram', 'top', 'heat', 'flame'] as const;
export type Tab = (typeof tabs)[number];
export const lines = ['sum', 'thread', 'event'] as const;
export type Lines = (typeof lines)[number];

/** One graphed source. */
export interface Card {
  readonly source: SourceSpec;
  readonly by: Lines;
  /** What is open below the chart. */
  readonly tab?: Tab;
  /** The field that the tab shows, and of which event, when there are several. */
  readonly field?: string;
  readonly event?: string;
}

/** A fixed span of time, milliseconds since 1970. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a link restores. */
export interface PageView {
  readonly cards: readonly Card[];
  readonly rangeMs: number;
  /** When it was paused. */
  readonly pausedMs?: number;
  readonly selection?: Span;
  readonly hasTimeline?: boolean;
  readonly hasScripts?: boolean;
}

export const ranges: readonly {
  readonly ms: number;
  readonly label: string;
  readonly name: string;
}[] = [
  { ms: 60_000, label: '1m', name: '1 minute' },
  { ms: 300_000, label: '5m', name: '5 minutes' },
  { ms: 1_800_000, label: '30m', name: '30 minutes' },
  { ms: 10_800_000, label: '3h', name: '3 hours' },
  { ms: 43_200_000, label: '12h', name: '12 hours' },
];

/** More cards than anybody looks at. */
export const mostCards = 24;

export const emptyView: PageView = { cards: [], rangeMs: 60_000 };

/** Equal sources have equal keys. */
export function sourceKey({ pattern, pid, request = {}, thread, where }: SourceSpec): string {
  const values = Object.entries(request).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([pattern, where ?? '', pid ?? -1, thread ?? '', values]);
}
