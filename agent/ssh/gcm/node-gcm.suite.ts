import { createCipheriv, createDecipheriv } from "node:crypto";

/** RFC 5647 by Node's own ciphers, an object for each packet: what ours is judged by. */
export interface NodeGcm {
  readonly name: "aes-128-gcm" | "aes-256-gcm";
  readonly key: Buffer;
  readonly iv: Buffer;
}

/** The IV of the packet with this number: the last eight bytes count (RFC 5647 section 7.1). */
function ivOf({ iv }: NodeGcm, number: number): Buffer {
  const own = Buffer.from(iv);
  own.writeBigUInt64BE(BigInt.asUintN(64, iv.readBigUInt64BE(4) + BigInt(number)), 4);
  return own;
}

/** Length, body and tag of one packet. */
export function sealedByNode(gcm: NodeGcm, number: number, payload: Buffer): Buffer {
  const padding = 16 - ((payload.length + 1) % 16) + (payload.length % 16 > 10 ? 16 : 0);
  const body = Buffer.concat([Buffer.from([padding]), payload, Buffer.alloc(padding, 7)]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  const cipher = createCipheriv(gcm.name, gcm.key, ivOf(gcm, number)).setAAD(head);
  return Buffer.concat([head, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
}

/** The body of one packet; throws when its tag is wrong. */
export function openedByNode(gcm: NodeGcm, number: number, packet: Buffer): Buffer {
  const decipher = createDecipheriv(gcm.name, gcm.key, ivOf(gcm, number)).setAAD(packet.subarray(0, 4)).setAuthTag(packet.subarray(-16));
  return Buffer.concat([decipher.update(packet.subarray(4, -16)), decipher.final()]);
}
