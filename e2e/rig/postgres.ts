import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { eventually } from "./eventually.ts";
import { anotherUid, canBeAnother } from "./other-user.ts";
import { freePort } from "./free-port.ts";
import type { ForeignProxy } from "./proxies.ts";
import { run } from "./run.ts";

/** Debian puts each version's programs in a place of its own. */
function binaries(): string {
  const home = "/usr/lib/postgresql";
  const [newest] = fs.existsSync(home) ? fs.readdirSync(home).toSorted((one, other) => Number(other) - Number(one)) : [];
  if (newest === undefined) throw new Error("PostgreSQL is not installed");
  return path.join(home, newest, "bin");
}

/** A real PostgreSQL server with an empty database that trusts whoever reaches it as `lab`. It refuses to run as root. */
export async function startPostgres(): Promise<ForeignProxy> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-postgres-"));
  const port = await freePort();
  const bin = binaries();
  const as: readonly string[] = canBeAnother ? ["setpriv", `--reuid=${anotherUid}`, `--regid=${anotherUid}`, "--clear-groups"] : ["env"];
  if (canBeAnother) fs.chownSync(dir, anotherUid, anotherUid);
  const [become = "env", ...how] = as;
  const data = path.join(dir, "data");
  execFileSync(become, [...how, path.join(bin, "initdb"), "-D", data, "-U", "lab", "-A", "trust", "-N"], { cwd: "/", stdio: "pipe" });
  const settings = ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-c", `port=${port}`, "-c", `unix_socket_directories=${dir}`];
  const child = spawn(become, [...how, path.join(bin, "postgres"), "-D", data, ...settings], { cwd: "/", stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const close = async () => {
    child.kill("SIGINT");
    await ended;
    fs.rmSync(dir, { recursive: true, force: true });
  };
  await eventually(async () => {
    if ((await run(path.join(bin, "pg_isready"), ["-h", "127.0.0.1", "-p", String(port)])).code !== 0) throw new Error("not ready");
  }).catch(async (cause: unknown) => {
    await close();
    throw cause;
  });
  return { port, close };
}
