/** One value of DER (X.690 section 10), as far as it is looked into. */
export interface Der {
  /** The identifier octet: class, form and number together. */
  readonly tag: number;
  readonly content: Buffer;
  /** Header and content. */
  readonly raw: Buffer;
}

/** These bytes are not the DER that was expected. */
export class DerMistake extends Error {
  override readonly name = "DerMistake";
}

/** Tags that are met in keys, certificates and messages about them. */
export const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Exactly one value. Throws DerMistake. */
export function readDer(bytes: Uint8Array): Der {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const one = readAt(buffer, 0);
  if (one.raw.length !== buffer.length) throw new DerMistake("bytes follow the value");
  return one;
}

/** The values inside a constructed one. Throws DerMistake. */
export function childrenOf(parent: Der): Der[] {
  const children: Der[] = [];
  for (let at = 0; at < parent.content.length; ) {
    const child = readAt(parent.content, at);
    children.push(child);
    at += child.raw.length;
  }
  return children;
}

/** The child at `index`, which must be there and, with `tag`, be of that kind. Throws DerMistake. */
export function childOf(parent: Der, index: number, tag?: number): Der {
  const child = childrenOf(parent)[index];
  if (child === undefined) throw new DerMistake(`value ${index + 1} is missing`);
  return tag === undefined ? child : expectTag(child, tag);
}

export function expectTag(value: Der, tag: number): Der {
  if (value.tag !== tag) throw new DerMistake(`tag 0x${value.tag.toString(16)} where 0x${tag.toString(16)} is wanted`);
  return value;
}

/** An INTEGER that a count or a size is written as. Throws DerMistake beyond 48 bits. */
export function readSmallInteger(value: Der): number {
  const { content } = expectTag(value, tags.integer);
  if (content.length === 0 || content.length > 6 || (content[0] ?? 0) > 0x7f) throw new DerMistake("an integer that is no count");
  return content.readUIntBE(0, content.length);
}

/** In dots: `1.2.840.113549`. Throws DerMistake. */
export function readOid(value: Der): string {
  const { content } = expectTag(value, tags.oid);
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    if (arc > 0xff_ffff_ffff) throw new DerMistake("an object identifier that is too large");
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first] = arcs;
  if (first === undefined || (content.at(-1) ?? 0x80) >= 0x80) throw new DerMistake("an object identifier that has no end");
  // X.690 section 8.19.4: the first two arcs share a number.
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...arcs.slice(1)].join(".");
}

function readAt(bytes: Buffer, at: number): Der {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new DerMistake("cut off");
  if ((tag & 0x1f) === 0x1f) throw new DerMistake("a tag of more than one byte");
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80) throw new DerMistake("a length that is not told (BER)");
  if (lengthBytes > 4 || at + 2 + lengthBytes > bytes.length) throw new DerMistake("cut off, or too long");
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
  const from = at + 2 + lengthBytes;
  if (from + length > bytes.length) throw new DerMistake("cut off");
  return { tag, content: bytes.subarray(from, from + length), raw: bytes.subarray(at, from + length) };
}
