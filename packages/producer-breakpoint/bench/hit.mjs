// What a hit costs the thread: node --conditions=@extension-events/source bench/hit.mjs
import { openLinuxHost } from '@extension-events/platform-linux';
import { NativeTarget } from '../fixtures/native-target.ts';
import { fixturePath, run } from '../fixtures/run.ts';

const passes = 2000;
const location = 'orders.mjs:2';

async function usPerPass(running, count) {
  const startMs = performance.now();
  await running.pass(count);
  return ((performance.now() - startMs) * 1000) / count;
}

const running = await run(fixturePath('program.mjs'));
await usPerPass(running, 100_000);
console.log(
  `JavaScript, nobody listens: ${(await usPerPass(running, 1_000_000)).toFixed(2)} µs a pass`,
);
for (const request of [
  { stackDepth: 0 },
  { stackDepth: 16 },
  { stackDepth: 16, captures: 'order.id,order.items' },
]) {
  const hits = await running.listen({ location, maxHitsPerSecond: 1_000_000, ...request });
  await usPerPass(running, passes);
  console.log(
    `JavaScript, ${JSON.stringify(request)}: ${(await usPerPass(running, passes)).toFixed(0)} µs`,
  );
  await hits.unlisten();
}
console.log(`JavaScript, nobody any more: ${(await usPerPass(running, 1_000_000)).toFixed(2)} µs`);
await running[Symbol.asyncDispose]();

using target = await new NativeTarget().start();
using host = await openLinuxHost(target.pid);
const { address } = await host.symbols.find('handle_order');
let answers = 0;
async function nativeUs(count) {
  const startMs = performance.now();
  target.tell(`pass ${count}`);
  await target.says(/^passed (\d+)/m, ++answers);
  return ((performance.now() - startMs) * 1000) / count;
}
console.log(`native, nobody listens: ${(await nativeUs(10_000_000)).toFixed(3)} µs a pass`);
const { uprobePlaceOf } = await import('../src/native/place.ts');
const maps = (await import('node:fs')).readFileSync(`/proc/${target.pid}/maps`, 'utf8');
const events = {
  hardware: { type: 'breakpoint', access: 'execute', address, lengthBytes: 8 },
  uprobe: { type: 'uprobe', ...uprobePlaceOf(maps, address), isReturn: false },
};
for (const [name, event] of Object.entries(events)) {
  try {
    using opened = host.perf.open({
      event,
      rate: { period: 1 },
      callchain: true,
      tid: target.pid,
      onSample: () => {},
    });
    console.log(`native, ${name}: ${(await nativeUs(100_000)).toFixed(2)} µs`, opened.read().value);
  } catch (error) {
    console.log(`native, ${name}: ${error.message}`);
  }
}
