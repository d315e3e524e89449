/** Entry of the holder of a process that is about to become its program: `node main.js PID`; see {@link ExecHold}. */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { wireError } from '@extension-events/protocol/server';
import type { ExecStop } from '@extension-events/platform-linux/ptrace';
import type { News } from './lines.ts';

const pid = Number(process.argv[2]);
// Whoever came after us has the program: a starter that died meanwhile must not leave it stopped.
let held: ExecStop | undefined;

function tell(news: News): void {
  try {
    writeSync(1, `${JSON.stringify(news)}\n`);
  } catch {
    // the starter is gone, which the end of the input says too
  }
}

function leave(): void {
  held?.begin();
  process.exit();
}

process.title = `extension-events holder of ${pid}`;
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, leave);
createInterface({ input: process.stdin })
  .on('line', (order) => {
    if (order === 'begin') leave();
    else if (order === 'step-aside') tell({ type: held?.stepAside() === true ? 'aside' : 'over' });
  })
  .on('close', leave);

try {
  const { ExecStop: Stop, Ptrace } = await import('@extension-events/platform-linux/ptrace');
  held = new Stop(await Ptrace.load(), pid, {
    onReached: () => tell({ type: 'stands' }),
    onEnd: () => {
      tell({ type: 'over' });
      process.exit();
    },
  });
  tell({ type: 'seized' });
} catch (error) {
  const fault = { code: 'EE_HOST_START', hint: 'Please report it, with what extev doctor says.' };
  tell({ type: 'refused', error: wireError(error, fault) });
  process.exit(1);
}
