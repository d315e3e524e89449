import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { fileSource, memorySource, type ByteSource } from './byte-source.ts';
import type { Mapping } from './maps.ts';

/** A file of another process, opened. */
export interface OpenedFile {
  readonly source: ByteSource;
  /** Under which a child process of ours can open it. */
  readonly path: string;
}

/**
 * Opens what a process has mapped: through the process's own root directory, for it may live in a
 * container; a deleted file through the mapping itself, which needs privileges, or /proc/PID/exe.
 * Gives `undefined` when there is no way.
 */
export function openMapped(pid: number, mapping: Mapping): OpenedFile | undefined {
  if (mapping.path === '[vdso]') return openVdso(pid, mapping);
  if (!mapping.path.startsWith('/')) return undefined;
  const range = `${mapping.start.toString(16)}-${mapping.end.toString(16)}`;
  const direct = `/proc/${pid}/map_files/${range}`;
  const ways = mapping.isDeleted
    ? [direct, ...executableOf(pid, `${mapping.path} (deleted)`)]
    : [`/proc/${pid}/root${mapping.path}`, direct, mapping.path];
  return openFirst(ways, mapping.path);
}

/** Opens the first path that can be. `plainPath` is handed to children when it is the same file. */
export function openFirst(paths: readonly string[], plainPath?: string): OpenedFile | undefined {
  for (const path of paths) {
    try {
      const source = fileSource(path);
      // /proc/PID/… ends with the process; children are started later.
      const isPlain = plainPath !== undefined && isSameFile(path, plainPath);
      return { source, path: isPlain ? plainPath : path };
    } catch {
      // The next way.
    }
  }
  return undefined;
}

function executableOf(pid: number, target: string): string[] {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === target ? [`/proc/${pid}/exe`] : [];
  } catch {
    return [];
  }
}

function isSameFile(a: string, b: string): boolean {
  try {
    const [x, y] = [statSync(a), statSync(b)];
    return x.dev === y.dev && x.ino === y.ino;
  } catch {
    return false;
  }
}

/** The kernel maps one file that is none into each process; ours is the same when theirs is closed. */
function openVdso(pid: number, mapping: Mapping): OpenedFile | undefined {
  const size = Math.min(mapping.end - mapping.start, 1 << 20);
  for (const [who, start] of [
    [pid, mapping.start],
    ['self', ownVdso()],
  ] as const) {
    try {
      if (start !== undefined) return { source: memorySource(who, start, size), path: '' };
    } catch {
      // Not permitted, or gone.
    }
  }
  return undefined;
}

function ownVdso(): number | undefined {
  const match = /^([0-9a-f]+)-[0-9a-f]+ .*\[vdso\]$/m.exec(readFileSync('/proc/self/maps', 'utf8'));
  return match?.[1] === undefined ? undefined : Number.parseInt(match[1], 16);
}

/** What of /proc/PID we need besides maps. `undefined` when there is no such process. */
export interface ProcessFacts {
  /** Tells two processes with one pid apart. */
  readonly startTime: string;
  readonly uid: number;
  /** The pid as the process itself sees it. */
  readonly namespacePid: number;
}

export function readProcessFacts(pid: number): ProcessFacts | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1];
    const pids = /^NSpid:\s+(.+)$/m.exec(status)?.[1]?.split(/\s+/);
    return {
      startTime: readStartTime(pid) ?? '',
      uid: Number(uid ?? 0),
      namespacePid: Number(pids?.at(-1) ?? pid),
    };
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat; the name in field 2 may contain anything. */
export function readStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
