/** One JSON document or NDJSON line: `u64` and `i64` fields as decimal strings, bytes as base64. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) => plain(field));
}

/** A payload as {@link toJson} writes it; most have nothing that needs a replacer, which is slow. */
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
