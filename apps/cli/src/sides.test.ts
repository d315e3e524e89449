import { expect, it } from 'vitest';
import type { Plugin } from './plugin-manifest.ts';
import { sidesFor } from './sides.ts';

const plugin = { package: 'a', version: '', role: 'producer', description: '', placement: 'host', directory: '/', inject: undefined, thread: undefined, host: './host.js', schemes: [] } as const; // prettier-ignore
const plugins: Plugin[] = [
  { ...plugin, id: 'perfmon', events: ['perfmon.overflow'] },
  { ...plugin, id: 'tracepoint', events: [], schemes: ['tracepoint'] },
  { ...plugin, id: 'net-probes', events: ['net.send'], thread: './thread.cjs' },
  { ...plugin, id: 'hot-spot', events: ['hot-spot'], inject: './inject.mjs' },
];

it.each([
  [['perfmon.overflow'], 'host'],
  [['tracepoint:sock:sock_send_length', 'perfmon.overflow'], 'host'],
  [['perfmon.overflow', 'hot-spot'], 'auto'],
  [['perfmon.*'], 'auto'],
  [[], 'auto'],
  [['net.send'], 'auto'],
])('listening to %j needs %s', (patterns, sides) => {
  expect(sidesFor(patterns, plugins)).toBe(sides);
});
