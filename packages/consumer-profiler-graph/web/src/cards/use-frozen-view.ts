import { useRef } from 'preact/hooks';
import type { ViewKind, ViewValues } from '../../../src/server/messages.ts';
import { type Shown, useView, type ViewOf } from '../link/use-view.ts';
import { view as pageView } from '../model/page-state.ts';

/**
 * Watches a view, and while the page is paused shows what was shown then: the server keeps old times
 * in ever coarser buckets, and the picture would change under the eyes of who looks at it.
 *
 * @param key - equal while it is the same picture; another one is asked for, and then stays too
 */
export function useFrozenView<K extends ViewKind>(
  view: ViewOf<K> | undefined,
  key: string,
): Shown<ViewValues[K]> {
  const isPaused = pageView.value.pausedMs !== undefined;
  const kept = useRef<{ readonly key: string; readonly value: unknown } | undefined>(undefined);
  const held = kept.current?.key === key ? kept.current.value : undefined;
  const shown = useView<ViewKind>(isPaused && held !== undefined ? undefined : view); // prettier-ignore
  if (shown.isCurrent) kept.current = { key, value: shown.value };
  const value = shown.isCurrent ? shown.value : (held ?? shown.value);
  return { ...shown, value: value as ViewValues[K] | undefined };
}
