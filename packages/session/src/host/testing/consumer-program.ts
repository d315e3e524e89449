/** For tests: listens to the ticks of a process until it is killed. */
import { openSession } from '../../session.ts';
import { perfProducer } from './programs.ts';

const session = await openSession({ name: 'victim', hostProducers: [perfProducer] });
const connection = await session.open(Number(process.argv[2]), {
  sides: 'host',
  grants: ['stop'],
  timeoutMs: 60_000,
});
console.log('connected');
const listening = connection.open({ pattern: 'clock.tick', request: { period: 1e5 } });
listening.items$.subscribe({ next: () => undefined, error: (error) => console.error(error) });
void connection.open({
  pattern: 'clock.tick',
  request: { period: 1e6 },
  catch: {},
  where: 'address < 0',
});
await listening.ready;
console.log('listening');
