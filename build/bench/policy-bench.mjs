/**
 * The policy engine beside four others, on the same rules: `npm run bench:policy`. Writes the policy section of docs/benchmarks.md.
 *   --quick   a short run that leaves the page as it is
 */
import { spawnSync } from "node:child_process";
import os from "node:os";
import process from "node:process";
import { ensurePackages, node, projectEnv } from "../scripts/setup/project.mjs";

// The engine is written for the project's own Node; the heap is only told right when it may be cleaned up first.
if (process.env.PORTAIL_BENCH !== "1") {
  ensurePackages();
  const again = spawnSync(node, ["--disable-warning=ExperimentalWarning", "--expose-gc", import.meta.filename, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...projectEnv(), PORTAIL_BENCH: "1" },
  });
  process.exit(again.status ?? 1);
}

const { measureAll } = await import("./policy/measure-all.mjs");
const { reportOf } = await import("./policy/report.mjs");
const { describeMachine, writeSection } = await import("./page.mjs");

const isQuick = process.argv.includes("--quick");
const begun = performance.now();
const figures = await measureAll({ isQuick });
const ownCores = (process.cpuUsage().user + process.cpuUsage().system) / 1000 / (performance.now() - begun);
// The load average counts what wanted to run, this program included.
const text = reportOf(figures, describeMachine(Math.max(0, os.loadavg()[0] - ownCores)));
console.log(text);
if (!isQuick) writeSection("policy", text);
