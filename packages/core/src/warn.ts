/** Tells the program's developer of a fault that must not become the program's: as a process warning. */
export function warn(what: string, error: unknown): void {
  try {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.emitWarning(`${what}: ${text}`, 'ExtensionEventsWarning');
  } catch {
    // An error that cannot even be printed.
  }
}
