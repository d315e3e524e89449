/**
 * `node --import @extension-events/agent/register app.js`: starts the agent before the program.
 *
 * With `EXTENSION_EVENTS_WAIT_MS` set, the program's entry waits until somebody listens, at most so
 * long, so that its first events are heard; `extev … -- command` does that. A command may start several
 * programs, and one of them is listened to: `EXTENSION_EVENTS_WAIT_FILE` is a file with its pid, empty
 * as long as it has not been chosen. The others wait no longer than for that, and what runs scripts of
 * packages (`npm start`) is passed over.
 */
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { Left } from './left.ts';
import { isScriptRunner } from './script-runners.ts';
import { startAgent, whenHeard } from './start.ts';

const isPassedOver = 'EXTENSION_EVENTS_WAIT_FILE' in process.env && isScriptRunner(process.argv[1] ?? ''); // prettier-ignore

if (isMainThread && !isPassedOver) {
  const waitMs = Number(process.env['EXTENSION_EVENTS_WAIT_MS'] ?? 0);
  // The program goes on if the agent cannot start.
  const started = startAgent().catch(() => undefined);
  if (waitMs > 0) {
    const file = process.env['EXTENSION_EVENTS_WAIT_FILE'];
    hideFromChildren();
    await started;
    using left = new Left(file);
    await whenHeard(waitMs, left.signal);
  }
}

// Programs that this one starts are none of our business.
function hideFromChildren(): void {
  delete process.env['EXTENSION_EVENTS_WAIT_MS'];
  delete process.env['EXTENSION_EVENTS_WAIT_FILE'];
  const options = (process.env['NODE_OPTIONS'] ?? '')
    .split(/\s+/)
    .filter(
      (word) =>
        word !== `--import=${import.meta.url}` &&
        word !== `--import=${fileURLToPath(import.meta.url)}`,
    )
    .join(' ');
  if (options === '') delete process.env['NODE_OPTIONS'];
  else process.env['NODE_OPTIONS'] = options;
}
