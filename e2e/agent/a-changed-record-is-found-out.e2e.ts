import fs from "node:fs";
import path from "node:path";
import { expect, run, test } from "../rig/index.ts";

test("whatever byte of the stored record is changed, verification says so, and names the record", async ({ lab }) => {
  const origin = await lab.http();
  const agent = await lab.agent();
  for (let at = 0; at < 5; at += 1) await run("curl", ["-s", "-x", `http://${agent.address()}`, `${origin.url}needle-${at}`]);
  await agent.stop();
  expect((await agent.portail(["audit", "verify"])).code).toBe(0);

  const files = fs.readdirSync(path.join(agent.stateDir, "audit"), { withFileTypes: true }).filter((entry) => entry.isFile());
  const changed = files.filter(({ parentPath, name }) =>
    replaceIn(path.join(parentPath, name), String(origin.port), "1".repeat(String(origin.port).length)),
  );
  expect(changed.length, "files that hold the record").toBeGreaterThan(0);
  const verified = await agent.portail(["audit", "verify"]);
  expect(verified.code).toBe(1);
  expect(verified.stdout + verified.stderr).toMatch(/\d+/);
});

test("a record that was cut off is found out by the head that was noted", async ({ lab }) => {
  const origin = await lab.http();
  const agent = await lab.agent();
  await run("curl", ["-s", "-x", `http://${agent.address()}`, origin.url]);
  await agent.stop();
  const { stdout } = await agent.portail(["audit", "verify", "--json"]);
  const { head } = JSON.parse(stdout) as { head: string };
  fs.rmSync(path.join(agent.stateDir, "audit"), { recursive: true });
  const second = await lab.agent({ dir: agent.dir });
  expect((await second.portail(["audit", "verify", "--head", head])).code).toBe(1);
});

/** Changes every occurrence in place; false when there is none. */
function replaceIn(file: string, from: string, to: string): boolean {
  const bytes = fs.readFileSync(file);
  let found = false;
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) {
    bytes.write(to, at);
    found = true;
  }
  if (found) fs.writeFileSync(file, bytes);
  return found;
}
