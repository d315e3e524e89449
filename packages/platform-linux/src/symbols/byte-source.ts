import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** Bytes that are read in parts: a file, or memory. */
export interface ByteSource extends Disposable {
  /** What errors call it. */
  readonly name: string;
  readonly size: number;
  /** Fewer bytes than asked for at the end. @throws whatever the file system throws */
  read(offset: number, length: number): Uint8Array;
}

/** Bytes that are in memory already. */
export function bytesSource(bytes: Uint8Array, name = 'memory'): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    [Symbol.dispose]() {},
  };
}

/**
 * A file, read with pread(2) where it is asked for.
 *
 * @throws the error of open(2), and one for anything but a regular file: a FIFO in a foreign
 * process's view of the file system must not hold us.
 */
export function fileSource(path: string): ByteSource {
  // Opening a device may do something; and without O_NONBLOCK a FIFO waits for its other end.
  if (!statSync(path).isFile()) throw new Error(`${path} is not a regular file`);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const status = fstatSync(fd);
  if (!status.isFile()) {
    closeSync(fd);
    throw new Error(`${path} is not a regular file`);
  }
  let isOpen = true;
  return {
    name: path,
    size: status.size,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, status.size - offset));
      const bytes = new Uint8Array(wanted);
      const count = isOpen ? readFully(fd, bytes, offset) : 0;
      return count === wanted ? bytes : bytes.subarray(0, count);
    },
    [Symbol.dispose]() {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}

/** The memory of a process, as /proc/PID/mem shows it; `name` is for errors. */
export function memorySource(pid: number | 'self', start: number, size: number): ByteSource {
  const name = `/proc/${pid}/mem`;
  const fd = openSync(name, constants.O_RDONLY);
  try {
    const bytes = new Uint8Array(size);
    return bytesSource(bytes.subarray(0, readFully(fd, bytes, start)), name);
  } finally {
    closeSync(fd);
  }
}

/** Files of /proc tell no size: read until the end, or until there is more than is sensible. */
export function readProcFile(path: string, maxBytes: number): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Buffer[] = [];
    for (let total = 0; total < maxBytes;) {
      const chunk = Buffer.allocUnsafe(Math.min(1 << 16, maxBytes - total));
      const count = readSync(fd, chunk, 0, chunk.length, null);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      total += count;
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    closeSync(fd);
  }
}

function readFully(fd: number, bytes: Uint8Array, position: number): number {
  let done = 0;
  while (done < bytes.length) {
    const count = readSync(fd, bytes, done, bytes.length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}
