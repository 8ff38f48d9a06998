/**
 * All tests, from a fresh clone: sets everything up, then the fast gate, then the built product driven from outside.
 * With PORTAIL_REQUIRE_ALL=1 (as .ci/run sets it) a missing tool is a failure; without it, what cannot run is named.
 * The last line counts steps and tests: `N passed, N failed, N skipped`.
 */
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { ensureSystemPackages } from "./setup/install-system.mjs";
import { ensureBuilt, ensurePackages, node, projectEnv, root } from "./setup/project.mjs";

const required = process.env.PORTAIL_REQUIRE_ALL === "1";
const missing = ensureSystemPackages(["run", "test"], { required });
// Takes minutes from nothing, so it runs beside all that does not need it; Go and Node share the cores meanwhile.
const peers = spawn(process.execPath, [path.join(root, "build/scripts/setup/peers.mjs")], { stdio: ["ignore", "inherit", "inherit"] });
const peersBuilt = new Promise((resolve) => peers.once("close", resolve));
ensurePackages();
ensureBuilt();

const bin = (name) => path.join(root, "node_modules/.bin", name);
const counts = { passed: 0, failed: 0, skipped: 0 };

function add(stats) {
  for (const key of ["passed", "failed", "skipped"]) counts[key] += stats[key];
}

/** Vitest and Playwright both write a JSON report; a run that counted nothing is a failure. */
function runReported({ name, command, read, env = {} }) {
  const report = path.join(root, "test-results", `${name}.json`);
  fs.mkdirSync(path.dirname(report), { recursive: true });
  fs.rmSync(report, { force: true });
  console.log(`\n== ${name}`);
  const [file, ...args] = command(report);
  const result = spawnSync(file, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...projectEnv(), ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  });
  const stats = fs.existsSync(report) ? read(JSON.parse(fs.readFileSync(report, "utf8"))) : { passed: 0, failed: 1, skipped: 0 };
  if (result.status !== 0 && stats.failed === 0) stats.failed = 1;
  if (stats.passed === 0 && stats.failed === 0) stats.failed = 1;
  console.log(`${name}: ${stats.passed} passed, ${stats.failed} failed, ${stats.skipped} skipped`);
  add(stats);
}

const ofVitest = ({ numPassedTests, numFailedTests, numPendingTests }) => ({
  passed: numPassedTests,
  failed: numFailedTests,
  skipped: numPendingTests,
});
const ofPlaywright = ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped });
const playwright = (project) => (_report) => [bin("playwright"), "test", `--project=${project}`, "--reporter=list,json"];

console.log("== check");
const check = spawnSync(node, ["build/scripts/check.mjs"], {
  cwd: root,
  stdio: "inherit",
  env: { ...projectEnv(), PORTAIL_CHECK_WITHOUT_TESTS: "1" },
});
add(check.status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 });

runReported({
  name: "unit",
  command: (report) => [bin("vitest"), "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
  read: ofVitest,
});
if ((await peersBuilt) !== 0) {
  missing.push("the authorities that Go builds");
  if (required) counts.failed += 1;
}
for (const project of ["agent", "screens", "desktop"]) {
  if (fs.existsSync(path.join(root, "e2e", project))) runReported({ name: project, command: playwright(project), read: ofPlaywright });
}

if (required && counts.skipped > 0) {
  console.error(`\n${counts.skipped} tests were skipped; here every optional component is required.`);
  counts.failed += counts.skipped;
}
if (missing.length > 0) console.log(`\nnot everything could run: ${missing.join(", ")} missing (see the top).`);
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed > 0 ? 1 : 0);
