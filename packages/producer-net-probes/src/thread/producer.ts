import net from 'node:net';
import type { Producer, Registry, RunningProducer, Support } from '@extension-events/core';
import { netProbesDescriptors, producerId } from '../events.ts';
import { instrumentConnects } from './connect-probes.ts';
import { Probes } from './probes.ts';
import { instrumentServers } from './server-probes.ts';
import { instrumentSockets } from './socket-probes.ts';

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
  instrumentSockets(probes);
  instrumentConnects(probes);
  instrumentServers(probes, [], () => {});
  return probes;
}
