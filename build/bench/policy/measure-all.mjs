/** Interleaved rounds over all engines; medians of the rounds. */
import { explain, loadPolicy, decide } from "../../../agent/policy/index.ts";
import { engines, factsFrom, sha256 } from "./engines.mjs";
import { conditions, factsFor, manyRules, requests } from "./rules.mjs";

export async function measureAll({ isQuick }) {
  const rounds = isQuick ? 2 : 5;
  const budgetMs = isQuick ? 60 : 300;
  return {
    conditions: await measureConditions(rounds, budgetMs),
    decisions: await measureDecisions(rounds, isQuick ? 1000 : 10_000, budgetMs),
    own: measureOwn(isQuick),
  };
}

async function measureConditions(rounds, budgetMs) {
  const rows = [];
  for (const condition of conditions) {
    const runs = [];
    for (const engine of engines) {
      const source = condition[engine.words];
      if (source === undefined) continue;
      const run = await engine.condition(source, factsFor(condition));
      if (run() !== true) throw new Error(`${engine.name} does not find that ${condition.name} holds: ${run()}`);
      runs.push({ engine: engine.name, run });
    }
    rows.push({ name: condition.name, ns: interleave(runs, rounds, budgetMs) });
  }
  return rows;
}

async function measureDecisions(rounds, count, budgetMs) {
  const runs = [];
  let expected;
  for (const engine of engines) {
    const { ask, decide: decideOne } = await engine.decider(count);
    const asked = requests.filter((request) => count === 10_000 || Number(/\d+/.exec(request["request.host"])?.[0] ?? 0) < count).map(ask);
    const named = asked.filter((one) => decideOne(one)).length;
    expected ??= named;
    if (named !== expected || named === 0) throw new Error(`${engine.name} allows ${named} of ${asked.length}, Portail ${expected}`);
    let at = 0;
    runs.push({ engine: engine.name, run: () => decideOne(asked[at++ % asked.length]) });
  }
  return { count, ns: interleave(runs, rounds, budgetMs) };
}

/** Nanoseconds of one run of each, the median of the rounds. */
function interleave(runs, rounds, budgetMs) {
  const times = new Map(runs.map(({ engine }) => [engine, []]));
  for (const { run } of runs) timeOf(run, budgetMs / 3);
  for (let round = 0; round < rounds; round += 1) for (const { engine, run } of runs) times.get(engine).push(timeOf(run, budgetMs));
  return new Map([...times].map(([engine, list]) => [engine, list.toSorted((one, other) => one - other)[list.length >> 1]]));
}

/** Nanoseconds of processor time that one run takes: other programs on the machine then matter less. */
function timeOf(run, budgetMs) {
  let count = 0;
  let batch = 1;
  const begun = process.cpuUsage();
  for (;;) {
    for (let turn = 0; turn < batch; turn += 1) run();
    count += batch;
    const { user, system } = process.cpuUsage(begun);
    const ms = (user + system) / 1000;
    if (ms >= budgetMs) return (ms * 1e6) / count;
    batch = Math.max(1, Math.min(100_000, Math.floor((count * Math.max(budgetMs - ms, 0)) / Math.max(ms, 0.01) / 4)));
  }
}

/** What only our own targets speak of. */
function measureOwn(isQuick) {
  const text = manyRules.portail(10_000);
  const loads = Array.from({ length: isQuick ? 2 : 5 }, () => measureLoad(() => loadPolicy(text, { file: "bench.portail", hash: sha256 })));
  const { policy } = loads.at(-1).result;
  const { p50, p999 } = percentilesOf(policy, isQuick ? 50_000 : 500_000);
  const best = loads.toSorted((one, other) => one.ms - other.ms)[loads.length >> 1];
  return { loadMs: best.ms, heapMb: best.mb, p50, p999, set: measureSet(), explainMs: measureExplain(policy) };
}

function measureLoad(load) {
  globalThis.gc?.();
  const before = memory();
  const begun = performance.now();
  const result = load();
  const ms = performance.now() - begun;
  globalThis.gc?.();
  return { result, ms, mb: (memory() - before) / 2 ** 20 };
}

function memory() {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function percentilesOf(policy, count) {
  const asked = requests.map(factsFrom);
  for (let at = 0; at < 50_000; at += 1) decide(policy, asked[at % asked.length]);
  const times = new Float64Array(count);
  for (let at = 0; at < count; at += 1) {
    const begun = performance.now();
    decide(policy, asked[at % asked.length]);
    times[at] = (performance.now() - begun) * 1000;
  }
  times.sort();
  return { p50: times[count >> 1], p999: times[Math.floor(count * 0.999)] };
}

function measureSet() {
  const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => `h${i}.d${i % 1000}.example`).join("\n"));
  const reference = `sha256:${sha256(bytes)}`;
  const text = `portail policy 1\nset big = hosts from "${reference}"\npolicy p { when request.host in big allow }\n`;
  const { ms, mb, result } = measureLoad(() => loadPolicy(text, { file: "set.portail", hash: sha256, readSet: () => bytes }));
  const { matcher } = result.policy.program.environment.sets.get("big");
  const hosts = Array.from({ length: 1000 }, (_, i) =>
    i % 2 === 0 ? `h${(i * 7919) % 1_000_000}.d${((i * 7919) % 1_000_000) % 1000}.example` : `x${i}.elsewhere.test`,
  );
  let at = 0;
  return { loadMs: ms, mb, ns: timeOf(() => matcher.matches(hosts[at++ % hosts.length]), 300) };
}

function measureExplain(policy) {
  const facts = factsFrom(requests[0]);
  return timeOf(() => explain(policy, facts), 300) / 1e6;
}
