/** Pure: addresses of the internet as people write them. */
import type { AddressKind } from './print-format.ts';

const inet = 2;
const inet6 = 10;

/** `127.0.0.1`, `::1`, `127.0.0.1:8080`, `[::1]:8080`; empty when the bytes are no address. */
export function addressText(bytes: Uint8Array, kind: AddressKind): string {
  if (kind === 'ipv4') return bytes.length < 4 ? '' : bytes.slice(0, 4).join('.');
  if (kind === 'ipv6') return bytes.length < 16 ? '' : ipv6(bytes.slice(0, 16));
  // struct sockaddr_in, sockaddr_in6: family as the CPU has it, port as the network has it.
  const family = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  const port = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  if (family === inet && bytes.length >= 8) return `${bytes.slice(4, 8).join('.')}:${port}`;
  return family === inet6 && bytes.length >= 24 ? `[${ipv6(bytes.slice(8, 24))}]:${port}` : '';
}

function ipv6(bytes: Uint8Array): string {
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255; // prettier-ignore
  if (isMapped) return `::ffff:${bytes.slice(12).join('.')}`;
  const groups = Array.from({ length: 8 }, (_, i) => (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16)); // prettier-ignore
  // RFC 5952: the first of the longest runs of zeros, of two groups at least, is left out.
  const text = groups.join(':');
  const runs = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)];
  const run = runs.toSorted((a, b) => b[0].length - a[0].length)[0];
  if (run === undefined) return text;
  const before = text.slice(0, run.index).replace(/:$/, '');
  const after = text.slice(run.index + run[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}
