import type { Series } from '../../../src/graph-types.ts';
import { formatCount } from '../lib/format.ts';
import { visible } from '../lib/plain-value.ts';

/** Whose line is which, and how much each has in the range that is shown. */
export function LineList({ series }: { readonly series: Series }) {
  return (
    <ul class="line-list" aria-label="Lines">
      {series.lines.map(({ key, label, total }, i) => (
        <li key={key}>
          <span class={`swatch line-${(i % 8) + 1}`} aria-hidden="true" />
          <span class="line-label" title={visible(label)}>
            {visible(label)}
          </span>
          <span class="number quiet">{formatCount(total)}</span>
        </li>
      ))}
    </ul>
  );
}
