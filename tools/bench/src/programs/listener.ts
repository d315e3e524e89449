/** A process that listens to the net probes of another one, decodes what it hears and counts it. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { netProbesDescriptors } from '@extension-events/producer-net-probes';
import { openSession, type ProducerSource, type TargetConnection } from '@extension-events/session';
import { serve } from '../serve.ts';

const probes: ProducerSource = {
  id: 'net-probes',
  threadUrl: pathToFileURL(
    createRequire(import.meta.url).resolve('@extension-events/producer-net-probes/thread'),
  ).href,
  eventTypes: netProbesDescriptors,
};

/** Events of each pattern, with those that were lost on the way. */
export type Heard = Readonly<Record<string, number>>;

// The process is known: nobody has to look for others.
const session = await openSession({ name: 'bench', lookMs: 2 ** 31 - 1 });
let connection: TargetConnection | undefined;
let hush: () => Promise<Heard> = () => Promise.resolve({});

serve({
  attach: async (pid: number): Promise<void> => {
    const attached = await session.attach(pid);
    await attached.loadProducer(probes);
    connection = attached;
  },
  listen: async (patterns: readonly string[]): Promise<void> => {
    const listens = patterns.map((pattern) => {
      const listening = connection?.open({ pattern });
      const heard = { pattern, listening, events: 0 };
      listening?.items$.subscribe(
        (item) => (heard.events += item.kind === 'loss' ? item.count : 1),
      );
      return heard;
    });
    for (const { listening } of listens) await listening?.ready;
    hush = async () => {
      for (const { listening } of listens) await listening?.unlisten();
      return Object.fromEntries(listens.map(({ pattern, events }) => [pattern, events]));
    };
  },
  unlisten: (): Promise<Heard> => hush(),
});
