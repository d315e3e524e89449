/** One line of /proc/PID/maps. */
export interface Mapping {
  readonly start: number;
  /** First address behind it. */
  readonly end: number;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  readonly isExecutable: boolean;
  /** Where in the file the mapping starts. */
  readonly fileOffset: number;
  /** `major:minor inode`, `00:00 0` for memory without a file. */
  readonly device: string;
  readonly inode: string;
  /** As the process has it, unescaped, without ` (deleted)`; empty for anonymous memory. */
  readonly path: string;
  readonly isDeleted: boolean;
}

const linePattern =
  /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-])([w-])([x-])[ps-] ([0-9a-f]{1,16}) ([0-9a-f]+:[0-9a-f]+) (\d+)(?: *(.*))?$/;

/**
 * Reads the text of /proc/PID/maps. Lines that are none are skipped; the result is sorted by
 * address and free of overlaps, whatever the text was.
 *
 * @see proc(5); fs/proc/task_mmu.c escapes newlines in paths as `\012`
 */
export function parseMaps(text: string): Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of text.split('\n')) {
    const mapping = parseLine(line);
    if (mapping !== undefined) mappings.push(mapping);
  }
  mappings.sort((a, b) => a.start - b.start);
  let end = -1;
  return mappings.filter((mapping) => {
    if (mapping.start < end) return false;
    ({ end } = mapping);
    return true;
  });
}

function parseLine(line: string): Mapping | undefined {
  const match = linePattern.exec(line);
  if (match === null) return undefined;
  const [, start = '', end = '', r, w, x, offset = '', device = '', inode = '', rest = ''] = match;
  const isDeleted = rest.endsWith(' (deleted)');
  const path = isDeleted ? rest.slice(0, -' (deleted)'.length) : rest;
  const mapping = {
    start: Number.parseInt(start, 16),
    end: Number.parseInt(end, 16),
    isReadable: r === 'r',
    isWritable: w === 'w',
    isExecutable: x === 'x',
    fileOffset: Number.parseInt(offset, 16),
    device,
    inode,
    path: path.replaceAll('\\012', '\n'),
    isDeleted,
  };
  return mapping.end > mapping.start ? mapping : undefined;
}

/** The mapping that holds the address, by binary search; `mappings` as {@link parseMaps} gives them. */
export function findMapping(mappings: readonly Mapping[], address: number): Mapping | undefined {
  let low = 0;
  let high = mappings.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const mapping = mappings[middle];
    if (mapping === undefined) return undefined;
    if (address < mapping.start) high = middle - 1;
    else if (address >= mapping.end) low = middle + 1;
    else return mapping;
  }
  return undefined;
}
