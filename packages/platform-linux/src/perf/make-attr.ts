import type { AttrFlag, PerfAttr } from './attr.ts';
import { commonSampleType, readBit } from './constants.ts';
import type { Coverage } from './coverage.ts';
import { toEventAttr } from './event-spec.ts';
import type { PerfOpener } from './opener.ts';
import { includesKernel } from './perf-error.ts';
import { sampleTypeOf, userRegisterMask } from './sample-decoder.ts';
import type { PerfGroupMember, PerfRequest } from './session-types.ts';

/** What an attr depends on besides the request. */
export interface AttrContext {
  readonly opener: PerfOpener;
  readonly coverage: Coverage;
  readonly arch: string;
  /** The address of a uprobe's path, as the kernel is to see it. */
  uprobePath(path: string, isSystemWide: boolean): bigint;
}

/**
 * The attr of a request, switched off; `undefined` when the kernel has no such PMU.
 *
 * `PERF_SAMPLE_PERIOD` is never asked for: with it each single software event is a sample, whatever
 * the period (perf_swevent_event in kernel/events/core.c). `wakeup_events` stays 0: a descriptor with
 * a signal raises it for each sample anyway, and the others are looked at in time (see `Wake`).
 */
export function makeAttr(request: PerfRequest, context: AttrContext): PerfAttr | undefined {
  const event = toEventAttr(request.event);
  if (event === undefined) return undefined;
  const { path, ...attr } = event;
  return {
    ...attr,
    ...(path === undefined ? {} : { config1: context.uprobePath(path, request.isSystemWide === true) }), // prettier-ignore
    period: 'period' in request.rate ? request.rate.period : request.rate.frequencyHz,
    sampleType: commonSampleType | sampleTypeOf(request),
    readFormat: context.opener.readFormat | (hasGroup(request) ? readBit.group : 0),
    flags: makeFlags(request, context),
    userRegisters: request.userRegisters === true ? userRegisterMask(context.arch) : 0n,
    userStackBytes: request.userStackBytes ?? 0,
  };
}

/** Is the event read together with others? A group of none is none. */
export function hasGroup({ group }: PerfRequest): boolean {
  return group !== undefined && group.length > 0;
}

/** The attr of a counter that joins the group of a request: it counts whenever its leader does. */
export function makeMemberAttr(
  member: PerfGroupMember,
  context: AttrContext,
): PerfAttr | undefined {
  const request: PerfRequest = { ...member, rate: { period: 1 }, onSample() {} };
  const attr = makeAttr(request, context);
  if (attr === undefined) return undefined;
  const flags = (attr.flags ?? []).filter((flag) => flag !== 'disabled' && flag !== 'sampleIdAll');
  return { ...attr, flags, period: 0, sampleType: 0 };
}

function makeFlags(request: PerfRequest, { coverage, opener }: AttrContext): AttrFlag[] {
  const flags: AttrFlag[] = ['disabled', 'sampleIdAll'];
  if (!includesKernel(request)) flags.push('excludeKernel', 'excludeHypervisor');
  if (request.includesKernel !== true) flags.push('excludeCallchainKernel');
  if ('frequencyHz' in request.rate) flags.push('frequency');
  if (coverage === 'inherited') {
    flags.push('inherit');
    if (opener.features.hasInheritThread) flags.push('inheritThread');
  }
  return flags;
}
