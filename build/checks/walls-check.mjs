/**
 * Checks the walls of the whole tree, then pushes against each of them: a canary tree with one trespass per rule must fail on
 * every rule. A fence nobody pushes is not a fence; a checker that reads no module proves nothing.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { cruise } from "dependency-cruiser";
import { canaries } from "./canaries.mjs";
import { moduleFloor } from "./rooms.mjs";
import { forbidden, options } from "./walls.mjs";

const houses = ["agent", "app", "renderer", "e2e"];

async function violationsIn(baseDir) {
  const here = houses.filter((house) => fs.existsSync(path.join(baseDir, house)));
  const result = await cruise(here, { ...options, baseDir, ruleSet: { forbidden, options: {} }, validate: true });
  return result.output;
}

function writeCanaries() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-canaries-"));
  fs.symlinkSync(path.resolve("node_modules"), path.join(dir, "node_modules"));
  fs.writeFileSync(path.join(dir, "package.json"), '{"type":"module"}');
  for (const [file, text] of Object.entries(canaries)) {
    const at = path.join(dir, file);
    fs.mkdirSync(path.dirname(at), { recursive: true });
    fs.writeFileSync(at, text);
  }
  return dir;
}

async function checkCanaries() {
  const dir = writeCanaries();
  try {
    const { summary } = await violationsIn(dir);
    const caught = new Set(summary.violations.map((violation) => violation.rule.name));
    return forbidden.map((rule) => rule.name).filter((name) => !caught.has(name));
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

const { summary } = await violationsIn(process.cwd());
for (const { rule, from, to } of summary.violations) {
  const sentence = forbidden.find((known) => known.name === rule.name)?.comment ?? "";
  console.error(`${from} -> ${to}\n  ${rule.name}: ${sentence}`);
}
if (summary.totalCruised < moduleFloor) {
  console.error(`walls: only ${summary.totalCruised} modules seen, at least ${moduleFloor} are there; the checker is blind.`);
}
const silent = await checkCanaries();
for (const name of silent) console.error(`walls: no canary trips rule "${name}"; add its trespass to build/checks/canaries.mjs.`);
const bad = summary.violations.length > 0 || summary.totalCruised < moduleFloor || silent.length > 0;
if (!bad) console.log(`walls: ${summary.totalCruised} modules, ${forbidden.length} rules, each tripped by its canary.`);
process.exit(bad ? 1 : 0);
