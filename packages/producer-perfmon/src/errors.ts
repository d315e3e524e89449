/** Codes of this producer. They are permanent; compare `error.code`, never the class. */
export const perfmonErrorCodes = {
  EE_PERFMON_UNSUPPORTED: 'This system has no perf_event_open(2) that we know.',
  EE_PERFMON_COUNTER_UNKNOWN: 'No counter has this name.',
  EE_PERFMON_COUNTER_ABSENT: 'This machine or its kernel does not have the counter.',
  EE_PERFMON_KERNEL_NEEDED: 'The counter counts in the kernel, for which there is no permission.',
  EE_PERFMON_PERIOD: 'The period is not one that the counter can keep.',
  EE_PERFMON_GROUP: 'The counters cannot be counted together.',
  EE_PERFMON_RESOURCE: 'The resource of the process could not be read.',
  EE_PERFMON_SUBJECT: 'The resource belongs to the process, not to one thread of it.',
} as const;
