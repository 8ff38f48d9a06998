/**
 * Portail beside other proxies, in one interleaved run: `npm run bench`.
 *   --quick             one short round, about a minute
 *   --only up,connect   some measures; docs/benchmarks.md is then left as it is
 *   --beside microsocks some of the other proxies
 *   --rounds 3          how often everything is repeated
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { parseArgs } from "node:util";
import { ensureSystemPackages } from "./setup/install-system.mjs";
import { ensureBuilt, ensurePackages, node, projectEnv } from "./setup/project.mjs";

// The agent's own rooms are measured too, on the Node that they are written for.
if (process.env.PORTAIL_BENCH !== "1") {
  ensureSystemPackages(["run", "bench"], { required: true });
  ensurePackages();
  ensureBuilt();
  const again = spawnSync(node, ["--disable-warning=ExperimentalWarning", import.meta.filename, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...projectEnv(), PORTAIL_BENCH: "1" },
  });
  process.exit(again.status ?? 1);
}

const [{ openStage }, { describeMachine, writeSection }, { measures }, { subjects }, table, processes] = await Promise.all([
  import("../bench/bench-stage.mjs"),
  import("../bench/page.mjs"),
  import("../bench/measures.mjs"),
  import("../bench/subjects.mjs"),
  import("../bench/table.mjs"),
  import("../bench/processes.mjs"),
]);

const { values: asked } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    beside: { type: "string" },
    rounds: { type: "string" },
  },
});
const full = { bytes: 1e9, seconds: 2, messages: 5000, decisions: 5000, tunnels: 10_000, stallSeconds: 3, idleSeconds: 10, rounds: 3 };
const quick = { bytes: 3e8, seconds: 0.8, messages: 1000, decisions: 2000, tunnels: 2000, stallSeconds: 1, idleSeconds: 3, rounds: 1 };
const size = { ...(asked.quick ? quick : full), ...(asked.rounds === undefined ? {} : { rounds: Number(asked.rounds) }) };
const base = "microsocks";
const names = pick("--beside", Object.keys(subjects), asked.beside, ["direct", "portail", base]);
const chosen = new Set(
  pick(
    "--only",
    measures.map(({ name }) => name),
    asked.only,
    [],
  ),
);

/** The words of a list option, in our order; those of `always` need not be said. */
function pick(option, known, list, always) {
  if (list === undefined) return known;
  const words = list.split(",");
  const strange = words.find((word) => !known.includes(word));
  if (strange !== undefined) {
    console.error(`bench: ${option} knows ${known.join(", ")}; not ${strange}`);
    process.exit(2);
  }
  return known.filter((name) => always.includes(name) || words.includes(name));
}

const stage = await openStage(names);
const results = new Map();
const started = performance.now();
const machineBefore = processes.machineBusySeconds();
const ownBefore = processes.processorSeconds(process.pid);
try {
  for (const measure of measures.filter(({ name }) => chosen.has(name))) results.set(measure.name, await runMeasure(measure));
} finally {
  await stage.close();
}
const seconds = (performance.now() - started) / 1000;
// Programs of ours that have ended count as our children: what is left is somebody else's.
const ownSeconds = processes.processorSeconds(process.pid) - ownBefore;
const busy = Math.max(0, processes.machineBusySeconds() - machineBefore - ownSeconds) / seconds;
report();

/** All subjects in each round, every round beginning with another one. */
async function runMeasure(measure) {
  const rounds = [];
  const count = measure.once ? 1 : size.rounds;
  if (measure.warm) for (const subject of stage.subjects) await measure.run(stage, subject, { ...size, bytes: 1e8, messages: 300 });
  for (let round = 0; round < count; round += 1) {
    const figures = {};
    for (let turn = 0; turn < names.length; turn += 1) {
      const subject = stage.subjects[(turn + round) % names.length];
      process.stderr.write(`\r\x1b[K${measure.name} ${round + 1}/${count} ${subject.name}`);
      figures[subject.name] = await measure.run(stage, subject, size);
    }
    rounds.push(figures);
  }
  process.stderr.write("\r\x1b[K");
  return rounds;
}

function report() {
  const order = [base, "portail", ...names.filter((name) => name !== base && name !== "portail")];
  const titles = order.map((name) => subjects[name].title);
  const rows = table.formRows(measures, results, { names: order, base, subject: "portail" });
  const machine = describeMachine(busy);
  console.log(`${table.formatTerminal(rows, titles)}\n\n${machine}; ${Math.round(seconds)} s`);
  const isWhole = chosen.size === measures.length && names.length === Object.keys(subjects).length;
  if (isWhole && !asked.quick) writeSection("data-plane", section(rows, titles, machine));
}

function section(rows, titles, machine) {
  return `## The whole agent beside other proxies

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}. Portail as built, with its built-in policy and its record on, in one process with one thread
for bytes. Medians of ${size.rounds} rounds; in parentheses the median of the ratios to microsocks, formed inside each round. haproxy has one
fixed destination and is spared the handshake of a proxy protocol; tinyproxy is reached by HTTP CONNECT, the others by SOCKS5. dante gets a
tenth of the idle tunnels. A connection is: open, handshake, 64 bytes there and back, end. Ready: from start until connections are accepted.

${machine}.

${table.formatMarkdown(rows, titles)}
`;
}
