/**
 * Authorities of certificates that the tests talk to, built from their own sources by Go: step-ca and an EST server. The versions and
 * the hashes of all their parts are in build/peers/NAME/go.sum; where modules come from is the business of Go's own environment.
 *
 * From nothing both take about two and a half minutes on two cores, so that the tests start this first and wait for it late.
 * Run by hand: node build/scripts/setup/peers.mjs
 */
import { spawn } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../../..");
const cache = path.join(root, "build/.peers");
const peers = [
  { name: "step-ca", source: "." },
  { name: "estserver", folder: "est", source: "github.com/globalsign/est/cmd/estserver" },
];

const goPath = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/local/go/bin"].join(path.delimiter);
const folderOf = ({ name, folder = name }) => path.join(root, "build/peers", folder);

/** What a binary was built from. */
function versionOf(peer) {
  const hash = crypto.createHash("sha256");
  for (const file of fs.readdirSync(folderOf(peer)).toSorted()) hash.update(fs.readFileSync(path.join(folderOf(peer), file)));
  return hash.digest("hex");
}

function isBuilt(peer) {
  const stamp = path.join(cache, `${peer.name}.built`);
  const binary = path.join(cache, "bin", peer.name);
  return fs.existsSync(binary) && fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === versionOf(peer);
}

function build(peer) {
  return new Promise((resolve) => {
    const env = {
      ...process.env,
      PATH: goPath,
      GOMODCACHE: path.join(cache, "mod"),
      GOCACHE: path.join(cache, "go"),
      GOFLAGS: "-modcacherw",
      CGO_ENABLED: "0",
    };
    const args = ["build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", path.join(cache, "bin", peer.name), peer.source];
    const child = spawn("go", args, { cwd: folderOf(peer), env, stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (said = (said + text).slice(-4000)));
    child.once("error", (cause) => resolve(`${peer.name}: ${cause.message}; install Go (Debian: golang-go)`));
    child.once("close", (code) => {
      if (code === 0) fs.writeFileSync(path.join(cache, `${peer.name}.built`), versionOf(peer));
      resolve(code === 0 ? undefined : `${peer.name} was not built:\n${said}`);
    });
  });
}

/** Builds what is missing. Answers with what went wrong, in words; empty when all are there. */
async function buildPeers() {
  const missing = peers.filter((peer) => !isBuilt(peer));
  if (missing.length === 0) return [];
  fs.mkdirSync(path.join(cache, "bin"), { recursive: true });
  const problems = [];
  // One after the other: each uses all cores, and they share modules.
  for (const peer of missing) problems.push(await build(peer));
  const left = problems.filter((problem) => problem !== undefined);
  // A gigabyte that nobody needs again.
  if (left.length === 0) for (const folder of ["mod", "go"]) fs.rmSync(path.join(cache, folder), { recursive: true, force: true });
  return left;
}

const problems = await buildPeers();
for (const problem of problems) console.error(`set-up: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
