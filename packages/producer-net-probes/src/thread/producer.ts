import http from 'node:http';
import net from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Producer, Registry, RunningProducer, Support } from '@extension-events/core';
import { netProbesDescriptors, producerId } from '../events.ts';
import { instrumentConnects } from './connect-probes.ts';
import { ClientExchanges } from './client-exchanges.ts';
import { instrumentLookups } from './dns-probes.ts';
import { instrumentHttpClients } from './http-client-probes.ts';
import { HttpServerProbes } from './http-server-probes.ts';
import { instrumentHttp2 } from './http2-probes.ts';
import { Probes } from './probes.ts';
import { instrumentServers } from './server-probes.ts';
import { instrumentSockets } from './socket-probes.ts';
import { instrumentTls } from './tls-probes.ts';
import { instrumentDatagrams } from './udp-probes.ts';
import { instrumentUndici } from './undici-probes.ts';

/**
 * Creates the producer of the network events of one Node thread, for the door `./thread`.
 *
 * Creating it does nothing; `start` puts probes over methods of Node's prototypes, and disposing
 * takes them away. A method on which the program has put one of its own stays, and does nothing.
 */
export function createNetProbesProducer(): Producer<undefined> {
  return {
    id: producerId,
    description: 'Tells of the connections, bytes, look-ups and requests of a Node thread.',
    placement: 'thread',
    eventTypes: netProbesDescriptors,
    isSupported,
    start,
  };
}

function isSupported(): Support {
  const { prototype } = net.Socket;
  const missing = ['write', 'end', 'push', '_destroy'].filter((name) => typeof prototype[name as 'write'] !== 'function'); // prettier-ignore
  if (missing.length === 0) return { ok: true };
  return {
    ok: false,
    code: 'EE_NET_PROBES_UNSUPPORTED',
    reason: `net.Socket of this runtime has no ${missing.join(', ')}.`,
    hint: 'The probes know Node from 20.19 on; watch this process by its system calls instead.',
  };
}

function start(registry: Registry): RunningProducer {
  const probes = new Probes(registry);
  try {
    install(probes);
  } catch (error) {
    probes[Symbol.dispose]();
    throw error;
  }
  return probes;
}

function install(probes: Probes): void {
  const servers = new HttpServerProbes(probes);
  const clients = new ClientExchanges(probes);
  const { prototypes, tlsSocket } = loadTls();
  instrumentSockets(probes, (socket) => servers.abort(socket));
  instrumentServers(probes, [http.Server.prototype, ...prototypes], servers.watchUpgrade);
  instrumentLookups(probes);
  instrumentDatagrams(probes);
  if (tlsSocket !== undefined) instrumentTls(probes, tlsSocket);
  servers.install();
  instrumentHttpClients(probes, clients);
  instrumentUndici(probes, clients);
  instrumentConnects(probes, instrumentHttp2(probes, clients));
}

// A Node that was built without OpenSSL has neither.
function loadTls(): { prototypes: object[]; tlsSocket?: TLSSocket } {
  try {
    const tls = process.getBuiltinModule('node:tls');
    const https = process.getBuiltinModule('node:https');
    return {
      prototypes: [tls.Server.prototype, https.Server.prototype],
      tlsSocket: tls.TLSSocket.prototype,
    };
  } catch {
    return { prototypes: [] };
  }
}
