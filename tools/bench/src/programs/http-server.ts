/**
 * An HTTP server whose handler does next to nothing, so that what instruments it weighs as much as it
 * can. With `otel` as argument it starts with OpenTelemetry's instrumentation of http, as its
 * documentation shows, and spans that nobody exports; with `fastify` it is a route of that framework.
 */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import type * as instrumentation from '@opentelemetry/instrumentation';
import type * as httpInstrumentation from '@opentelemetry/instrumentation-http';
import type * as sdk from '@opentelemetry/sdk-trace-node';
import { threadMs } from '../contest.ts';
import { serve } from '../serve.ts';

/** What the server has done until now. */
export interface Served {
  readonly requests: number;
  readonly threadMs: number;
}

const require = createRequire(import.meta.url);
if (process.argv[2] === 'otel') {
  const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node') as typeof sdk;
  const { registerInstrumentations } = require('@opentelemetry/instrumentation') as typeof instrumentation; // prettier-ignore
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http') as typeof httpInstrumentation; // prettier-ignore
  new NodeTracerProvider().register();
  registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
}
// The instrumentation patches what is required after it.
const { createServer } = require('node:http') as typeof http;

let requests = 0;
const body = JSON.stringify({ hello: 'world' });
const server = process.argv[2] === 'fastify' ? await startFastify() : await startPlain();

async function startPlain(): Promise<http.Server> {
  const plain = createServer((_request, response) => {
    requests++;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  });
  plain.listen(0, '127.0.0.1');
  await once(plain, 'listening');
  return plain;
}

async function startFastify(): Promise<http.Server> {
  const app = fastify();
  app.get('/', async () => {
    requests++;
    return { hello: 'world' };
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return app.server;
}

serve({
  port: (): number => (server.address() as AddressInfo).port,
  served: (): Served => ({ requests, threadMs: threadMs() }),
});
