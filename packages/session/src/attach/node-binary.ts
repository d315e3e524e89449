import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { tryReadText } from './proc.ts';

// A program may be Node under another name: a copy, a single executable application, Electron.
// Every Node since 18.16 carries this marker for single executable applications; postject looks
// for it too (src/node_sea.cc, POSTJECT_SENTINEL_FUSE).
const marker = Buffer.from('NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2');
const chunkBytes = 1 << 20;
const answers = new Map<string, boolean>();

/** Whether a process runs Node: by the name of its program, by libnode, or by Node's marker in it. */
export function isNodeProcess(pid: number, exe: string): boolean {
  if (hasNodeName(exe)) return true;
  if (/\/libnode\.so/.test(tryReadText(`/proc/${pid}/maps`) ?? '')) return true;
  return fileHoldsMarker(`/proc/${pid}/exe`);
}

/** Whether a program is called as Node usually is. */
export function hasNodeName(exe: string): boolean {
  return /^node(?:js)?(?:-?\d[\d.]*)?$/.test(basename(exe));
}

/** The version, where the path of the program gives it away: `…/v24.21.0/bin/node`. */
export function versionFromPath(exe: string): string | undefined {
  return /[/@v-](\d+\.\d+\.\d+)(?=[/-])/.exec(exe)?.[1];
}

/** Whether a file holds Node's marker. Reads the whole of a large program once, then remembers. */
export function fileHoldsMarker(path: string): boolean {
  let key: string;
  try {
    const stats = statSync(path);
    key = `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`;
  } catch {
    return false;
  }
  let answer = answers.get(key);
  if (answer === undefined) answers.set(key, (answer = scan(path)));
  return answer;
}

function scan(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return false;
  }
  try {
    // Each chunk begins with the end of the one before, so that a marker across both is found.
    const overlap = marker.length - 1;
    const chunk = Buffer.alloc(overlap + chunkBytes);
    for (let kept = 0; ;) {
      const read = readSync(fd, chunk, kept, chunkBytes, null);
      if (read === 0) return false;
      const filled = kept + read;
      if (chunk.subarray(0, filled).includes(marker)) return true;
      kept = Math.min(overlap, filled);
      chunk.copyWithin(0, filled - kept, filled);
    }
  } catch {
    return false;
  } finally {
    closeSync(fd);
  }
}
