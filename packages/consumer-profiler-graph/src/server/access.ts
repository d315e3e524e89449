import { timingSafeEqual, createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { ExtensionEventError } from '@extension-events/core';
import { watchError } from './errors.ts';

/** Who may speak to the server: whoever has the token, by a name of this machine, from our own page. */
export class Access {
  readonly #token: Buffer;
  readonly #host: string;

  constructor(token: string, host: string) {
    this.#token = digest(token);
    this.#host = host;
  }

  /** What follows `/TOKEN`, such as `/` or `/socket`; `undefined` without the token. */
  pathOf(url: string): string | undefined {
    const [, token = '', rest] = /^\/([^/?#]*)(\/[^?#]*)?/.exec(url) ?? [];
    // Hashed first: a comparison takes as long whatever was sent.
    if (!timingSafeEqual(digest(token), this.#token)) return undefined;
    return rest ?? '';
  }

  /** Why a request with the token is refused all the same. */
  refusal(request: IncomingMessage, isSocket: boolean): ExtensionEventError | undefined {
    const { host, origin } = request.headers;
    if (!this.#isOurs(host))
      return watchError('EE_WATCH_HOST', `The request is for ${JSON.stringify(host ?? '')}, which is no name of this server.`, 'Open the address exactly as extev watch printed it; for another name, start it with --host NAME.'); // prettier-ignore
    const isGet = request.method === 'GET' || request.method === 'HEAD';
    if (origin !== undefined || isSocket || !isGet) {
      const isOwn = origin === `http://${host}` || origin === `https://${host}`;
      if (!isOwn)
        return watchError('EE_WATCH_ORIGIN', `The request comes from ${JSON.stringify(origin ?? 'nowhere')}.`, 'Open the address that extev watch printed; pages of others may not speak to it.'); // prettier-ignore
    }
    return undefined;
  }

  // A page that has its own name point to this machine sends that name. Addresses cannot be rebound;
  // any port will do, since it may have been forwarded.
  #isOurs(host = ''): boolean {
    const name = hostname(host);
    if (name === undefined) return false;
    if (name === 'localhost' || isLoopback(name) || name === this.#host.toLowerCase()) return true;
    return !isLoopbackHost(this.#host) && isIP(name) !== 0;
  }
}

function hostname(host: string): string | undefined {
  return /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host)?.slice(1).find(Boolean)?.toLowerCase(); // prettier-ignore
}

const isLoopback = (name: string): boolean => /^127(\.\d{1,3}){3}$/.test(name) || name === '::1';

/** Does a server that listens there hear this machine alone? */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopback(host);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
