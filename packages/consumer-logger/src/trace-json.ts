/**
 * JSON that the Perfetto UI reads as `JSON.parse` does. Its parser is its own: it takes no escaped
 * surrogates, and reads the digits of a number into 64 bits.
 *
 * @see google/perfetto, src/trace_processor/util/json_parser.h
 */
export function toTraceJson(json: string): string {
  const whole = json.includes('\\ud') ? replaceSurrogates(json) : json;
  return /\d{19}/.test(whole) ? shortenNumbers(whole) : whole;
}

// `JSON.stringify` escapes surrogates that are alone, as cut text has them. For one in the name of an
// event Perfetto refuses the whole file, and over one in the name of a thread it never ends.
function replaceSurrogates(json: string): string {
  return json.replaceAll(/\\(?:ud[89a-f][0-9a-f]{2}|.)/g, (escape) =>
    escape.length > 2 ? String.raw`\ufffd` : escape,
  );
}

// 0.00012345678901234567 would be shown as 0.0015896…: an exponent leaves fewer digits.
function shortenNumbers(json: string): string {
  return json.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') || !/\d{19}/.test(token) ? token : Number(token).toExponential(),
  );
}
