import { Link } from './link.ts';

function socketUrl(): string {
  const url = new URL('socket', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  return url.href;
}

/** The page has one connection. */
export const link: Link = new Link(socketUrl());
