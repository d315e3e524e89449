/** Codes of the door `./tracefs`. They are permanent; compare `error.code`, never the class. */
export const tracefsErrorCodes = {
  EE_TRACEFS_ABSENT: 'This system has no tracefs.',
  EE_TRACEFS_PERMISSION: 'This user may not read tracefs, and no tracepoints were exported.',
  EE_TRACEFS_RELEASE: 'The exported tracepoints are of another kernel.',
  EE_TRACEFS_EXPORT: 'The file of exported tracepoints is damaged, or cannot be written.',
  EE_TRACEPOINT_UNKNOWN: 'This kernel has no such tracepoint.',
  EE_TRACEPOINT_FILTER: 'The kernel cannot filter by this comparison.',
} as const;

/** What makes tracepoints known to users who may not read tracefs. */
export const exportHint = 'Run `extev doctor --export-tracepoints` once as root.';
