const blocks = '▁▂▃▄▅▆▇█';

/** Numbers as a row of blocks, one character each; nothing is a blank. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(...counts, 0);
  return counts
    .map((count) => {
      if (count <= 0 || most === 0) return ' ';
      return blocks[Math.min(Math.ceil((count / most) * blocks.length), blocks.length) - 1];
    })
    .join('');
}

/** The same in so many columns, the newest at the right: neighbours are added up. */
export function squeeze(counts: readonly number[], columns: number): number[] {
  const together = Math.max(1, Math.ceil(counts.length / columns));
  const squeezed: number[] = [];
  for (let end = counts.length; end > 0; end -= together) {
    const some = counts.slice(Math.max(0, end - together), end);
    squeezed.unshift(some.reduce((sum, count) => sum + count, 0));
  }
  return squeezed;
}
