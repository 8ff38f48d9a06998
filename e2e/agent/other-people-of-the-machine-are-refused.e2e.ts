import fs from "node:fs";
import path from "node:path";
import type { AuditRecord } from "../../agent/contract/index.ts";
import { anotherUid, canBeAnother, eventually, expect, run, runAsAnother, test } from "../rig/index.ts";

const config = `listeners:
  four: { kind: proxy, listen: 127.0.0.1:0 }
  six: { kind: proxy, listen: "[::1]:0" }
  any: { kind: proxy, listen: 127.0.0.1:0, users: any }
  named: { kind: proxy, listen: 127.0.0.1:0, users: [nobody] }
`;

test("another user of the machine is refused on SOCKS5 and HTTP, IPv4 and IPv6, and it is recorded", async ({ lab }) => {
  test.skip(!canBeAnother, "SKIPPED LOUDLY: only root can act as another user; run the tests as root to prove this");
  const origin = await lab.http();
  const agent = await lab.agent({ config });
  for (const listener of ["four", "six"]) {
    const own = await run("curl", ["-s", "-x", `socks5h://${agent.address(listener)}`, origin.url]);
    expect(own.stdout, `the agent's own user on ${listener}`).toBe("hello from the origin\n");
  }
  const seen = origin.seen;
  const incidents: string[] = [];
  for (const listener of ["four", "six"]) {
    const socks = await runAsAnother("curl", ["-sS", "--max-time", "10", "-x", `socks5h://${agent.address(listener)}`, origin.url]);
    expect(socks, `SOCKS5 on ${listener}`).toMatchObject({ code: 97, stdout: "" });
    const http = await runAsAnother("curl", ["-s", "--max-time", "10", "-x", `http://${agent.address(listener)}`, origin.url]);
    const problem = JSON.parse(http.stdout) as { incident: string };
    expect(problem, `HTTP on ${listener}`).toMatchObject({ code: "ACCEPT_OTHER_USER", status: 403 });
    incidents.push(problem.incident);
  }
  expect(origin.seen).toBe(seen);
  const refused = await eventually(async () => {
    const { stdout } = await agent.portail(["audit", "--text", "caller_refused", "--json"]);
    const found = stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as AuditRecord]));
    expect(found).toHaveLength(4);
    return found;
  });
  for (const { kind, body } of refused) {
    expect(kind).toBe("event");
    expect(body["detail"]).toMatchObject({ code: "ACCEPT_OTHER_USER", uid: anotherUid });
  }
  expect(refused.map(({ incident }) => incident)).toEqual(expect.arrayContaining(incidents));
  const told = await agent.portail(["explain", incidents[0] ?? ""]);
  expect(told.stdout).toContain(`user ${anotherUid} is not among this listener's users`);
});

test("`users: any` serves everybody, and a list serves those whom it names and nobody else", async ({ lab }) => {
  test.skip(!canBeAnother, "SKIPPED LOUDLY: only root can act as another user; run the tests as root to prove this");
  const origin = await lab.http();
  const agent = await lab.agent({ config });
  const answer = (listener: string) => ["-s", "--max-time", "10", "-x", `socks5h://${agent.address(listener)}`, origin.url];
  expect((await runAsAnother("curl", answer("any"))).stdout).toBe("hello from the origin\n");
  expect((await runAsAnother("curl", answer("named"))).stdout).toBe("hello from the origin\n");
  expect((await run("curl", answer("named"))).stdout).toBe("");
});

test("another user can read neither the state directory nor the control socket", async ({ lab }) => {
  test.skip(!canBeAnother, "SKIPPED LOUDLY: only root can act as another user; run the tests as root to prove this");
  fs.chmodSync(lab.dir, 0o755);
  const agent = await lab.agent();
  fs.chmodSync(agent.dir, 0o755);
  const listed = await runAsAnother("ls", [agent.stateDir]);
  expect(listed.code).not.toBe(0);
  for (const entry of fs.readdirSync(agent.stateDir, { recursive: true, encoding: "utf8" })) {
    const mode = fs.lstatSync(path.join(agent.stateDir, entry)).mode & 0o077;
    expect(mode, `what others may do with ${entry}`).toBe(0);
  }
});
