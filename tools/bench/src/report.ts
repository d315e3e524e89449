import type { Goal, Result } from './benchmark.ts';
import type { Summary } from './measure.ts';

/** A number with three digits that mean something. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 10_000) return Math.round(value).toLocaleString('en-US');
  if (size >= 100) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : 2);
}

const spread = ({ q1, q3 }: Summary): string => `[${formatNumber(q1)} .. ${formatNumber(q3)}]`;

/** Lays cells out in columns, the first to the left and the others to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, at) =>
    Math.max(...rows.map((row) => (row[at] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One benchmark as text. */
export function formatResult({ title, baseline, rows, notes }: Result): string {
  const head = ['', 'median', 'quartiles', ''];
  const table = formatTable([
    baseline === undefined ? head : [...head, `to ${baseline}`, 'quartiles'],
    ...rows.map(({ name, figure, unit, ratio }) => [
      name,
      formatNumber(figure.median),
      spread(figure),
      unit,
      ...(baseline === undefined ? [] : ratioCells(ratio)),
    ]),
  ]);
  const rounds = Math.max(0, ...rows.map(({ figure }) => figure.rounds));
  return `${title} (${rounds} rounds)\n${table}\n${notes.map((note) => `- ${note}`).join('\n')}\n`;
}

function ratioCells(ratio: Summary | undefined): [string, string] {
  return ratio === undefined ? ['', ''] : [`${formatNumber(ratio.median)}x`, spread(ratio)];
}

/** All goals as text. */
export function formatGoals(goals: readonly Goal[]): string {
  const table = formatTable([
    ['goal', '', 'median', 'quartiles', ''],
    ...goals.map(({ what, goal, figure, verdict }) => [
      what,
      goal,
      formatNumber(figure.median),
      spread(figure),
      verdict,
    ]),
  ]);
  return `${table}\n\nmet, missed: the goal lies outside the quartiles; below the noise: between them.\n`;
}
