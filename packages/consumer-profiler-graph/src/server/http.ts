import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Access } from './access.ts';
import type { Downloads } from './downloads.ts';
import { toPlainError, watchError } from './errors.ts';
import type { PageFile } from './page-files.ts';

/**
 * On everything that is sent: the page loads nothing from elsewhere, runs no text as code, is shown
 * in no frame, and tells nobody its address, in which the token is.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** What the server has to show. */
export interface Shown {
  readonly access: Access;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly downloads: Downloads;
}

/** Answers plain requests: they read the page and downloads, and change nothing. */
export function answerRequests({ access, downloads, files }: Shown): RequestListener {
  return (request, response) => {
    const path = access.pathOf(request.url ?? '');
    // Without the token there is nothing here, not even a reason.
    if (path === undefined) return send(response, 404);
    const refusal = access.refusal(request, false);
    if (refusal !== undefined) return sendError(response, 403, refusal);
    if (!isReading(request)) {
      response.setHeader('allow', 'GET, HEAD');
      return sendError(response, 405, watchError('EE_WATCH_METHOD', `${request.method ?? ''} requests are not answered.`, 'Use the page, or its web socket.')); // prettier-ignore
    }
    // Relative addresses in the page need the slash.
    if (path === '') return send(response, 308, { location: `${request.url?.split(/[?#]/)[0] ?? ''}/` }); // prettier-ignore
    const file = files.get(path);
    if (file !== undefined) return send(response, 200, { 'content-type': file.type }, file.body);
    const download = downloads.get(path);
    if (download === undefined) return send(response, 404);
    const name = download.name.replaceAll(/[^\w.-]+/g, '-');
    return send(response, 200, { 'content-type': download.type, 'content-disposition': `attachment; filename="${name}"` }, download.body); // prettier-ignore
  };
}

function isReading({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | Uint8Array = '',
): void {
  response.writeHead(status, { ...securityHeaders, ...headers, 'content-length': Buffer.byteLength(body) }); // prettier-ignore
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function sendError(response: ServerResponse, status: number, error: Error): void {
  const { code, hint, message } = toPlainError(error);
  const text = `${code}: ${message}\nhint: ${hint}\n`;
  send(response, status, { 'content-type': 'text/plain; charset=utf-8' }, text);
}
