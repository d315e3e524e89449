import { expect, it } from 'vitest';
import { parseStatCpuNs, tryReadProcessCpuNs, tryReadThreadCpuNs } from './cpu-time.ts';

it('reads user and system time, whatever the name of the process is', () => {
  const rest = `R 1 ${'0 '.repeat(9)}12 30 0 0 20 0 1`;
  expect(parseStatCpuNs(`42 (a) b ( R 9 9) ${rest}`)).toBe(42e7);
  expect(parseStatCpuNs('42 (short) R 1')).toBeUndefined();
  expect(parseStatCpuNs('')).toBeUndefined();
});

it('tells the time of this process, and nothing of one that is not there', () => {
  const used = process.cpuUsage();
  const ns = tryReadProcessCpuNs(process.pid) ?? 0;
  expect(ns / 1000).toBeGreaterThan((used.user + used.system) / 2 - 20_000);
  expect(tryReadThreadCpuNs(process.pid, process.pid)).toBeGreaterThan(0);
  expect(tryReadProcessCpuNs(0)).toBeUndefined();
  expect(tryReadThreadCpuNs(0, 0)).toBeUndefined();
});
