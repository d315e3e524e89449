/** For tests: a certificate for localhost, signed by itself, made anew for each run. */
import { generateKeyPairSync, sign } from 'node:crypto';

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]; // prettier-ignore
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
const ascii = (tag: number, text: string): Buffer => der(tag, Buffer.from(text, 'ascii'));
const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const integer = (value: number): Buffer => der(0x02, Buffer.from([value]));

function makeCertificate(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(der(0x31, sequence(objectId('550403'), ascii(0x0c, 'localhost'))));
  const signature = sequence(objectId('2a8648ce3d040302')); // ecdsa-with-SHA256
  const isAuthority = sequence(objectId('551d13'), der(0x04, sequence(der(0x01, Buffer.from([255])))));
  const alternativeNames = sequence(
    objectId('551d11'),
    der(0x04, sequence(ascii(0x82, 'localhost'), der(0x87, Buffer.from([127, 0, 0, 1])))),
  );
  const body = sequence(
    der(0xa0, integer(2)),
    integer(1),
    signature,
    name,
    sequence(ascii(0x17, '200101000000Z'), ascii(0x18, '22000101000000Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(isAuthority, alternativeNames)),
  );
  const signed = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  const base64 = sequence(body, signature, signed).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
} // prettier-ignore

export const certificate: { readonly key: string; readonly cert: string } = makeCertificate();
