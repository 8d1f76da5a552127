// A self-signed X.509 certificate of an RSA or EC key (RFC 5280, section 4.1), as providers publish them for their signing keys.
import { type KeyObject, createPublicKey, randomBytes, sign } from "node:crypto";

export interface CertificateOptions {
  /** The common name. */
  readonly subject: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const day = 86_400_000;
const algorithms = { rsa: sequence(Buffer.from("06092a864886f70d01010b0500", "hex")), ec: sequence(Buffer.from("06082a8648ce3d040302", "hex")) };

/** @returns PEM text */
export function certificateOf(privateKey: KeyObject, { subject, notBefore = new Date(Date.now() - day), notAfter = new Date(Date.now() + 16 * day) }: CertificateOptions): string {
  const algorithm = algorithms[privateKey.asymmetricKeyType as "rsa" | "ec"];
  const name = sequence(node(0x31, sequence(Buffer.from("0603550403", "hex"), node(0x0c, Buffer.from(subject)))));
  const serial = randomBytes(8);
  serial[0] = 1;
  const content = sequence(
    node(0xa0, node(0x02, Buffer.of(2))), node(0x02, serial), algorithm, name, sequence(instant(notBefore), instant(notAfter)), name,
    createPublicKey(privateKey).export({ format: "der", type: "spki" }),
  );
  const der = sequence(content, algorithm, node(0x03, Buffer.of(0), sign("sha256", content, privateKey)));
  return `-----BEGIN CERTIFICATE-----\n${der.toString("base64").replaceAll(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
}

/** A tag, a length and the content (DER). */
function node(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return node(0x30, ...parts);
}

/** UTCTime, which certificates use until 2049. */
function instant(date: Date): Buffer {
  return node(0x17, Buffer.from(`${date.toISOString().replaceAll(/\D/g, "").slice(2, 14)}Z`));
}
