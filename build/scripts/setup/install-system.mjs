/**
 * Installs missing system packages by apt-get when that is possible, and otherwise tells the exact command. Runs on any Node from
 * version 20, before the project's own runtime is there.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { systemPackages } from "./system-packages.mjs";

const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/sbin", "/sbin", "/usr/local/sbin"];

const isThere = (probe) =>
  probe.startsWith("/") ? fs.existsSync(probe) : folders.some((folder) => fs.existsSync(path.join(folder, probe)));

export function missingPackages(groups) {
  return groups.flatMap((group) => systemPackages[group]).filter(({ probe }) => !probe.some(isThere));
}

/** Returns what is still missing. With `required`, a missing package is an error. */
export function ensureSystemPackages(groups, { required }) {
  if (process.platform !== "linux") return [];
  const missing = missingPackages(groups).map(({ name }) => name);
  if (missing.length === 0) return [];
  const command = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid?.() === 0 && isThere("apt-get")) {
    console.log(`set-up: installing ${missing.join(", ")}`);
    apt(["update"]);
    apt(["install", "-y", "--no-install-recommends", ...missing]);
  }
  const left = missingPackages(groups).map(({ name }) => name);
  if (left.length > 0) {
    console.error(`set-up: missing on this machine: ${left.join(", ")}.\n  Run: sudo ${command}`);
    if (required) process.exit(1);
  }
  return left;
}

function apt(args) {
  const result = spawnSync("apt-get", ["-q", ...args], { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, encoding: "utf8" });
  if (result.status !== 0) console.error(`set-up: apt-get ${args[0]} failed:\n${(result.stderr ?? "").slice(-2000)}`);
}
