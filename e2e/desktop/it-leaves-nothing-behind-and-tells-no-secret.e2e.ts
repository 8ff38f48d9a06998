import fs from "node:fs";
import path from "node:path";
import { startTcpOrigin } from "../rig/origins.ts";
import { openTunnel } from "../rig/index.ts";
import { agentsOn, expect, readProc, test } from "./fixtures.ts";

test("kill -9 of the application leaves no agent behind, even one that carries a connection", async ({ desktop }) => {
  const { listeners } = await desktop.status();
  const origin = await startTcpOrigin();
  try {
    const tunnel = await openTunnel(Number(listeners[0]?.addresses[0]?.split(":").at(-1)), { port: origin.port });
    expect(tunnel.reply).toBe(0);
    expect(agentsOn(desktop.stateDir)).toHaveLength(1);
    process.kill(desktop.pid, "SIGKILL");
    tunnel.end();
    await expect.poll(() => agentsOn(desktop.stateDir), { timeout: 20_000 }).toEqual([]);
  } finally {
    await origin.close();
  }
});

test("the secret between application and agent is in no command line, no environment and no file", async ({ desktop, window }) => {
  await desktop.status();
  await expect(window.getByRole("navigation").first()).toBeVisible();
  const secrets = await desktop.drawnSecrets();
  expect(secrets.length).toBeGreaterThan(0);
  const [agent] = agentsOn(desktop.stateDir);
  expect(readProc(agent ?? 0, "environ")).toContain("PATH=");
  const told = [...processTexts(), ...fileTexts(path.dirname(desktop.stateDir))];
  expect(told.length).toBeGreaterThan(20);
  for (const secret of secrets) {
    const raw = Buffer.from(secret, "hex").toString("latin1");
    expect(told.filter(({ text }) => text.includes(secret) || text.includes(raw)).map(({ where }) => where)).toEqual([]);
  }
});

interface Text {
  readonly where: string;
  readonly text: string;
}

function processTexts(): Text[] {
  const pids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) =>
    (["cmdline", "environ"] as const).map((file) => ({ where: `/proc/${pid}/${file}`, text: readProc(pid, file) })),
  );
}

/** Byte by byte, so that a secret inside a database is found too. */
function fileTexts(folder: string): Text[] {
  return fs.readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const where = path.join(entry.parentPath, entry.name);
    if (!entry.isFile()) return [];
    return [{ where, text: fs.existsSync(where) ? fs.readFileSync(where, "latin1") : "" }];
  });
}
