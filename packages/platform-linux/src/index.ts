export { findPerfCapabilities } from './capabilities.ts';
export type { Ability, CounterAbility, PerfCapabilities } from './capabilities.ts';
export { platformLinuxErrorCodes } from './errors.ts';
export type { LinuxHost, LinuxThread, ThreadChange } from './host.ts';
export { openLinuxHost } from './linux-host.ts';
export type { LinuxHostOptions } from './linux-host.ts';
export { RingReader } from './perf/ring-reader.ts';
export { createSampleDecoder } from './perf/sample-decoder.ts';
export type { SampleDecoder, SampleLayout } from './perf/sample-decoder.ts';
export type { PerfSessionOptions } from './perf/session.ts';
export { userRegisterNames } from './perf/session-types.ts';
export type {
  ChainEntry,
  HardwareEvent,
  PerfArming,
  PerfContent,
  PerfEventSpec,
  PerfGroupMember,
  PerfRate,
  PerfRequest,
  PerfSample,
  PerfSession,
  SoftwareEvent,
} from './perf/session-types.ts';
export { tryReadProcessCpuNs, tryReadThreadCpuNs } from './proc/cpu-time.ts';
export { listThreads, tryReadComm, tryReadStatus } from './proc/status.ts';
export type { ProcStatus } from './proc/status.ts';
