/** Scripts in the thread that posts, beside probes written by hand. */
import assert from 'node:assert/strict';
import { type EventType, getRegistry, type Probe } from '@extension-events/core';
import {
  checkProgram,
  defaultBudget,
  parseProgram,
  ScriptInstance,
} from '@extension-events/script';
import { type Contestant, type ContestOptions, holdContest } from '../contest.ts';
import { serve } from '../serve.ts';

const fields = { len: { type: 'u32' }, port: { type: 'u32' }, peer: { type: 'string' } } as const;
type Sent = EventType<typeof fields>;

const registry = getRegistry();
const ports = Array.from({ length: 16 }, (_, i) => 1000 + i * 37);
// One event in 256 meets the first condition, and none the second.
const peers = ['172.16.0.7:443', '192.168.1.9:80'] as const;

const byHand: Readonly<Record<string, Probe>> = {
  'an empty probe': () => true,
  'number, by hand': ({ len }) => len === 13,
  'strings, by hand': ({ len, peer }) => (len as number) > 5 && (peer as string).startsWith('10.'),
};

/** Each is the code of a probe of `EVENT`. */
const scripts: Readonly<Record<string, string>> = {
  'number, script': 'probe EVENT if (len == 13) { }',
  'strings, script': 'probe EVENT if (len > 5 && starts_with(peer, "10.")) { }',
  'n[$port]++': 'global n probe EVENT { n[$port]++ }',
  'x <<< $len': 'global x probe EVENT { x <<< $len }',
  'n[$port]++; x <<< $len': 'global n, x probe EVENT { n[$port]++; x <<< $len }',
  'x[$port] <<< $len, for @hist':
    'global x probe EVENT { x[$port] <<< $len } probe end { print(@hist(x[1000])) }',
  'n[$peer]++': 'global n probe EVENT { n[$peer]++ }',
  'last[$port] = $len': 'global last probe EVENT { last[$port] = $len }',
  'a loop of 10': 'global n probe EVENT { for (i = 0; i < 10; i++) n += i }',
};

/** A loop of its own for each type, as in a program. */
function loopOf(type: Sent): (count: number) => void {
  // oxlint-disable-next-line typescript/no-implied-eval -- a loop of its own for each type
  const make = new Function('type', 'ports', 'peers', `return (count) => {
    for (let i = 0; i < count; i++) type.post({ len: i & 255, port: ports[i & 15], peer: peers[i & 1] });
  }`) as (...values: readonly unknown[]) => (count: number) => void; // prettier-ignore
  return make(type, ports, peers);
}

function register(): Sent {
  const name = `bench.s${registry.describeTypes().length}`;
  return registry.registerEventType({ name, description: 'Posted by the benchmark.', fields });
}

function hand([name, probe]: readonly [string, Probe]): Contestant {
  const type = register();
  const tap = registry.tap({ mode: 'probe', pattern: type.name, probe: () => probe });
  return contestant(name, type, () => tap.account.matched);
}

function script([name, text]: readonly [string, string]): Contestant {
  const type = register();
  const files = [{ name, text: text.replaceAll('EVENT', type.name) }];
  const { program } = parseProgram(files);
  const { checked, problems } = checkProgram(program, {
    find: (pattern) => (pattern === type.name ? [type.descriptor] : []),
    names: () => [],
  });
  assert.ok(checked, problems[0]?.message);
  const { events, globals } = checked;
  const instance = new ScriptInstance(
    registry,
    { run: name, name, files, globals, events, budget: { ...defaultBudget, threadShare: 1 } },
    {
      onStopped: ({ message }) => assert.fail(message),
      onExit: () => undefined,
    },
  );
  let before = 0;
  return contestant(name, type, (count) => {
    const { matched } = instance.tell();
    const hits = matched - before;
    before = matched;
    for (const { entries } of instance.collect().globals) check(name, entries, count);
    return hits;
  });
}

/** What a script has counted must be what was posted. */
function check(
  name: string,
  entries: readonly { readonly value?: unknown; readonly stats?: { readonly count: number } }[],
  count: number,
): void {
  if (name.startsWith('last') || name.startsWith('a loop')) return;
  const counted = entries.reduce(
    (sum, { stats, value }) => sum + (stats?.count ?? Number(value)),
    0,
  );
  assert.equal(counted, count, `${name}: what it has counted`);
}

function contestant(name: string, type: Sent, hits: (count: number) => number): Contestant {
  const loop = loopOf(type);
  const isFiltered = name.startsWith('number') || name.startsWith('strings');
  return {
    name,
    run: (count, nowMs) => {
      const startMs = nowMs();
      loop(count);
      const tookMs = nowMs() - startMs;
      const matched = hits(count);
      if (!isFiltered && !name.startsWith('an')) assert.equal(matched, count, `${name}: hits`);
      return tookMs;
    },
  };
}

const contestants: readonly Contestant[] = [
  ...Object.entries(byHand).map(hand),
  ...Object.entries(scripts).map(script),
];

serve({ contest: (options: ContestOptions) => holdContest(contestants, options) });
