/** Codes with which an attach is refused or fails. They are permanent; compare `error.code`. */
export const attachErrorCodes = {
  EE_NO_PROCESS: 'There is no such process, or it ended during the attach.',
  EE_NOT_NODE: 'The process does not run Node.js.',
  EE_NODE_TOO_OLD: 'The Node.js of the process is too old for the agent.',
  EE_OTHER_NAMESPACE:
    'The process lives in another mount, pid or network namespace or root directory.',
  EE_ATTACH_SELF: 'A process cannot be attached to from within itself.',
  EE_ATTACH_PERMISSION: 'The process belongs to somebody else.',
  EE_ATTACH_STOPPED: 'The process is stopped, by a signal or by a tracer.',
  EE_ATTACH_BLOCKED: 'The main thread stays inside a blocking call.',
  EE_ATTACH_LOCKED: 'Other attaches held the machine-wide lock for too long.',
  EE_ATTACH_SIGUSR1_DISABLED: 'The process does not take the signal that opens its inspector.',
  EE_ATTACH_SIGUSR1_HANDLED: 'The signal did not open an inspector; the program handles it itself.',
  EE_ATTACH_PORT_BUSY: 'The port on which the process would open its inspector is taken.',
  EE_ATTACH_INSPECTOR: 'The inspector of the process opened but did not answer.',
  EE_ATTACH_REFUSED: 'The process refused to start the agent thread.',
  EE_ATTACH_AGENT: 'The agent thread started but its socket never accepted a connection.',
  EE_ATTACH_AGENT_FILE: 'The file of the agent thread cannot be read by the process.',
  EE_ATTACH_PORT_OPEN: 'The inspector that was opened for the attach could not be closed again.',
  EE_ATTACH_TIMEOUT: 'The attach took longer than it was allowed to.',
  EE_ATTACH_ABORTED: 'The caller gave the attach up.',
} as const;

/** One of {@link attachErrorCodes}. */
export type AttachErrorCode = keyof typeof attachErrorCodes;
