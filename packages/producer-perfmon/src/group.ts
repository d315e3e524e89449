/** Counters that are read together with the one that overflows. */
import { ExtensionEventError } from '@extension-events/core';
import type { PerfGroupMember, PerfSample, PerfSession } from '@extension-events/platform-linux';
import { type Counter, getCounter } from './counters.ts';
import { openCounter } from './open-counter.ts';
import type { OverflowRequest } from './types.ts';

// Beyond what any processor counts at once; the kernel says so of fewer.
const mostMembers = 16;

/**
 * The counters that `with` names.
 *
 * @throws ExtensionEventError `EE_PERFMON_COUNTER_UNKNOWN`, `EE_PERFMON_GROUP`
 */
export function parseGroup(leader: Counter, text = ''): readonly Counter[] {
  const words = text.split(',').map((word) => word.trim());
  const members = words.filter((word) => word !== '').map((word) => getCounter(word));
  const names = [leader, ...members].map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw refuse(`${twice} is there twice`, 'Name each counter once; the first one is in count.');
  if (members.length > mostMembers)
    throw refuse(`${members.length} counters beside the first`, `At most ${mostMembers} are read with it.`); // prettier-ignore
  return members;
}

/** The same, as the platform opens them. */
export function membersOf(
  counters: readonly Counter[],
  { kernel }: OverflowRequest,
): readonly PerfGroupMember[] {
  return counters.map(({ event, isKernelSide }) => ({ event, includesKernel: kernel || isKernelSide })); // prettier-ignore
}

/**
 * Says of the first counter that cannot be had why, as of a counter by itself: of a group the kernel
 * only says that it cannot be had.
 */
export function checkMembers(
  perf: PerfSession,
  counters: readonly Counter[],
  { tid, includesKernel }: { readonly tid?: number; readonly includesKernel: boolean },
): void {
  for (const counter of counters) {
    const { defaultPeriod: period } = counter;
    openCounter(perf, counter, { rate: { period }, isUrgent: false, includesKernel, ...(tid === undefined ? {} : { tid }), onSample: () => {} })[Symbol.dispose](); // prettier-ignore
  }
}

/** The kernel's refusal of a group, in terms of counters; other refusals unchanged. */
export function explainGroup(
  error: unknown,
  leader: Counter,
  members: readonly Counter[],
): unknown {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code !== 'EE_PERF_GROUP') return error;
  const names = [leader, ...members].map(({ name }) => name).join(', ');
  return refuse(`${names}: ${String(message).replace(/\.$/, '')}`, 'A processor counts a few things at once: ask for fewer, or listen to each by itself.', error); // prettier-ignore
}

/** Values by name, as the payload has them; the factor is that of the leader, for they run together. */
export function describeValues(
  sample: PerfSample,
  members: readonly Counter[],
  factor: number,
): { readonly values?: string; readonly rawValues?: string } {
  if (members.length === 0) return {};
  const raw = sample.groupValues().map(Number);
  const toText = (by: number): string =>
    JSON.stringify(Object.fromEntries(members.map(({ name }, i) => [name, Math.round((raw[i] ?? 0) * by)]))); // prettier-ignore
  return { values: toText(factor), ...(factor === 1 ? {} : { rawValues: toText(1) }) };
}

function refuse(what: string, hint: string, cause?: unknown): ExtensionEventError {
  return new ExtensionEventError('EE_PERFMON_GROUP', `These counters cannot be counted together: ${what}.`, hint, cause === undefined ? undefined : { cause }); // prettier-ignore
}
