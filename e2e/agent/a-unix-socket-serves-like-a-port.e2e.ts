import fs from "node:fs";
import path from "node:path";
import { canBeAnother, connectionLike, expect, openTunnel, run, runAsAnother, test } from "../rig/index.ts";

test("a Unix socket serves SOCKS5 and HTTP, knows the program, is its owner's alone, and is gone afterwards", async ({ lab }) => {
  const origin = await lab.tcp();
  const agent = await lab.agent({ config: "listeners:\n  local: { kind: proxy, listen: unix:way.sock }\n" });
  const socket = path.join(agent.dir, "way.sock");
  expect(agent.address()).toBe(`unix:${socket}`);
  expect(fs.statSync(socket).mode & 0o077, "what others may do").toBe(0);

  const tunnel = await openTunnel({ path: socket }, { port: origin.port });
  tunnel.write("by socket");
  expect(await tunnel.read(9)).toBe("by socket");
  tunnel.end();
  const connection = await connectionLike(agent, { protocol: "socks5", end: "served" });
  expect(connection).toMatchObject({ pid: process.pid, uid: process.getuid?.(), up: 9, down: 9 });

  const web = await lab.http();
  const curl = await run("curl", ["-s", "--proxy", `socks5h://localhost${socket}`, web.url]);
  expect(curl.stdout).toBe("hello from the origin\n");
  const shown = await connectionLike(agent, { port: web.port, end: "served" });
  expect(shown.program).toMatch(/\/curl$/);
  expect(await agent.stop()).toBe(0);
  expect(fs.existsSync(socket)).toBe(false);
});

test("a socket that a killed agent left behind is taken over", async ({ lab }) => {
  const config = "listeners:\n  local: { kind: proxy, listen: unix:way.sock }\n";
  const first = await lab.agent({ config });
  first.kill("SIGKILL");
  await first.ended;
  const second = await lab.agent({ config, dir: first.dir });
  const origin = await lab.tcp();
  const tunnel = await openTunnel({ path: path.join(second.dir, "way.sock") }, { port: origin.port });
  expect(tunnel.reply).toBe(0);
  tunnel.socket.destroy();
});

test("another user who can reach the socket's directory is kept out by the socket itself", async ({ lab }) => {
  test.skip(!canBeAnother, "SKIPPED LOUDLY: only root can act as another user; run the tests as root to prove this");
  fs.chmodSync(lab.dir, 0o755);
  const agent = await lab.agent({ config: "listeners:\n  local: { kind: proxy, listen: unix:way.sock }\n" });
  fs.chmodSync(agent.dir, 0o755);
  const nc = await runAsAnother("nc.openbsd", ["-N", "-U", path.join(agent.dir, "way.sock")]);
  expect(nc.code).not.toBe(0);
});
