/**
 * The fast gate: format, lint, types, walls with their canaries, dead code, unit and property tests. The steps run side by side;
 * each prints only when it fails, and one line with its time when it passes.
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { ensurePackages, node, projectEnv, root } from "./setup/project.mjs";

ensurePackages();
const bin = (name) => path.join(root, "node_modules/.bin", name);
const houses = ["agent", "app", "renderer", "e2e", "build"].filter((house) => fs.existsSync(path.join(root, house, "tsconfig.json")));

/** Light steps first, so that a typing mistake shows while the tests still run. */
const steps = [
  { name: "format", command: [bin("biome"), "format", "."] },
  { name: "lint", command: [bin("oxlint"), "--deny-warnings"] },
  ...houses.map((house) => ({ name: `types: ${house}`, command: [bin("tsc"), "-p", house] })),
  { name: "walls", command: [node, "build/checks/walls-check.mjs"] },
  { name: "stand-in events", command: [node, "build/checks/stand-in-events-check.mjs"] },
  { name: "documents match code", command: [node, "build/scripts/reference.mjs", "--check"] },
  { name: "dead code", command: [bin("knip"), "--no-progress"] },
  ...(process.env.PORTAIL_CHECK_WITHOUT_TESTS === "1"
    ? []
    : [{ name: "unit and property tests", command: [bin("vitest"), "run"], loud: true }]),
];

function runStep({ name, command, loud }) {
  const started = performance.now();
  return new Promise((resolve) => {
    const [file, ...args] = command;
    const child = spawn(file, args, {
      cwd: root,
      env: { ...projectEnv(), FORCE_COLOR: process.stdout.isTTY ? "1" : "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    child.on("close", (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const text = Buffer.concat(output).toString();
      console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
      if (code !== 0) console.log(text);
      else if (loud)
        console.log(
          text
            .split("\n")
            .filter((line) => /^\s*(Test Files|Tests)\s/.test(line))
            .join("\n"),
        );
      resolve({ name, code });
    });
  });
}

const results = await Promise.all(steps.map(runStep));
const failed = results.filter(({ code }) => code !== 0).map(({ name }) => name);
if (failed.length > 0) console.error(`check: ${failed.join(", ")} failed.`);
process.exit(failed.length > 0 ? 1 : 0);
