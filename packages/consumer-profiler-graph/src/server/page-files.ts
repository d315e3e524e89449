import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { watchError } from './errors.ts';

/** One file of the page. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

// The same from src/server and from dist/server.
const builtPage = fileURLToPath(new URL('../../dist/page/', import.meta.url));

/**
 * All files of the built page by their paths: `/` and `/assets/…`. What is not in the list is not
 * served, whatever the path looks like.
 *
 * @throws ExtensionEventError `EE_WATCH_PAGE_FILES`
 */
export function readPageFiles(directory: string = builtPage): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  const read = (path: string): void => {
    for (const entry of readdirSync(join(directory, path), { withFileTypes: true })) {
      const inner = `${path}${entry.name}`;
      const type = types[extname(entry.name)];
      if (entry.isDirectory()) read(`${inner}/`);
      else if (type !== undefined)
        files.set(`/${inner}`, { type, body: readFileSync(join(directory, inner)) });
    }
  };
  try {
    read('');
  } catch (cause) {
    throw missing(directory, { cause });
  }
  const index = files.get('/index.html');
  if (index === undefined) throw missing(directory);
  files.delete('/index.html');
  return files.set('/', index);
}

function missing(directory: string, options?: ErrorOptions): Error {
  return watchError('EE_WATCH_PAGE_FILES', `There is no web page in ${directory}.`, 'Reinstall the package; in the repository, npm run build makes it.', options); // prettier-ignore
}
