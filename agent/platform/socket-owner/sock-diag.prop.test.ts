import fc from "fast-check";
import { expect, test } from "vitest";
import { findRow, formatRowKey } from "./proc-net.ts";
import { parseDiagAnswer, writeDiagRequest } from "./sock-diag.ts";
import { parseAddress, type SocketKey, socketKeyOf } from "./socket-key.ts";

const port = fc.integer({ min: 1, max: 65_535 });
const ipv4Key = fc.record({ family: fc.constant<4>(4), source: bytes(4), sourcePort: port, destination: bytes(4), destinationPort: port });
const ipv6Key = fc.record({
  family: fc.constant<6>(6),
  source: bytes(16),
  sourcePort: port,
  destination: bytes(16),
  destinationPort: port,
});
const anyKey: fc.Arbitrary<SocketKey> = fc.oneof(ipv4Key, ipv6Key);

function bytes(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

/** The kernel's answer about a socket, as `sock_diag(7)` lays it out. */
function answerAbout(key: SocketKey, row: { readonly uid: number; readonly inode: number }, sequence: number): Buffer {
  const answer = Buffer.alloc(88);
  answer.writeUInt32LE(88, 0);
  answer.writeUInt16LE(20, 4);
  answer.writeUInt32LE(sequence, 8);
  answer[16] = key.family === 4 ? 2 : 10;
  answer.writeUInt16BE(key.sourcePort, 20);
  answer.writeUInt16BE(key.destinationPort, 22);
  answer.set(key.source, 24);
  answer.set(key.destination, 40);
  answer.writeUInt32LE(row.uid, 80);
  answer.writeUInt32LE(row.inode, 84);
  return answer;
}

const uint32 = fc.integer({ min: 0, max: 0xffffffff });

test("an answer about the asked connection gives its owner", () => {
  fc.assert(
    fc.property(anyKey, uint32, uint32, uint32, (key, uid, inode, sequence) => {
      expect(parseDiagAnswer(answerAbout(key, { uid, inode }, sequence), key, sequence)).toEqual({ kind: "row", row: { uid, inode } });
    }),
  );
});

test("an answer about another connection gives no owner", () => {
  fc.assert(
    fc.property(anyKey, fc.integer({ min: 0, max: 35 }), (key, flip) => {
      const answer = answerAbout(key, { uid: 0, inode: 1 }, 7);
      const places = [20, 21, 22, 23, ...key.source.map((_, index) => 24 + index), ...key.destination.map((_, index) => 40 + index)];
      const at = places[flip % places.length] ?? 20;
      answer[at] = (answer[at] ?? 0) ^ 1;
      expect(parseDiagAnswer(answer, key, 7)).toEqual({ kind: "none" });
    }),
  );
});

test("any bytes and any cut of an answer are read without throwing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), anyKey, (answer, key) => {
      const { kind } = parseDiagAnswer(Buffer.from(answer), key, 1);
      expect(["row", "none", "trouble"]).toContain(kind);
    }),
  );
  fc.assert(
    fc.property(anyKey, fc.integer({ min: 0, max: 87 }), (key, length) => {
      expect(parseDiagAnswer(answerAbout(key, { uid: 5, inode: 6 }, 1).subarray(0, length), key, 1).kind).not.toBe("row");
    }),
  );
});

test("a question carries the asked addresses and no extension", () => {
  fc.assert(
    fc.property(anyKey, uint32, (key, sequence) => {
      const request = Buffer.alloc(72, 0xaa);
      writeDiagRequest(request, key, sequence);
      expect(request.readUInt32LE(0)).toBe(72);
      expect(request.readUInt32LE(8)).toBe(sequence);
      expect(request.readUInt16BE(24)).toBe(key.sourcePort);
      expect([...request.subarray(28, 28 + key.source.length)]).toEqual([...key.source]);
      expect([...request.subarray(44, 44 + key.destination.length)]).toEqual([...key.destination]);
      expect(request[18]).toBe(0);
    }),
  );
});

test("a row is found in any table by its key, and its absence is noticed", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyKey, { minLength: 1, maxLength: 20, selector: (key) => formatRowKey(key) }),
      uint32,
      uint32,
      (keys, uid, inode) => {
        const rows = keys.map(
          (key, index) =>
            `${index}: ${formatRowKey(key)} 01 00000000:00000000 00:00000000 00000000 ${uid + index}        0 ${inode + index} 1 0`,
        );
        const [first, ...others] = rows;
        const [key] = keys;
        if (key === undefined || first === undefined) return;
        expect(findRow(Buffer.from(`  sl  local_address\n${rows.join("\n")}\n`), formatRowKey(key))).toEqual({ uid, inode });
        expect(findRow(Buffer.from(`${others.join("\n")}\n`), formatRowKey(key))).toBeUndefined();
      },
    ),
  );
});

test("any bytes are read as a table without throwing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), ipv4Key, fc.boolean(), (noise, key, withKey) => {
      const table = withKey ? Buffer.concat([Buffer.from(` ${formatRowKey(key)} `), noise]) : Buffer.from(noise);
      const row = findRow(table, formatRowKey(key));
      expect(row === undefined || (Number.isSafeInteger(row.uid) && Number.isSafeInteger(row.inode))).toBe(true);
    }),
  );
});

test("an address is read as the system writes it, and IPv4 in IPv6 dress is IPv4", () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(parseAddress(address)).toEqual(Uint8Array.from(address.split("."), Number));
      expect(parseAddress(`::ffff:${address}`)).toEqual(parseAddress(address));
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const parsed = parseAddress(address);
      expect(parsed === undefined || parsed.length === 16 || parsed.length === 4).toBe(true);
    }),
  );
  fc.assert(
    fc.property(bytes(16), (address) => {
      const text = Buffer.from(address).toString("hex").match(/.{4}/g)?.join(":") ?? "";
      const isMapped = address.subarray(0, 10).every((byte) => byte === 0) && address[10] === 0xff && address[11] === 0xff;
      if (!isMapped) expect(parseAddress(text)).toEqual(address);
    }),
  );
});

test("ends that are not two addresses of one family are no connection", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer(), (local, remote, anyPort) => {
      const key = socketKeyOf({ local: { address: local, port: anyPort }, remote: { address: remote, port: anyPort } });
      expect(key === undefined || key.source.length === key.destination.length).toBe(true);
    }),
  );
  expect(socketKeyOf({ local: { address: "127.0.0.1", port: 1 }, remote: { address: "::1", port: 2 } })).toBeUndefined();
});
