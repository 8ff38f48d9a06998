import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createLsofOwners, parseLsof, parseLsofExe } from "./lsof-owners.ts";

const OUTPUT = `p100
u0
f5
n127.0.0.1:1080->127.0.0.1:50001
p200
u501
f7
n127.0.0.1:50001->127.0.0.1:1080
f8
n[::1]:50002->[::1]:1080
`;
const ends = (address: string, remotePort: number) => ({ local: { address, port: 1080 }, remote: { address, port: remotePort } });

test("the client's end is found, not our own", () => {
  expect(parseLsof(OUTPUT, ends("127.0.0.1", 50_001))).toEqual({ kind: "known", uid: 501, pid: 200 });
  expect(parseLsof(OUTPUT, ends("::1", 50_002))).toEqual({ kind: "known", uid: 501, pid: 200 });
  expect(parseLsof(OUTPUT, ends("127.0.0.1", 50_003))).toBeUndefined();
});

test("a process of another user under the same number is not the program", () => {
  expect(parseLsofExe("p200\nu501\nftxt\nn/usr/bin/curl\nftxt\nn/usr/lib/dyld\n", 501)).toBe("/usr/bin/curl");
  expect(parseLsofExe("p200\nu502\nftxt\nn/usr/bin/curl\n", 501)).toBeUndefined();
});

test("any output is read without throwing", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.constantFrom("p1", "u2", "f3", "n", "n:", "n[->]:1", "n127.0.0.1:5->x", "\n")), (noise, lines) => {
      parseLsof(noise, ends("127.0.0.1", 1));
      parseLsof(lines.join("\n"), ends("127.0.0.1", 1));
      parseLsofExe(lines.join("\n"), 2);
    }),
  );
});

test("where lsof cannot be run, nobody is known", async () => {
  const owners = createLsofOwners(async () => {
    throw new Error("ENOENT");
  });
  expect(await owners.socketOwner(ends("127.0.0.1", 1))).toMatchObject({ kind: "unknown" });
  expect(await owners.programOf({ kind: "known", uid: 1, pid: 1 })).toMatchObject({ kind: "unknown" });
});

const hasLsof = spawnSync("lsof", ["-v"]).error === undefined;

test.runIf(hasLsof)("the real lsof finds this program behind its own connection", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  try {
    await once(client, "connect");
    const { localAddress = "", localPort = 0, remoteAddress = "", remotePort = 0 } = client;
    const owners = createLsofOwners();
    const owner = await owners.socketOwner({
      local: { address: remoteAddress, port: remotePort },
      remote: { address: localAddress, port: localPort },
    });
    expect(owner).toEqual({ kind: "known", uid: process.getuid?.(), pid: process.pid });
    if (owner.kind === "known") expect(await owners.programOf(owner)).toMatchObject({ kind: "known", exe: process.execPath });
  } finally {
    client.destroy();
    server.close();
    await once(server, "close");
  }
});
