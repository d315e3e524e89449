/** Pure: what the kernel's own way of printing a tracepoint says of its fields; Documentation/core-api/printk-formats.rst. */

/** Bytes that are an address of the internet: IPv4, IPv6, or a socket address with its port. */
export type AddressKind = 'ipv4' | 'ipv6' | 'socket';

const directive = /%%|%[-+ #0]*\d*(?:\.\d+)?(?:hh|h|ll|l|z)?(pI4|pI6c?|pIS[a-z]*|p[A-Za-z]*|[A-Za-z])/g; // prettier-ignore
const longest = 8000;

/** Fields that are printed as addresses: `"saddr=%pI4", REC->saddr`. */
export function findAddresses(text: string): ReadonlyMap<string, AddressKind> {
  const found = new Map<string, AddressKind>();
  const [whole, format = ''] = /^\s*print fmt: "((?:[^"\\]|\\.)*)",?/.exec(text.slice(0, longest)) ?? []; // prettier-ignore
  if (whole === undefined || !format.includes('%pI')) return found;
  const kinds = [...format.matchAll(directive)].filter(([each]) => each !== '%%').map(([, kind = '']) => kind); // prettier-ignore
  for (const [i, argument] of splitArguments(text.slice(whole.length, longest)).entries()) {
    const field = /^\s*REC->(\w+)\s*$/.exec(argument)?.[1];
    const kind = kindOf(kinds[i] ?? '');
    if (field !== undefined && kind !== undefined) found.set(field, kind);
  }
  return found;
}

function kindOf(printed: string): AddressKind | undefined {
  if (printed === 'pI4') return 'ipv4';
  if (printed.startsWith('pI6')) return 'ipv6';
  return printed.startsWith('pIS') ? 'socket' : undefined;
}

/** At commas outside of parentheses and quotes. */
function splitArguments(text: string): string[] {
  const split = [''];
  let depth = 0;
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && /[({[]/.test(character)) depth++;
    else if (!isQuoted && /[)}\]]/.test(character)) depth--;
    if (character === ',' && depth === 0 && !isQuoted) split.push('');
    else split[split.length - 1] += character;
  }
  return split;
}
