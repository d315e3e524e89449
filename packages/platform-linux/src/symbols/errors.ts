/** Codes that the symbols door throws or reports. They are permanent; compare `error.code`. */
export const symbolsErrorCodes = {
  EE_ELF_READ: 'A file that should hold symbols could not be read.',
  EE_ELF_FORMAT: 'A file is not an ELF file of a kind that we read, or it is damaged.',
  EE_SYMBOL_UNKNOWN: 'No symbol, module or source line of that name.',
  EE_SYMBOL_AMBIGUOUS: 'The text means several places.',
  EE_SYMBOL_OUTSIDE: 'The offset leads out of the function.',
  EE_SYMBOLIZER: 'The symbolizer child process is missing, died or does not answer.',
  EE_KALLSYMS: 'The kernel hides the addresses of its symbols.',
} as const;
