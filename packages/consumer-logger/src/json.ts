/** One JSON document or NDJSON line: `u64` and `i64` fields as decimal strings, bytes as base64. */
export function toJson(value: unknown): string {
  return escapeJson(JSON.stringify(value, (_key, field: unknown) => plain(field)));
}

// Control characters of C1, line ends of Unicode, and what reorders a line on a screen: JSON allows
// them in strings, and readers of lines or terminals stumble over them.
const steering = /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/;
const allSteering = new RegExp(steering, 'g');

/** The same JSON, with what could break or steer a line as `\uXXXX`; they are inside strings only. */
export function escapeJson(json: string): string {
  if (!steering.test(json)) return json;
  return json.replaceAll(
    allSteering,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A payload as {@link toJson} writes it, before {@link escapeJson}; most have nothing that needs a replacer, which is slow. */
export function payloadJson(payload: Readonly<Record<string, unknown>>): string {
  for (const key in payload) {
    const type = typeof payload[key];
    if (type === 'bigint' || type === 'object') return toJson(payload);
  }
  return JSON.stringify(payload);
}

function plain(field: unknown): unknown {
  if (typeof field === 'bigint') return field.toString();
  return field instanceof Uint8Array ? Buffer.from(field).toString('base64') : field;
}
