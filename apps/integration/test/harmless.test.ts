import { connect } from 'node:net';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { encodeFrame, effectiveUid, readStartTime, socketPath } from '@extension-events/protocol';
import { attach, startTarget, until } from './support/target.ts';

const inspectorLines = /^(Debugger listening on ws:\S+|For help, see: \S+|Debugger attached\.)$/;
const foreign = (stderr: string): string[] => stderr.split('\n').filter((line) => line !== '' && !inspectorLines.test(line)); // prettier-ignore

it('leaves stdout, exit code and rejections as they are, and delivers the tail of an exiting program', async () => {
  for (const [command, code] of [
    ['exit 3', 3],
    ['end', 0],
  ] as const) {
    await using target = await startTarget('poster.ts');
    await using attached = await attach(target, { grants: ['stop', 'evaluate'] });
    const listening = attached.connection.open({ pattern: 'net.send' });
    let delivered = 0;
    listening.items$.subscribe({ next: (item) => void (item.kind === 'event' && delivered++) });
    await listening.ready;
    target.tell('burst 997');
    target.tell(command);
    expect(await target.ended).toBe(code);
    const end = await attached.connection.ended;
    expect(end).toMatchObject({ reason: 'bye', bye: { reason: 'exit', exitCode: code } });
    expect(delivered).toBe(997);
    expect(listening.summary).toEqual({ matched: 997, delivered: 997, lost: 0, throttled: 0 });
    expect(target.stdout.startsWith('ready\ndone burst 997\n')).toBe(true);
    expect(foreign(target.stderr)).toEqual([]);
  }
});

it('an unhandled rejection ends the program as it would without us', async () => {
  await using alone = await startTarget('poster.ts');
  alone.tell('reject');
  const code = await alone.ended;
  await using target = await startTarget('poster.ts');
  await using attached = await attach(target);
  target.tell('reject');
  expect(await target.ended).toBe(code);
  expect(foreign(target.stderr).join('\n')).toBe(foreign(alone.stderr).join('\n'));
  expect((await attached.connection.ended).reason).toBe('bye');
});

it('a consumer that is killed leaves nothing behind', async () => {
  await using target = await startTarget('poster.ts');
  const consumer = spawn(process.execPath, ['--conditions=@extension-events/source', fileURLToPath(new URL('../fixtures/stories/consumer.ts', import.meta.url)), String(target.pid)], { stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
  let said = '';
  consumer.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until(() => said.includes('listening'), 'the consumer to listen');
  target.tell('heard');
  await target.says('heard true exit listeners 1');
  consumer.kill('SIGKILL');
  await until(() => {
    target.tell('heard');
    return target.stdout.includes('heard false exit listeners 0');
  }, 'the listens of the killed consumer to be undone');
  expect(target.isRunning).toBe(true);
});

it('an agent that dies leaves the program running, and a new one can be attached', async () => {
  await using target = await startTarget('poster.ts');
  await using attached = await attach(target, { grants: ['stop', 'evaluate'] });
  const listening = attached.connection.open({ pattern: 'net.send' });
  await listening.ready;
  target.tell('stopAgent');
  expect((await attached.connection.ended).reason).toBe('lost');
  target.tell('burst 100003');
  await target.says('done burst 100003');
  await using again = await attach(target);
  const second = again.connection.open({ pattern: 'net.send' });
  let delivered = 0;
  second.items$.subscribe({ next: (item) => void (item.kind === 'event' && delivered++) });
  await second.ready;
  target.tell('burst 11');
  await until(() => delivered === 11, 'events through the new agent');
});

it('answers malformed frames with a coded goodbye, and serves everybody else on', async () => {
  await using target = await startTarget('poster.ts');
  await using attached = await attach(target);
  const path = socketPath(
    { pid: target.pid, startTime: readStartTime(target.pid) ?? 0 },
    effectiveUid(target.pid) ?? 0,
  );
  const garbage = [
    Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    Buffer.from([5, 0, 0, 0, 99, 1, 2, 3, 4]),
    Buffer.from([3, 0, 0, 0, 1, 0x7b, 0x7b]),
    Buffer.alloc(9, 0xff),
    encodeFrame({ kind: 'listen', id: 1, listen: 1, pattern: 'net.*' }),
    encodeFrame({
      kind: 'hello',
      protocol: 999,
      role: 'consumer',
      pid: 1,
      name: 'tomorrow',
      grants: [],
    }),
  ];
  for (const bytes of garbage) {
    const socket = connect(path);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(bytes);
    await Promise.race([closed, until(() => answer.includes('EE_'), 'a coded answer')]);
    expect(answer).toMatch(/EE_(FRAME|HELLO|PROTOCOL)/);
    socket.destroy();
  }
  const listening = attached.connection.open({ pattern: 'net.send' });
  let delivered = 0;
  listening.items$.subscribe({ next: () => void delivered++ });
  await listening.ready;
  target.tell('burst 5');
  await until(() => delivered === 5, 'events for the well-behaved');
});
