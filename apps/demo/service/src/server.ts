import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Router } from './router.ts';

/** Serves a router as JSON over HTTP. */
export function createJsonServer(router: Router): Server {
  return createServer((request, response) => {
    try {
      answer(router, request, response);
    } catch (error) {
      console.error(error);
      send(response, 500, { error: 'internal error' });
    }
  });
}

function answer(router: Router, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const value = request.method === 'GET' ? router.answer(url) : undefined;
  if (value === undefined) send(response, 404, { error: `nothing at ${url.pathname}` });
  else send(response, 200, value);
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
