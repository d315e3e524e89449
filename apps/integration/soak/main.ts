// Long runs over real processes: `npm run soak`, or `npm run soak -- kill-debugger 500`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { leavePageOpen } from './page.ts';
import { attach, startTarget, type Target, until } from '../test/support/target.ts';

const condition = '--conditions=@extension-events/source';
const injectUrl = new URL('../../../packages/producer-hot-spot/dist/inject.mjs', import.meta.url)
  .href;

/** What a process holds: threads, descriptors, resident kilobytes. */
function holdings(pid: number): { threads: number; descriptors: number; rssKb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return {
    threads: readdirSync(`/proc/${pid}/task`).length,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    rssKb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]),
  };
}

/** A debugger that catches every event is killed at a random moment, again and again. */
async function killDebugger(rounds: number): Promise<void> {
  await using target = await startTarget('stopper.ts');
  await using watcher = await attach(target, { name: 'watcher' });
  let heard = 0;
  watcher.connection.open({ pattern: 'app.tick' }).items$.subscribe(() => heard++);
  const program = fileURLToPath(new URL('../fixtures/stories/catcher.ts', import.meta.url));
  for (let round = 0; round < rounds; round++) {
    const child = spawn(process.execPath, [condition, program, String(target.pid)], {
      stdio: 'ignore',
    });
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 700));
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    const before = heard;
    await until(() => heard > before + 20, `the program to go on after round ${round}`);
  }
  report('kill-debugger', rounds, target);
}

/** Consumers come, listen, catch and go; nothing may pile up in the target. */
async function attachDetach(rounds: number): Promise<void> {
  await using target = await startTarget('stopper.ts');
  let first: ReturnType<typeof holdings> | undefined;
  for (let round = 0; round < rounds; round++) {
    await using attached = await attach(target, { grants: ['stop', 'evaluate'] });
    const caught = attached.connection.open({
      pattern: 'app.tick',
      where: 'n == 4000000000',
      catch: {},
    });
    let heard = 0;
    const listening = attached.connection.open({ pattern: '**', stack: 4 });
    listening.items$.subscribe(() => heard++);
    await Promise.all([caught.ready, listening.ready]);
    await until(() => heard > 5, 'events');
    if (round === Math.floor(rounds / 4)) first = holdings(target.pid);
  }
  const last = holdings(target.pid);
  if (first !== undefined && last.descriptors > first.descriptors + 2) throw new Error(`descriptors pile up: ${first.descriptors} to ${last.descriptors}`); // prettier-ignore
  if (first !== undefined && last.rssKb > first.rssKb * 2)
    throw new Error(`memory piles up: ${first.rssKb} to ${last.rssKb} kB`);
  report('attach-detach', rounds, target);
}

/** Worker threads are profiled under allocation pressure, which crashed other profilers. */
async function profileWorkers(seconds: number): Promise<void> {
  await using target = await startTarget('allocating-workers.ts');
  await using attached = await attach(target);
  await attached.connection.loadProducer({ id: 'hot-spot', injectUrl });
  const listening = attached.connection.open({ pattern: 'hot-spot', request: { cooldownMs: 500 } });
  let heard = 0;
  listening.items$.subscribe(() => heard++);
  await listening.ready;
  const deadline = performance.now() + seconds * 1000;
  await until(
    () => !target.isRunning || performance.now() > deadline,
    'the end',
    (seconds + 60) * 1000,
  );
  if (!target.isRunning) throw new Error(`the target ended: ${target.stderr}`);
  if (heard === 0) throw new Error('no hot spot was heard');
  report(`profile-workers (${heard} hot spots heard)`, seconds, target);
}

/** Holders, debuggers and gdb are killed at any moment: the same tests as always, by the hundred. */
async function killNative(rounds: number): Promise<void> {
  const few = String(Math.ceil(rounds / 4));
  const env = { EXTEV_HOLDER_KILLS: String(rounds), EXTEV_GDB_KILLS: few, EXTEV_KILL_ROUNDS: few };
  await runTests(env, ['-t', 'kill', 'packages/platform-linux/src/ptrace/thread-holder.test.ts', 'packages/consumer-debugger/src/gdb-engine.test.ts', 'apps/integration/test/native-debug.test.ts']); // prettier-ignore
  console.log(`ok kill-native ${rounds}`);
}

/** Hot spots of all the programs that the test knows, beside what perf report says of them. */
async function findInPrograms(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await runTests({ EXTEV_PROGRAMS: 'all' }, ['-t', 'programs of others', 'packages/producer-hot-spot/src/real-native.test.ts']); // prettier-ignore
  }
  console.log(`ok programs ${times}`);
}

async function runTests(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<void> {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const child = spawn(`${root}/node_modules/.bin/vitest`, ['run', ...args], { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit' }); // prettier-ignore
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the tests ended with ${code}`);
}

function report(story: string, amount: number, target: Target): void {
  console.log(`ok ${story} ${amount}: ${JSON.stringify(holdings(target.pid))}`);
}

const stories: Record<string, [run: (amount: number) => Promise<void>, usual: number]> = {
  'kill-debugger': [killDebugger, 200],
  'attach-detach': [attachDetach, 200],
  'kill-native': [killNative, 400],
  programs: [findInPrograms, 1],
  page: [leavePageOpen, 60],
  'profile-workers': [profileWorkers, 120],
};

const [only, amount] = process.argv.slice(2);
for (const [name, [run, usual]] of Object.entries(stories)) {
  if (only === undefined || only === name) await run(Number(amount ?? usual));
}
process.exit(0);
