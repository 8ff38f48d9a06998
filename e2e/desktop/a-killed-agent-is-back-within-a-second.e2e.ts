import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { startTcpOrigin } from "../rig/origins.ts";
import { eventually, freePort, run } from "../rig/index.ts";
import { root } from "../rig/agent.ts";
import { type Desktop, expect, test } from "./fixtures.ts";

const kills = 100;

/** The agent must come back to the same one, so it cannot be 0. */
const port = await freePort();
test.use({ config: `listeners:\n  local: { kind: proxy, listen: "127.0.0.1:${port}" }\n` });

test(`${kills} kills under load: back within a second on the same port each time, and the record verifies`, async ({ desktop }) => {
  test.setTimeout(300_000);
  const origin = await startTcpOrigin();
  try {
    let { pid } = await desktop.status();
    const lates: number[] = [];
    for (let round = 0; round < kills; round++) {
      const load = await Promise.all(Array.from({ length: 4 }, () => openTunnel(port, origin.port)));
      process.kill(pid, "SIGKILL");
      const killedAt = performance.now();
      await eventually(async () => (await openTunnel(port, origin.port)).destroy(), 15_000);
      lates.push(performance.now() - killedAt);
      for (const socket of load) socket.destroy();
      pid = await expectAnotherAgent(desktop, pid);
    }
    lates.sort((a, b) => a - b);
    expect(lates[Math.floor(kills / 2)], "median time to be back, ms").toBeLessThan(1000);
    const verified = await run(`${root}/out/portail`, ["audit", "verify", "--json", "--state-dir", desktop.stateDir], {
      env: { XDG_RUNTIME_DIR: "" },
    });
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true });
    const ends = await run(
      `${root}/out/portail`,
      ["audit", "--json", "--limit", "1000", "--text", "CARRY_INTERRUPTED", "--state-dir", desktop.stateDir],
      { env: { XDG_RUNTIME_DIR: "" } },
    );
    expect(ends.code).toBe(0);
  } finally {
    await origin.close();
  }
});

/** The pid stands in the lock of the state directory; the tray says when the application has greeted it. */
async function expectAnotherAgent(desktop: Desktop, before: number): Promise<number> {
  return eventually(async () => {
    const pid = Number(fs.readFileSync(path.join(desktop.stateDir, "agent.lock"), "utf8"));
    expect(pid).not.toBe(before);
    expect(await desktop.tray()).toMatchObject({ tooltip: "Portail: working" });
    return pid;
  });
}

/** SOCKS5 by hand: resolves when the tunnel is open. */
function openTunnel(proxyPort: number, targetPort: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: "127.0.0.1", port: proxyPort });
    const seen: Buffer[] = [];
    socket.write(Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, targetPort >> 8, targetPort & 255]));
    socket.on("data", (chunk: Buffer) => {
      seen.push(chunk);
      const all = Buffer.concat(seen);
      if (all.length >= 12 && all[3] === 0) resolve(socket);
      else if (all.length >= 4) reject(new Error(`refused with ${all[3]}`));
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed")));
  });
}
