import { setTimeout as delay } from 'node:timers/promises';
import { monotonicNs } from '@extension-events/core';
import type { EventItem, Listening } from '@extension-events/session';
import { filter, firstValueFrom, map, timeout } from 'rxjs';
import { attachTo } from './attached.ts';
import { type Benchmark, setGoal } from './benchmark.ts';
import { detector } from './detector.ts';
import { figuresOf, type Round, summarize, type Summary } from './measure.ts';

const frequencyHz = 200;
const hits = 40;
const evenMs = 1500;
const giveUpMs = 10_000;

const sinceHit = 'last hit to event';
const sinceHot = 'first hot work to event, less the time of 40 samples';

/** From the hit that makes a place hot to the event at the consumer. */
export const hotSpotLatency: Benchmark = {
  name: 'hot-spot-latency',
  run: async (settings) => {
    const rounds: Round[] = [];
    while (rounds.length < settings.rounds / 2) rounds.push(await measureOnce());
    const summary = (name: string): Summary => summarize(figuresOf(rounds, name));
    const names = [sinceHit, sinceHot];
    return {
      title: `Hot spot, ${hits} hits at ${frequencyHz} Hz`,
      rows: names.map((name) => ({ name, figure: summary(name), unit: 'ms' })),
      goals: names.map((name) => setGoal(`hot spot, ${name}`, summary(name), 'ms', { atMost: 400 })), // prettier-ignore
      notes: [
        'The program computes evenly on 64 functions before it turns to one; the event named that one each time.',
        'The first figure is from the time that the event says of itself, the second from the time that the program says.',
      ],
    };
  },
};

async function measureOnce(): Promise<Round> {
  await using target = await attachTo('busy');
  const { connection, program } = target;
  await connection.loadProducer(detector);
  const listening = connection.open({ pattern: 'hot-spot', request: { frequencyHz, hits } });
  const arrival = firstArrival(listening);
  arrival.catch(() => undefined); // told below
  await listening.ready;
  await delay(evenMs); // the profile runs by now, and nothing is hot
  const hotNs = await program.ask<number>('heat', true);
  const { item, atNs } = await arrival;
  const name = String(item.payload['function']);
  if (name !== 'work') throw new Error(`${name} was found to be hot, not work`);
  await listening.unlisten();
  return {
    [sinceHit]: (atNs - item.timestampNs) / 1e6,
    [sinceHot]: (atNs - hotNs) / 1e6 - (hits * 1000) / frequencyHz,
  };
}

function firstArrival(listening: Listening): Promise<{ item: EventItem; atNs: number }> {
  return firstValueFrom(
    listening.items$.pipe(
      filter((item) => item.kind === 'event'),
      map((item) => ({ item, atNs: monotonicNs() })),
      timeout(giveUpMs),
    ),
  );
}
