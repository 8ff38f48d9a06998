/**
 * Portail beside other proxies, in one interleaved run: `npm run bench`.
 *   --quick             one short round, about a minute
 *   --suite mutual-tls  some of the parts (build/bench/suites.mjs)
 *   --only up,connect   some measures; docs/benchmarks.md is then left as it is
 *   --beside microsocks some of the other programs
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

const [{ openStage }, { describeMachine, writeSection }, { suites }, table, processes] = await Promise.all([
  import("../bench/bench-stage.mjs"),
  import("../bench/page.mjs"),
  import("../bench/suites.mjs"),
  import("../bench/table.mjs"),
  import("../bench/processes.mjs"),
]);

const { values: asked } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    suite: { type: "string" },
    only: { type: "string" },
    beside: { type: "string" },
    rounds: { type: "string" },
  },
});
const full = { bytes: 1e9, seconds: 2, messages: 5000, decisions: 5000, tunnels: 10_000, stallSeconds: 3, idleSeconds: 10, rounds: 3 };
const quick = { bytes: 3e8, seconds: 0.8, messages: 1000, decisions: 2000, tunnels: 2000, stallSeconds: 1, idleSeconds: 3, rounds: 1 };
const size = { ...(asked.quick ? quick : full), ...(asked.rounds === undefined ? {} : { rounds: Number(asked.rounds) }) };
const known = {
  suites: suites.map(({ name }) => name),
  measures: suites.flatMap(({ measures }) => measures.map(({ name }) => name)),
  subjects: suites.flatMap(({ subjects }) => Object.keys(subjects)),
};
const wanted = {
  suites: listed("--suite", known.suites, asked.suite),
  measures: listed("--only", known.measures, asked.only),
  subjects: listed("--beside", known.subjects, asked.beside),
};
for (const suite of suites.filter(({ name }) => wanted.suites.has(name))) await runSuite(suite);

/** The words of a list option; all that are known when it is not given. */
function listed(option, all, list) {
  if (list === undefined) return new Set(all);
  const words = list.split(",");
  const strange = words.find((word) => !all.includes(word));
  if (strange !== undefined) {
    console.error(`bench: ${option} knows ${[...new Set(all)].join(", ")}; not ${strange}`);
    process.exit(2);
  }
  return new Set(words);
}

async function runSuite(suite) {
  const chosen = suite.measures.filter(({ name }) => wanted.measures.has(name));
  if (chosen.length === 0) return;
  const always = new Set([suite.base, "portail", ...suite.always]);
  const names = Object.keys(suite.subjects).filter((name) => always.has(name) || wanted.subjects.has(name));
  const stage = await openStage(suite, names);
  const results = new Map();
  const started = performance.now();
  const machineBefore = processes.machineBusySeconds();
  const ownBefore = processes.processorSeconds(process.pid);
  try {
    for (const measure of chosen) results.set(measure.name, await runMeasure(stage, measure));
  } finally {
    await stage.close();
  }
  const seconds = (performance.now() - started) / 1000;
  // Programs of ours that have ended count as our children: what is left is somebody else's.
  const ownSeconds = processes.processorSeconds(process.pid) - ownBefore;
  const busy = Math.max(0, processes.machineBusySeconds() - machineBefore - ownSeconds) / seconds;
  const isWhole = chosen.length === suite.measures.length && names.length === Object.keys(suite.subjects).length;
  report(suite, { names, results, busy, seconds, isWhole });
}

/** All subjects in each round, every round beginning with another one. */
async function runMeasure(stage, measure) {
  const rounds = [];
  const count = measure.once ? 1 : size.rounds;
  const { subjects } = stage;
  if (measure.warm) for (const subject of subjects) await measure.run(stage, subject, { ...size, bytes: 1e8, messages: 300 });
  for (let round = 0; round < count; round += 1) {
    const figures = {};
    for (let turn = 0; turn < subjects.length; turn += 1) {
      const subject = subjects[(turn + round) % subjects.length];
      process.stderr.write(`\r\x1b[K${measure.name} ${round + 1}/${count} ${subject.name}`);
      figures[subject.name] = await measure.run(stage, subject, size);
    }
    rounds.push(figures);
  }
  process.stderr.write("\r\x1b[K");
  return rounds;
}

function report(suite, { names, results, busy, seconds, isWhole }) {
  const { base, subjects, measures } = suite;
  const order = [...new Set([base, "portail", ...names])];
  const titles = order.map((name) => subjects[name].title);
  const rows = table.formRows(measures, results, { names: order, base, subject: "portail" });
  const machine = describeMachine(busy);
  console.log(`${table.formatTerminal(rows, titles)}\n\n${machine}; ${Math.round(seconds)} s\n`);
  if (isWhole && !asked.quick) writeSection(suite.name, section(suite, { rows, titles, machine }));
}

function section({ title, words, base, subjects }, { rows, titles, machine }) {
  return `## ${title}

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}. ${words}
Medians of ${size.rounds} rounds; in parentheses the median of the ratios to ${subjects[base].title}, formed inside each round.

${machine}.

${table.formatMarkdown(rows, titles)}
`;
}
