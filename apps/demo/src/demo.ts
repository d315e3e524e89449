// The demo: starts a slow web service as an ordinary process, lets people use it, and asks the
// debugger where its time goes. What is printed is what `extev debug` prints; this program only
// checks that it is true, and says so at the end.
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { lookAfter, lookBefore } from './checks.ts';
import { readCommands, runDebugger, runInteractive } from './debugger.ts';
import { startService } from './service-process.ts';
import { startTraffic, type Traffic } from './traffic.ts';
import { findFaults } from './transcript.ts';

const { values } = parseArgs({ options: { interactive: { type: 'boolean', default: false } } });

process.exitCode = await main();

async function main(): Promise<number> {
  const service = await startService();
  const traffic = startTraffic(service.url);
  // Ended from outside, the demo leaves no process behind.
  const ending = new AbortController();
  process.once('SIGTERM', () => {
    ending.abort();
    void service.stop().then(() => process.exit(143));
  });
  try {
    if (!(await isAnswering(traffic))) return report(['the service does not answer']);
    const { medianMs } = traffic.counts();
    console.log(
      `A web shop's back office runs as process ${service.pid} (node dist/service/main.js) at ${service.url}.`,
    );
    console.log(
      `People use it (a page takes ${medianMs.toFixed(0)} ms), and it burns a core. Why?\n`,
    );
    const before = await lookBefore(service);
    const faults: string[] = [];
    if (values.interactive) {
      console.log(
        'Try: catch hot-spot, continue, bt, info locals, list, continue, detach, quit.\n',
      );
      const status = await runInteractive(service.pid);
      if (status !== 0) faults.push(`extev ended with ${status}`);
    } else {
      const { status, transcript } = await runDebugger(service.pid, {
        timeoutMs: 30_000,
        signal: ending.signal,
      });
      if (status !== 0) faults.push(`extev ended with ${status}`);
      faults.push(...findFaults(transcript, readCommands()));
    }
    if (!(await isAnswering(traffic))) {
      return report([...faults, 'the service no longer answers']);
    }
    const after = await lookAfter(service, before);
    const { failed } = traffic.counts();
    if (failed > 0) faults.push(`${failed} requests failed`);
    console.log(`\n${after.findings.join('\n')}`);
    return report([...faults, ...after.faults]);
  } finally {
    await traffic.stop();
    await service.stop();
  }
}

/** Do people get their pages? They need not wait for ever to know. */
async function isAnswering(traffic: Traffic): Promise<boolean> {
  const giveUp = new AbortController();
  const tooLate = setTimeout(10_000, false, { signal: giveUp.signal }).catch(() => false);
  const isAlive = await Promise.race([traffic.answered(200).then(() => true), tooLate]);
  giveUp.abort();
  return isAlive;
}

function report(faults: readonly string[]): number {
  for (const fault of faults) console.error(`demo: ${fault}`);
  return faults.length === 0 ? 0 : 1;
}
