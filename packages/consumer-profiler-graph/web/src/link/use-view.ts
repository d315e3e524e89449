import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { PlainError } from '../../../src/server/errors.ts';
import type { View, ViewKind, ViewValues } from '../../../src/server/messages.ts';
import { link } from './the-link.ts';

/** What a view shows at present. */
export interface Shown<T> {
  readonly value: T | undefined;
  readonly error: PlainError | undefined;
  /** Is the value of this very view, not of the one before it? */
  readonly isCurrent: boolean;
  /** The server's number of it. */
  readonly id: number | undefined;
}

export type ViewOf<K extends ViewKind> = Extract<View, { readonly of: K | ViewKind }> & {
  readonly of: K;
};

/**
 * Watches a view while the component is there. When only its time or its choice changes, the old
 * value is shown until the new one comes: nothing flashes.
 */
export function useView<K extends ViewKind>(view: ViewOf<K> | undefined): Shown<ViewValues[K]> {
  const key = view === undefined ? '' : JSON.stringify(view);
  const watched = useMemo(() => (view === undefined ? undefined : link.watch(view)), [key]);
  useEffect(() => watched?.hold(), [watched]);
  const subject = subjectOf(view);
  const last = useRef<{ subject: string; value: unknown }>({ subject, value: undefined });
  const value = watched?.value.value;
  if (value !== undefined || last.current.subject !== subject) last.current = { subject, value };
  return {
    value: last.current.value as ViewValues[K] | undefined,
    error: watched?.error.value,
    isCurrent: value !== undefined,
    id: watched?.id,
  };
}

function subjectOf(view: View | undefined): string {
  if (view === undefined) return '';
  const source = 'source' in view ? view.source : '';
  const field = 'field' in view ? [view.field, view.event] : [];
  return JSON.stringify([view.of, source, field]);
}
