/** Codes of this producer. They are permanent; compare `error.code`, never the class. */
export const breakpointErrorCodes = {
  EE_BREAKPOINT_UNSUPPORTED: 'This machine or this Node cannot set breakpoints of this kind.',
  EE_BREAKPOINT_LOCATION: 'The location is not one that breakpoints of this kind understand.',
  EE_BREAKPOINT_AMBIGUOUS: 'The location means too many places.',
  EE_BREAKPOINT_CAPTURE:
    'A capture is more than a name, or names what this kind of breakpoint cannot read.',
  EE_BREAKPOINT_METHOD: 'The chosen method cannot be used for this location.',
  EE_BREAKPOINT_NO_THREAD: 'The armed thread is not among those that this source sees.',
  EE_STEP_THREAD: 'Steps need one thread, and none was chosen.',
  EE_STEP_SCRIPTED: 'The thread runs JavaScript, whose statements a debugger steps.',
  EE_STEP_TRACED: 'Another tracer holds the thread.',
  EE_STEP_BLOCK_ABSENT: 'The CPU, as this machine shows it, does not step from branch to branch.',
  EE_BRANCH_BUFFER_ABSENT: 'The CPU, as this machine shows it, records no branches.',
  EE_BRANCH_BUFFER_UNREAD: 'The CPU records branches, in a form that this release does not read.',
} as const;
