#!/usr/bin/env node
/**
 * As much of fpm as electron-builder asks for when it makes a .deb, on top of Debian's own dpkg-deb: for machines without fpm and without a way to
 * download it (CUSTOM_FPM_PATH names this file). An option that it does not know is an error, never ignored.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

const text = { type: "string" };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "input-type": { ...text, short: "s" },
    "output-type": { ...text, short: "t" },
    depends: { ...text, short: "d", multiple: true, default: [] },
    "deb-recommends": { ...text, multiple: true, default: [] },
    force: { type: "boolean" },
    log: text,
    architecture: text,
    "after-install": text,
    "after-remove": text,
    description: text,
    version: text,
    iteration: text,
    package: text,
    name: text,
    maintainer: text,
    vendor: text,
    url: text,
    category: text,
    license: text,
    "deb-priority": text,
    "deb-compression": text,
  },
});
if (values["input-type"] !== "dir" || values["output-type"] !== "deb") throw new Error("this stands in for fpm -s dir -t deb only");

const stage = fs.mkdtempSync(path.join(os.tmpdir(), "portail-deb-"));
try {
  for (const mapping of positionals) copyInto(mapping);
  writeControl(listFiles());
  fs.mkdirSync(path.dirname(values.package), { recursive: true });
  const compression = ["-Z", process.env.DEB_COMPRESSION ?? values["deb-compression"] ?? "xz"].join("");
  execFileSync("dpkg-deb", ["--root-owner-group", compression, "--build", stage, values.package], { stdio: "inherit" });
} finally {
  fs.rmSync(stage, { recursive: true, force: true });
}

/** `from=to`; a folder with a slash at its end stands for what is in it. */
function copyInto(mapping) {
  const at = mapping.lastIndexOf("=");
  const from = mapping.slice(0, at);
  const to = path.join(stage, mapping.slice(at + 1));
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}

function listFiles() {
  return fs.readdirSync(stage, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isDirectory()) fs.chmodSync(file, 0o755);
    return entry.isFile() ? [file] : [];
  });
}

function writeControl(files) {
  fs.chmodSync(stage, 0o755);
  const kilobytes = files.reduce((sum, file) => sum + Math.ceil(fs.statSync(file).size / 1024), 0);
  const sums = files.map((file) => `${createHash("md5").update(fs.readFileSync(file)).digest("hex")}  ${path.relative(stage, file)}\n`);
  const [synopsis = "", ...more] = values.description.split("\n");
  const fields = {
    Package: values.name,
    Version: values.iteration === undefined ? values.version : [values.version, values.iteration].join("-"),
    Architecture: values.architecture,
    Maintainer: values.maintainer,
    "Installed-Size": String(kilobytes),
    Depends: values.depends.join(", "),
    Recommends: values["deb-recommends"].join(", "),
    Section: values.category ?? "default",
    Priority: values["deb-priority"] ?? "optional",
    Homepage: values.url ?? "",
    Description: [synopsis.trim() || values.name, ...more.map((line) => ` ${line.trim() || "."}`)].join("\n"),
  };
  const control = path.join(stage, "DEBIAN");
  fs.mkdirSync(control);
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === "" ? [] : [`${name}: ${value}\n`]));
  fs.writeFileSync(path.join(control, "control"), lines.join(""));
  fs.writeFileSync(path.join(control, "md5sums"), sums.join(""));
  addScript(values["after-install"], path.join(control, "postinst"));
  addScript(values["after-remove"], path.join(control, "postrm"));
}

function addScript(from, to) {
  if (from === undefined) return;
  fs.copyFileSync(from, to);
  fs.chmodSync(to, 0o755);
}
