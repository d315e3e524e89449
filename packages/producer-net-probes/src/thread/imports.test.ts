import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('test-imports-program.ts', import.meta.url));

it('hears functions by whatever import they came, before or after it started', () => {
  const execArgv = ['--conditions=@extension-events/source', program];
  const found = JSON.parse(execFileSync(process.execPath, execArgv, { encoding: 'utf8' })) as object; // prettier-ignore
  // Three plain connections, one of HTTP, one of TLS, and one socket for datagrams.
  const all = {
    'net.connect': 5,
    'net.accept': 5,
    'net.send': 11,
    'net.receive': 11,
    'net.close': 11,
    'http.client.request.start': 1,
    'http.client.request': 1,
    'http.server.request.start': 1,
    'http.server.request': 1,
    'dns.lookup': 2,
    'tls.handshake': 2,
  };
  expect(found).toEqual({
    'named before': all,
    'namespace before': all,
    'destructured before': all,
    'namespace after': all,
    'destructured after': all,
  });
});
