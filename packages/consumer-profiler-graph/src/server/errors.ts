import { ExtensionEventError } from '@extension-events/core';

/** Codes of the web server of the watcher; those of sessions and scripts are handed on as they come. */
export const watchErrorCodes = {
  EE_WATCH_PORT: 'The port cannot be listened on.',
  EE_WATCH_PAGE_FILES: 'The files of the web page are missing from the package.',
  EE_WATCH_HOST: 'The request names another host than this server: a sign of DNS rebinding.',
  EE_WATCH_ORIGIN: 'The request comes from a page of somebody else.',
  EE_WATCH_METHOD: 'There is nothing to change by plain requests: all goes through the web socket.',
  EE_WATCH_MESSAGE: 'A message of the page cannot be understood.',
  EE_WATCH_LIMIT: 'A page asks for more at once than it is given.',
  EE_WATCH_CONTROL: 'Stopping threads from the page was not allowed when the watcher was started.',
  EE_WATCH_SCRIPTS: 'This watcher runs no scripts.',
  EE_WATCH_PROCESS: 'The process is not attached in this session.',
  EE_WATCH_SCRIPT_UNKNOWN: 'No script of that number is running.',
  EE_WATCH_EXPORT: 'There is no flame graph to export.',
} as const;

export type WatchErrorCode = keyof typeof watchErrorCodes;

/** One of the server's own errors. */
export function watchError(
  code: WatchErrorCode,
  message: string,
  hint: string,
  options?: ErrorOptions,
): ExtensionEventError {
  return new ExtensionEventError(code, message, hint, options);
}

/** An error as it travels to the page. */
export interface PlainError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Whatever was thrown, for the page: what has no code is a fault of ours, and says no more than that. */
export function toPlainError(error: unknown): PlainError {
  const { code, hint, message } = (error ?? {}) as Partial<Record<keyof PlainError, unknown>>;
  if (typeof code === 'string' && code.startsWith('EE_'))
    return { code, message: String(message), hint: typeof hint === 'string' ? hint : '' };
  const text = error instanceof Error ? error.message : String(error);
  return { code: 'EE_FAULT', message: text, hint: 'This is a fault of the watcher; please report it.' }; // prettier-ignore
}
