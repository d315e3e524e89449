/** Codes that `core` throws or counts. They are permanent; compare `error.code`, never the class. */
export const coreErrorCodes = {
  EE_NAME: 'The event name does not follow the grammar.',
  EE_PATTERN: 'The pattern does not follow the grammar.',
  EE_FIELDS: 'The descriptor of an event type is not valid.',
  EE_SCHEMA_CONFLICT: 'The name is registered already, with another schema.',
  EE_TYPE_LIMIT: 'The flag block of this thread has no free word.',
  EE_LISTEN_LIMIT: 'A recorded listen names no slot of the ring.',
  EE_REQUEST: 'The parameters of a requested event type are not valid.',
  EE_ARM_FAILED: 'The source of a requested event type could not be armed.',
  EE_CORE_MISMATCH: 'Another copy of core with a foreign layout owns this thread.',
} as const;

/**
 * The one error class. `code` is permanent and searchable, `message` says what happened with real
 * values, `hint` is the next action.
 */
export class ExtensionEventError extends Error {
  override readonly name = 'ExtensionEventError';
  readonly code: string;
  readonly hint: string;

  constructor(code: string, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }

  /** `CODE: message` and, on a line of its own, `hint: …`; what every tool prints. */
  override toString(): string {
    return `${this.code}: ${this.message}\nhint: ${this.hint}`;
  }
}
