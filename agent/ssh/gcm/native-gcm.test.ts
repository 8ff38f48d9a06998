import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import path from "node:path";
import fc from "fast-check";
import type { SshCipher, SshDecipher } from "ssh2";
import { beforeAll, describe, expect, it } from "vitest";
import { GcmOpener } from "./gcm-opener.ts";
import { GcmSealer } from "./gcm-sealer.ts";
import { loadNativeGcm, type NativeGcm } from "./native-gcm.ts";
import { type NodeGcm, openedByNode, sealedByNode } from "./node-gcm.suite.ts";

const root = path.resolve(import.meta.dirname, "../../..");
let gcm: NativeGcm;

beforeAll(() => {
  execFileSync(process.execPath, [path.join(root, "build/scripts/native.mjs")]);
  const loaded = loadNativeGcm(path.join(root, "out/native/ssh-gcm.node"));
  if (loaded === undefined) throw new Error("the native part was not built");
  gcm = loaded;
});

/** With a counter that carries into the byte before the last two after 3 packets. */
const keys: readonly NodeGcm[] = [
  { name: "aes-128-gcm", key: randomBytes(16), iv: Buffer.from("0102030405060708090afffd", "hex") },
  { name: "aes-256-gcm", key: randomBytes(32), iv: Buffer.from("01020304fffffffffffffffd", "hex") },
];

function sealer({ name, key, iv }: NodeGcm) {
  const written: Buffer[] = [];
  const its = { _encSSLName: name, _encKey: key, _encIV: iv, outSeqno: 0xffff_ffff, _onWrite: (bytes: Buffer) => void written.push(bytes) };
  return { written, sealer: new GcmSealer(gcm, its as Required<SshCipher>) };
}

function opener({ name, key, iv }: NodeGcm, answer?: (payload: Buffer) => number | false | undefined) {
  const payloads: Buffer[] = [];
  const take = (payload: Buffer) => {
    payloads.push(payload);
    return answer?.(payload);
  };
  const its = { _decipherSSLName: name, _decipherKey: key, _decipherIV: iv, inSeqno: 0, _onPayload: take };
  return { payloads, opener: new GcmOpener(gcm, its as unknown as Required<SshDecipher>) };
}

const sizes = [1, 10, 11, 12, 26, 27, 28, 100, 32_768 + 9];

describe.each(keys)("$name", (node) => {
  it("is what Node's own cipher reads, packet after packet", () => {
    const { sealer: ours, written } = sealer(node);
    for (const [number, size] of sizes.entries()) {
      const payload = randomBytes(size);
      const packet = ours.allocPacket(size);
      packet.set(payload, 5);
      ours.encrypt(packet);
      const body = openedByNode(node, number, written[number] ?? Buffer.alloc(0));
      const padding = body[0] ?? 0;
      expect(body.length % 16).toBe(0);
      expect(padding).toBeGreaterThanOrEqual(4);
      expect(body.subarray(1, body.length - padding)).toEqual(payload);
    }
    expect(ours.outSeqno).toBe(sizes.length - 1);
  });

  it("pads with other bytes each time", () => {
    const paddings = [0, 1].map(() => {
      const { sealer: ours, written } = sealer(node);
      const packet = ours.allocPacket(1).fill(0, 5);
      ours.encrypt(packet);
      return openedByNode(node, 0, written[0] ?? packet).toString("hex");
    });
    expect(paddings[0]).not.toBe(paddings[1]);
  });

  it("reads what Node's own cipher writes, in whatever pieces it comes", () => {
    const payloads = sizes.map((size) => randomBytes(size));
    const bytes = Buffer.concat(payloads.map((payload, number) => sealedByNode(node, number, payload)));
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 20_000 })), { maxLength: 40 }), (cuts) => {
        const { opener: ours, payloads: got } = opener(node);
        let at = 0;
        for (const length of [...cuts, bytes.length]) {
          // In a piece of somebody else's memory, which is overwritten at once.
          const lent = Buffer.concat([Buffer.alloc(3), bytes.subarray(at, at + length)]);
          if (lent.length > 3) expect(ours.decrypt(lent, 3, lent.length)).toBeUndefined();
          lent.fill(0xee);
          at += length;
        }
        expect(got.map((one) => one.toString("hex"))).toEqual(payloads.map((one) => one.toString("hex")));
        expect(ours.inSeqno).toBe(sizes.length);
      }),
      { numRuns: 60 },
    );
  });

  it("gives nothing out of a packet that was changed in any byte", () => {
    const good = sealedByNode(node, 0, randomBytes(20));
    for (let at = 0; at < good.length; at += 1) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 1;
      const { opener: ours, payloads } = opener(node);
      // A length may now promise more than there is, and waits for it.
      if (at === 0 || at > 3) expect(() => ours.decrypt(bad, 0, bad.length)).toThrow();
      else expect(() => void (ours.decrypt(bad, 0, bad.length), ours.decrypt(Buffer.alloc(70_000), 0, 70_000))).toThrow();
      expect(payloads).toEqual([]);
    }
  });

  it("refuses a packet that comes twice", () => {
    const packet = sealedByNode(node, 0, randomBytes(20));
    const { opener: ours } = opener(node);
    ours.decrypt(packet, 0, packet.length);
    expect(() => ours.decrypt(packet, 0, packet.length)).toThrow("changed");
  });
});

