import type { Series } from '../../../src/graph-types.ts';
import { formatCount, formatShort, formatTime } from '../lib/format.ts';
import { visible } from '../lib/plain-value.ts';
import { bucketAt, hoveredMs } from './hovered.ts';

const mostLines = 6;

/** What the chart shows under the pointer, in words. */
export function Readout({ series }: { readonly series: Series }) {
  const timeMs = hoveredMs.value;
  const index = timeMs === undefined ? undefined : bucketAt(series, timeMs);
  if (index === undefined) return null;
  const { bucketMs, lines, lost, startMs } = series;
  const shown = lines
    .map(({ counts, label }, i) => ({ label, i, count: counts[index] ?? 0 }))
    .filter(({ count }) => lines.length === 1 || count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, mostLines);
  return (
    <div class="readout" aria-hidden="true">
      <span class="quiet">{formatTime(startMs + index * bucketMs)}</span>
      {shown.map(({ count, i, label }) => (
        <span key={i}>
          {lines.length > 1 && <i class={`swatch line-${(i % 8) + 1}`} />}
          {lines.length > 1 && <span class="readout-label">{visible(label)}</span>}
          <b class="number">{formatCount(count)}</b>{' '}
          <span class="quiet">({formatShort((count * 1000) / bucketMs)}/s)</span>
        </span>
      ))}
      {(lost[index] ?? 0) > 0 && <span class="bad">{formatCount(lost[index] ?? 0)} lost</span>}
    </div>
  );
}
