/** `node --conditions=@extension-events/source src/testing/fake-server.ts [PORT]`: the page over invented data. */
import { startWatchServer } from '../server/watch-server.ts';
import { FakeGraph } from './fake-graph.ts';
import { fakeScripts } from './fake-scripts.ts';

const [port = '8123', how = ''] = process.argv.slice(2);
const graph = new FakeGraph({ isEmpty: how === 'empty' });
const server = await startWatchServer(graph, {
  port: Number(port),
  token: 'fake',
  scripts: fakeScripts,
});
console.log(server.url);
