/** Codes of the command line itself; `ExtensionEventError` carries them. */
export const cliErrorCodes = {
  EE_USAGE: 'The command line does not make sense.',
  EE_NAME_UNKNOWN: 'No process has that name, or more than one.',
  EE_COMMAND_START: 'The command to be started could not be started.',
  EE_PLUGIN: 'An installed plugin could not be read.',
} as const;
