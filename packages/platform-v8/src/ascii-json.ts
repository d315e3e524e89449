/**
 * JSON without any character beyond ASCII, as messages to inspectors are written: Node 20 may never
 * answer one to a worker's session that has any, and whatever is queued behind it waits too.
 */
export function toAsciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
