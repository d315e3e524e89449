/** For tests: a program with a worker that posts what it is told to, line by line on stdin. */
import { createInterface } from 'node:readline';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { registerEventType } from '@extension-events/core';

const type = registerEventType({
  name: 'test.sent',
  description: 'Posted by the test.',
  fields: {
    n: { type: 'u32' },
    durationNs: { type: 'f64', unit: 'ns' },
    host: { type: 'string' },
    body: { type: 'bytes' },
  },
});

function postFromHere(count: number): void {
  for (let n = 1; n <= count; n++) {
    type.post({ n, durationNs: n * 1000, host: `host-${n % 3}`, body: Uint8Array.of(n % 2) });
  }
}

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { execArgv: [...process.execArgv] });
  worker.on('message', (text: string) => console.log(text));
  const commands: Readonly<Record<string, (count: number) => void>> = {
    post: (count) => {
      postFromHere(count);
      console.log(`posted ${count}`);
    },
    work: (count) => worker.postMessage(count),
    exit: () => process.exit(0),
  };
  createInterface({ input: process.stdin }).on('line', (line) => {
    const [command = '', count] = line.split(' ');
    commands[command]?.(Number(count));
  });
} else {
  parentPort?.on('message', (count: number) => {
    postFromHere(count);
    parentPort?.postMessage(`worked ${count}`);
  });
  parentPort?.postMessage('ready');
}
