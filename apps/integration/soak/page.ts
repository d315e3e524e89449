import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Child } from '../test/support-cli/child.ts';
import { openPage } from '../test/support-watch/browser.ts';
import { type Held, heldBy } from '../test/support-watch/held.ts';
import { startWatch } from '../test/support-watch/watcher.ts';

const cards =
  '#range=300000&timeline&card=net.send;tab=incidents&card=hot-spot.sample;tab=flame&card=http.server.request;tab=heat&card=http.**;by=event&card=http.server.request;by=thread;tab=top'; // prettier-ignore
/** Charts, rows and stacks are all there, and V8 has compiled what it will. */
const startMinutes = 6;
const mostGrownBytes = 4e6;

/** The page of a watcher is left open; what it holds is printed each minute, and must not grow. */
export async function leavePageOpen(minutes: number): Promise<void> {
  await using program = new Child(process.execPath, [fileURLToPath(new URL('../fixtures/watch/traffic.mjs', import.meta.url))]); // prettier-ignore
  await program.says('ready');
  await using watch = await startWatch(String(program.pid));
  await using open = await openPage(`${watch.url}${cards}`, { width: 1280, height: 1600 });
  let first: Held | undefined;
  for (let minute = 1; minute <= startMinutes + minutes; minute++) {
    await delay(60_000);
    const held = await heldBy(open.page);
    const total = await open.page.locator('[data-number=total]').first().textContent();
    console.log(`minute ${minute}: ${JSON.stringify(held)}, ${total} incidents`);
    if (minute === startMinutes) first = held;
    if (first !== undefined) complain(first, held);
  }
  if (open.complaints.length > 0) throw new Error(open.complaints.join('\n'));
  console.log(`ok page ${minutes}`);
}

function complain(first: Held, held: Held): void {
  const grown = held.heapBytes - first.heapBytes;
  if (grown > mostGrownBytes) throw new Error(`the page grew by ${grown} bytes`);
  if (held.nodes > first.nodes * 1.2) throw new Error(`nodes pile up: ${first.nodes} to ${held.nodes}`); // prettier-ignore
  if (held.listeners > first.listeners * 1.2) throw new Error(`listeners pile up: ${first.listeners} to ${held.listeners}`); // prettier-ignore
}
