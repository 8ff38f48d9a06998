import type { AuditRecord, ConnectionView } from "../../agent/contract/index.ts";
import { eventually, expect, run, test } from "../rig/index.ts";

const ways = [
  { name: "socks5", args: (proxy: string) => ["-x", `socks5://${proxy}`], protocol: "socks5" },
  { name: "socks5h", args: (proxy: string) => ["-x", `socks5h://${proxy}`], protocol: "socks5" },
  { name: "an HTTP proxy", args: (proxy: string) => ["-x", `http://${proxy}`], protocol: "http" },
  { name: "a CONNECT tunnel", args: (proxy: string) => ["-p", "-x", `http://${proxy}`], protocol: "http" },
];

for (const { name, args, protocol } of ways) {
  test(`curl reaches an origin through ${name}, and the screen shows who, what and how much`, async ({ lab }) => {
    const origin = await lab.http();
    const agent = await lab.agent();
    const curl = await run("curl", ["-sS", "--max-time", "10", ...args(agent.address()), origin.url]);
    expect(curl).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
    const connection = await eventually(async () => {
      const [newest] = await agent.json<ConnectionView[]>(["connections"]);
      expect(newest).toMatchObject({ state: "ended", end: "served", outcome: "allow" });
      expect(newest?.program).toMatch(/\/curl$/);
      return newest;
    });
    expect(connection).toMatchObject({
      protocol,
      host: "127.0.0.1",
      port: origin.port,
      rule: { kind: "policy", name: "own-traffic" },
      backend: "direct",
    });
    expect(connection?.down).toBeGreaterThan("hello from the origin\n".length);
    expect(connection?.up).toBeGreaterThan(0);
  });
}

test("every connection leaves one verdict and one end in a record that verifies", async ({ lab }) => {
  const origin = await lab.http();
  const agent = await lab.agent();
  for (let at = 0; at < 5; at++) await run("curl", ["-sS", "-x", `socks5h://${agent.address()}`, origin.url]);
  const records = await eventually(async () => {
    const { stdout } = await agent.portail(["audit", "--json"]);
    const found = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as AuditRecord);
    expect(found.filter(({ kind }) => kind === "end")).toHaveLength(5);
    return found;
  });
  expect(records.filter(({ kind }) => kind === "verdict")).toHaveLength(5);
  expect(await agent.json(["audit", "verify"])).toMatchObject({ ok: true });
});

test("bytes are counted exactly, both ways", async ({ lab }) => {
  const size = 3_000_000;
  const origin = await lab.tcp((socket) => {
    let seen = 0;
    socket.on("data", (chunk: Buffer) => (seen += chunk.length));
    socket.on("end", () => socket.end(Buffer.alloc(seen / 2)));
  });
  const agent = await lab.agent();
  const nc = await run("nc.openbsd", ["-N", "-X", "5", "-x", agent.address(), "127.0.0.1", String(origin.port)], {
    input: Buffer.alloc(size, "x"),
  });
  expect(nc.stdout.length).toBe(size / 2);
  await eventually(async () => {
    const [newest] = await agent.json<ConnectionView[]>(["connections"]);
    expect(newest).toMatchObject({ up: size, down: size / 2, end: "served" });
  });
});
