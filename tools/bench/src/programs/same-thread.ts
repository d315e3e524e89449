/** One listener on the thread that posts. A turn is over when all its events have been delivered. */
import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { listen, registerEventType } from '@extension-events/core';
import { EventEmitter as EventEmitter3 } from 'eventemitter3';
import { createNanoEvents } from 'nanoevents';
import { Subject } from 'rxjs';
import { type Contestant, type ContestOptions, holdContest } from '../contest.ts';
import { serve } from '../serve.ts';

interface Sent {
  readonly host: string;
  readonly bytes: number;
}

const fields = { host: { type: 'string' }, bytes: { type: 'u32' } } as const;
const bare = registerEventType({ name: 'bench.bare', description: 'Heard as payloads.', fields });
const full = registerEventType({ name: 'bench.full', description: 'Heard by name.', fields });

const emitter = new EventEmitter();
const emitter3 = new EventEmitter3();
const nano = createNanoEvents<{ sent: (sent: Sent) => void }>();
const messages = channel('bench.sent');
const subject = new Subject<Sent>();

let heard = 0;
let heardBytes = 0;
emitter.on('sent', (sent: Sent) => {
  heard++;
  heardBytes += sent.bytes;
});
emitter3.on('sent', (sent: Sent) => {
  heard++;
  heardBytes += sent.bytes;
});
nano.on('sent', (sent) => {
  heard++;
  heardBytes += sent.bytes;
});
messages.subscribe((sent) => {
  heard++;
  heardBytes += (sent as Sent).bytes;
});
subject.subscribe((sent) => {
  heard++;
  heardBytes += sent.bytes;
});
bare.listen((sent) => {
  heard++;
  heardBytes += sent.bytes;
});
listen('bench.full', ({ payload }) => {
  heard++;
  heardBytes += payload['bytes'] as number;
});

const host = 'db.example.org';
/** Each posts `count` events from number `from` on. */
const loops: Readonly<Record<string, (from: number, count: number) => void>> = {
  EventEmitter: (from, count) => {
    for (let i = from; i < from + count; i++) emitter.emit('sent', { host, bytes: i });
  },
  eventemitter3: (from, count) => {
    for (let i = from; i < from + count; i++) emitter3.emit('sent', { host, bytes: i });
  },
  nanoevents: (from, count) => {
    for (let i = from; i < from + count; i++) nano.emit('sent', { host, bytes: i });
  },
  diagnostics_channel: (from, count) => {
    for (let i = from; i < from + count; i++) messages.publish({ host, bytes: i });
  },
  'rxjs Subject': (from, count) => {
    for (let i = from; i < from + count; i++) subject.next({ host, bytes: i });
  },
  'ours, type.listen': (from, count) => {
    for (let i = from; i < from + count; i++) bare.post({ host, bytes: i });
  },
  'ours, listen(name)': (from, count) => {
    for (let i = from; i < from + count; i++) full.post({ host, bytes: i });
  },
};

// One job of a server posts so many events at most before its stack unwinds.
const jobEvents = 100;

const contestants: readonly Contestant[] = Object.entries(loops).map(([name, loop]) => ({
  name,
  run: async (count) => {
    heard = 0;
    heardBytes = 0;
    for (let from = 0; from < count; from += jobEvents) {
      loop(from, Math.min(jobEvents, count - from));
      // Ours are delivered now; the others, which delivered in the call, pay for the turn as well.
      await Promise.resolve();
    }
    assert.equal(heard, count, `${name}: events heard`);
    assert.equal(heardBytes, (count * (count - 1)) / 2, `${name}: what the events said`);
  },
}));

serve({ contest: (options: ContestOptions) => holdContest(contestants, options) });
