/** Codes of the command line itself; `ExtensionEventError` carries them. */
export const cliErrorCodes = {
  EE_USAGE: 'The command line does not make sense.',
  EE_NAME_UNKNOWN: 'No process has that name, or more than one.',
  EE_COMMAND_START: 'The command after -- could not be started.',
  EE_COMMAND_ENDED: 'The command after -- ended before anybody could listen to it.',
  EE_COMMAND_NOT_NODE: 'The command after -- is no Node.js program.',
  EE_PLATFORM: 'The operating system is not Linux.',
  EE_PLUGIN: 'An installed plugin could not be read.',
  EE_OUTPUT: 'Standard output cannot be written to.',
  EE_SCRIPT_FILE: 'A script file cannot be read, or is no text.',
  EE_FAULT: 'A fault of extev itself.',
} as const;
