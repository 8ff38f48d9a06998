import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { portailPath, root } from "../rig/agent.ts";
import { run } from "../rig/index.ts";
import { startHttpOrigin } from "../rig/origins.ts";

/** One package for all tests of this file, in a folder of its own; with the stand-in where Electron is not installed. */
test.describe.configure({ mode: "serial" });
test.skip(process.platform !== "linux", "the contents of the other systems' packages are looked at where they are made");

let dir = "";
let unpacked = "";
const inPackage = (...parts: readonly string[]) => path.join(unpacked, ...parts);

test.beforeAll(async () => {
  test.setTimeout(180_000);
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-package-"));
  unpacked = path.join(dir, "linux-unpacked");
  const words = ["build/scripts/package.mjs", "dir", `--config.directories.output=${dir}`];
  const made = await run(process.execPath, words, { cwd: root, timeoutMs: 170_000 });
  expect(made.code, made.stdout + made.stderr).toBe(0);
});

test.afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

test("the archive holds the three bundles of the application and nothing else", () => {
  const listed = execFileSync(path.join(root, "node_modules/.bin/asar"), ["list", inPackage("resources/app.asar")], { encoding: "utf8" });
  const files = listed.trim().split("\n");
  expect(files).toEqual(
    expect.arrayContaining(["/package.json", "/out/main/index.js", "/out/preload/index.cjs", "/out/renderer/index.html"]),
  );
  expect(files.filter((file) => !/^\/(package\.json|out(\/(main|preload|renderer)(\/.*)?)?)$/.test(file))).toEqual([]);
  expect(files.filter((file) => file.includes("node_modules") || file.endsWith(".map"))).toEqual([]);
});

test("every fuse of the executable is set, and set to the safe side", async () => {
  const words = ["read", "--app", inPackage("portail-desktop")];
  const read = await run(path.join(root, "node_modules/.bin/electron-fuses"), words, { env: { FORCE_COLOR: "0" } });
  const { fuses } = createRequire(import.meta.url)("../../build/installer/fuses.cjs") as { fuses: [string, boolean][] };
  const lines = read.stdout.split("\n").filter((line) => /^\s+\w+ is /.test(line));
  expect(lines.map((line) => line.trim())).toEqual(fuses.map(([name, isOn]) => `${name} is ${isOn ? "Enabled" : "Disabled"}`));
  expect(fuses).toContainEqual(["RunAsNode", false]);
  expect(fuses).toContainEqual(["OnlyLoadAppFromAsar", true]);
  expect(fuses).toContainEqual(["EnableNodeOptionsEnvironmentVariable", false]);
});

test("the agent runs from the package on its own Node, and carries a connection", async () => {
  const cli = inPackage("resources/bin/portail");
  const stateDir = path.join(dir, "state");
  const configPath = path.join(dir, "portail.yaml");
  fs.writeFileSync(configPath, "listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\n");
  // Nothing of the checkout is to be found by it: no PATH, another folder, another home.
  const alone = { cwd: dir, env: { PATH: "/usr/bin:/bin", HOME: dir, NODE_OPTIONS: "--no-such-option", XDG_RUNTIME_DIR: "" } };
  const version = await run(cli, ["--version"], alone);
  const pinned = await run(portailPath, ["--version"]);
  expect(version).toMatchObject({ code: 0, stdout: pinned.stdout });

  const origin = await startHttpOrigin();
  const agent = run(cli, ["run", "--config", configPath, "--state-dir", stateDir], { ...alone, timeoutMs: 60_000 });
  try {
    const status = await run(cli, ["status", "--json", "--wait", "20", "--state-dir", stateDir], alone);
    expect(status.code, status.stderr).toBe(0);
    const { listeners } = JSON.parse(status.stdout) as { listeners: { addresses: string[] }[] };
    const fetched = await run("curl", ["-sS", "-x", `socks5h://${listeners[0]?.addresses[0]}`, origin.url]);
    expect(fetched.stdout).toBe("hello from the origin\n");
    const link = await run(cli, ["console", "--no-open", "--state-dir", stateDir], alone);
    expect(link.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/open\//);
    expect((await run(cli, ["audit", "verify", "--state-dir", stateDir], alone)).code).toBe(0);
  } finally {
    await run(cli, ["stop", "--state-dir", stateDir], alone);
    await origin.close();
  }
  expect((await agent).code).toBe(0);
});

test("the Debian package brings the command line, the person's service and the link handler", async () => {
  test.skip(!fs.existsSync("/usr/bin/dpkg-deb"), "dpkg-deb is not installed");
  const words = ["build/scripts/package.mjs", "deb", `--config.directories.output=${dir}`, `--prepackaged=${unpacked}`];
  const made = await run(process.execPath, words, { cwd: root, timeoutMs: 100_000, env: { DEB_COMPRESSION: "none" } });
  expect(made.code, made.stdout + made.stderr).toBe(0);
  const deb = path.join(dir, fs.readdirSync(dir).find((name) => name.endsWith(".deb")) ?? "no package");
  const tree = path.join(dir, "tree");
  expect(await run("dpkg-deb", ["--raw-extract", deb, tree])).toMatchObject({ code: 0 });

  const read = (file: string) => fs.readFileSync(path.join(tree, file), "utf8");
  expect(read("usr/bin/portail")).toContain("exec /opt/Portail/resources/bin/portail");
  expect(fs.statSync(path.join(tree, "usr/bin/portail")).mode & 0o111).toBe(0o111);
  expect(fs.statSync(path.join(tree, "opt/Portail/resources/bin/portail")).mode & 0o111).toBe(0o111);
  expect(read("usr/lib/systemd/user/portail.service")).toContain("ExecStart=/usr/bin/portail run");
  const entry = read("usr/share/applications/portail-desktop.desktop");
  expect(entry).toContain("MimeType=x-scheme-handler/portail;");
  expect(entry).toMatch(/^Exec=\/opt\/Portail\/portail-desktop .*%U$/m);
  expect(fs.existsSync(path.join(tree, "usr/share/icons/hicolor/256x256/apps/portail-desktop.png"))).toBe(true);
  expect(read("DEBIAN/control")).toMatch(/^Package: portail$/m);
});
