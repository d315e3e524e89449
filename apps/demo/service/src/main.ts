// A web shop's back office: orders, statements, dispatch boards, a sales report. It works, and it is
// slow. Nothing in it knows of extension events.
import { createRouter } from './routes.ts';
import { createJsonServer } from './server.ts';

const server = createJsonServer(createRouter());

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  console.log(`listening on http://127.0.0.1:${address.port}`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