const [node] = keys as readonly [NodeGcm];

describe("the way in", () => {
  it("stops where the listener says, and says where that was", () => {
    const packets = Buffer.concat([sealedByNode(node, 0, Buffer.from("one")), sealedByNode(node, 1, Buffer.from("two"))]);
    const { opener: ours, payloads } = opener(node, () => false);
    expect(ours.decrypt(packets, 0, packets.length)).toBe(packets.length / 2);
    expect(payloads.map(String)).toEqual(["one"]);
    const other = opener(node, () => 7);
    expect(other.opener.decrypt(packets, 0, packets.length)).toBe(7);
  });

  it.each([0, 8, 15, 17, 34_992, 0x7fff_fff0, 0xffff_fff0])("refuses a packet that says it has %d bytes", (length) => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(length);
    expect(() => opener(node).opener.decrypt(head, 0, 4)).toThrow("length");
    expect(() => byteByByte(head)).toThrow("length");
  });
});

/** As slowly as a network can bring it. */
function byteByByte(bytes: Buffer): void {
  const { opener: ours } = opener(node);
  for (let at = 0; at < bytes.length; at += 1) ours.decrypt(bytes, at, at + 1);
  ours.decrypt(Buffer.alloc(1), 0, 1);
}

it("writes nothing any more when it is freed", () => {
  const { sealer: ours, written } = sealer(node);
  ours.free();
  ours.encrypt(ours.allocPacket(1));
  expect(written).toEqual([]);
});

it("is not there where it was not built", () => {
  expect(loadNativeGcm("/nonexistent/ssh-gcm.node")).toBeUndefined();
});

describe("what is written in C", () => {
  const key = Buffer.alloc(16);
  const iv = Buffer.alloc(12);
  const packet = () => Buffer.alloc(4 + 16 + 16);
  type Words = readonly unknown[];
  const call = (name: keyof NativeGcm, words: Words) => (gcm[name] as (...given: Words) => unknown)(...words);

  it.each<[string, keyof NativeGcm, () => Words]>([
    ["no key", "createSealer", () => []],
    ["a key of another length", "createSealer", () => [Buffer.alloc(24), iv]],
    ["a key that is no memory", "createOpener", () => ["0123456789abcdef", iv]],
    ["an IV of another length", "createOpener", () => [key, Buffer.alloc(16)]],
    ["no packet", "seal", () => [gcm.createSealer(key, iv)]],
    ["an opener that should seal", "seal", () => [gcm.createOpener(key, iv), packet()]],
    ["something else that should seal", "seal", () => [{}, packet()]],
    ["a packet without room for a tag", "seal", () => [gcm.createSealer(key, iv), Buffer.alloc(35)]],
    ["a packet beyond all sizes", "seal", () => [gcm.createSealer(key, iv), Buffer.alloc(300_000)]],
    ["padding longer than its packet", "seal", () => [gcm.createSealer(key, iv), packet().fill(16, 4, 5)]],
    ["a sealer that should open", "open", () => [gcm.createSealer(key, iv), packet(), 0, Buffer.alloc(16)]],
    ["a place beyond the piece", "open", () => [gcm.createOpener(key, iv), packet(), 37, Buffer.alloc(16)]],
    ["a packet that is not all there", "open", () => [gcm.createOpener(key, iv), packet(), 1, Buffer.alloc(16)]],
    ["no room", "open", () => [gcm.createOpener(key, iv), packet(), 0, Buffer.alloc(0)]],
    ["no place", "open", () => [gcm.createOpener(key, iv), packet(), "0", Buffer.alloc(16)]],
  ])("refuses %s", (_what, name, words) => {
    expect(() => call(name, words())).toThrow();
  });

  it("leaves nothing of a changed packet behind", () => {
    const target = Buffer.alloc(16, 9);
    expect(gcm.open(gcm.createOpener(key, iv), packet(), 0, target)).toBe(false);
    expect(target).toEqual(Buffer.alloc(16));
  });
});
