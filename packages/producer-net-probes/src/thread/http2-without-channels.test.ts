import http2 from 'node:http2';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { findSessions, type Sessions, type StreamHearer, watchSessions } from './http2-without-channels.ts'; // prettier-ignore
import { Patches } from './patches.ts';
import { closeServer, listenOn } from './test-hearing.ts';

const find = (): Sessions => {
  const found = findSessions();
  if (found === undefined) throw new Error('this Node has no sessions of HTTP/2');
  return found;
};
const look = (object: object): unknown[] =>
  Reflect.ownKeys(object).map((key) => [key, Object.getOwnPropertyDescriptor(object, key)]);

/** Has two requests made, of which the server resets the second; returns the prototype of streams. */
async function exchange(): Promise<object> {
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    if (headers[':path'] === '/reset') return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    stream.respond({ ':status': 202 });
    return stream.end('hello');
  });
  const port = await listenOn(server);
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const good = session.request({ ':path': '/good' });
  expect(await text(good)).toBe('hello');
  const bad = session.request({ ':path': '/reset' });
  await expect(once(bad, 'response')).rejects.toMatchObject({ code: 'ERR_HTTP2_STREAM_ERROR' });
  session.close();
  await once(session, 'close');
  await closeServer(server);
  return Object.getPrototypeOf(Object.getPrototypeOf(good)) as object;
}

class Log implements StreamHearer {
  readonly said: string[] = [];
  readonly #paths: WeakMap<object, unknown> = new WeakMap();
  isOn = true;

  isHeard = (): boolean => this.isOn;
  asked: StreamHearer['asked'] = (stream, headers) => {
    this.#paths.set(stream, headers[':path']);
    this.#say('asked', stream);
  };
  answered: StreamHearer['answered'] = (stream, headers) => this.#say(`answered ${String(headers[':status'])}`, stream); // prettier-ignore
  served: StreamHearer['served'] = (stream, headers) => {
    this.#paths.set(stream, `server ${headers[':path']}`);
    this.#say('served', stream);
  };
  ends: StreamHearer['ends'] = (stream) =>
    this.#say(stream.session === undefined ? 'late' : 'ends', stream);
  ended: StreamHearer['ended'] = (stream, error) =>
    this.#say(error instanceof Error ? 'failed' : 'ended', stream);

  #say(what: string, stream: object): void {
    this.said.push(`${String(this.#paths.get(stream))}: ${what}`);
  }

  of(path: string): string[] {
    return this.said.filter((line) => line.startsWith(`${path}: `)).map((line) => line.slice(path.length + 2)); // prettier-ignore
  }
}

it('finds the classes of sessions without making a session', () => {
  const { client, any } = find();
  expect(client.constructor.name).toBe('ClientHttp2Session');
  expect(any.constructor.name).toBe('Http2Session');
});

it('tells of each stream on both sides, and leaves no trace', async () => {
  const streams = await exchange();
  const sessions = find();
  const lookAtAll = () => [sessions.client, sessions.any, streams].map(look);
  const before = lookAtAll();
  const log = new Log();
  {
    using patches = new Patches();
    watchSessions(patches, sessions, log);
    await exchange();
    expect(lookAtAll()).not.toEqual(before);
    expect(log.of('/good')).toEqual(['asked', 'answered 202', 'ends', 'ended']);
    expect(log.of('server /good')).toEqual(['served', 'ends', 'ended']);
    expect(log.of('/reset')).toEqual(['asked', 'ends', 'failed']);
    expect(log.of('server /reset').slice(0, 2)).toEqual(['served', 'ends']);
    const { length } = log.said;
    log.isOn = false;
    await exchange();
    expect(log.said).toHaveLength(length);
  }
  expect(lookAtAll()).toEqual(before);
});
