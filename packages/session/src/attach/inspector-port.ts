import { createServer } from 'node:net';
import { isOverlapping, listListeners, ownsInode } from './listen-ports.ts';
import { listPids, readComm } from './proc.ts';
import type { PortHolder } from './refusals.ts';

/** Where a process would open its inspector. */
export interface InspectorAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

const defaultAddress: InspectorAddress = { host: '127.0.0.1', port: 9229 };

/** Reads the address from the options of Node; the last option that names a part of it wins. */
export function wantedInspectorAddress(options: readonly string[]): InspectorAddress {
  let { host, port } = defaultAddress;
  for (const option of options) {
    const match =
      /^--(?:inspect(?:-brk|-wait|-port)?|debug-port)=(?:(\[[^\]]*\]|[^:]*):)?([^:]*)$/.exec(
        option,
      );
    if (match === null) continue;
    const [, namedHost, last = ''] = match;
    // `--inspect=9300`, `--inspect=localhost`, `--inspect=0.0.0.0:9300`, `--inspect=[::1]:9300`
    if (/^\d+$/.test(last)) port = Number(last);
    else if (last !== '' && namedHost === undefined) host = last;
    if (namedHost !== undefined && namedHost !== '') host = namedHost.replace(/^\[|\]$/g, '');
  }
  return { host, port };
}

/** Whether a process was started with its inspector open. */
export function opensInspectorAtStart(options: readonly string[]): boolean {
  return options.some((option) => /^--inspect(?:-brk|-wait)?(?:=|$)/.test(option));
}

/** Whether the inspector of a process answers over http; without it, it cannot be found. */
export function publishesOverHttp(options: readonly string[]): boolean {
  const last = options.findLast((option) => option.startsWith('--inspect-publish-uid='));
  return (
    last === undefined ||
    last
      .slice(last.indexOf('=') + 1)
      .split(',')
      .includes('http')
  );
}

/**
 * Tries whether a process could listen there now, in the only exact way: by listening there.
 * Anything but "in use" counts as free, since it says nothing about the other process.
 */
export function isPortFree(address: InspectorAddress): Promise<boolean> {
  if (address.port === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ ...address, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

/** Finds the process that keeps others from listening there; `undefined` when it cannot be seen. */
export function findPortHolder(address: InspectorAddress): PortHolder | undefined {
  const inodes = new Set(
    listListeners()
      .filter((listener) => isOverlapping(listener, address))
      .map((listener) => listener.inode),
  );
  if (inodes.size === 0) return undefined;
  const pid = listPids().find((candidate) => ownsInode(candidate, inodes));
  return pid === undefined ? undefined : { pid, name: readComm(pid) };
}
