/** The figures as a page that people read, with each target and whether it is met. */

export function reportOf({ conditions, decisions, own }, machine) {
  const names = [...decisions.ns.keys()];
  return [
    "## Policy",
    "",
    `Written by \`npm run bench:policy\` on ${machine}.`,
    "",
    "One condition, nanoseconds of processor time (every engine compiles once and evaluates a context that is ready):",
    "",
    row(["condition", ...names, "fastest other / Portail"]),
    row(["---", ...names.map(() => "---:"), "---:"]),
    ...conditions.map(({ name, ns }) => row([name, ...names.map((engine) => nanoseconds(ns.get(engine))), ratio(ns)])),
    "",
    `A decision over ${decisions.count.toLocaleString("en")} rules, each for one host, one port and one group:`,
    "",
    row(["", ...names, "fastest other / Portail"]),
    row(["---", ...names.map(() => "---:"), "---:"]),
    row(["one decision", ...names.map((engine) => human(decisions.ns.get(engine))), ratio(decisions.ns)]),
    "",
    "Targets:",
    "",
    row(["what", "target", "measured", ""]),
    row(["---", "---", "---:", "---"]),
    ...targets(own, conditions, decisions).map(({ what, target, measured, met }) =>
      row([what, target, measured, met ? "met" : "**missed**"]),
    ),
  ].join("\n");
}

function row(cells) {
  return `| ${cells.join(" | ")} |`;
}

function nanoseconds(ns) {
  return ns === undefined ? "no regular expressions" : ns.toFixed(0);
}

function human(ns) {
  if (ns < 1000) return `${ns.toFixed(0)} ns`;
  return ns < 1e6 ? `${(ns / 1000).toFixed(1)} µs` : `${(ns / 1e6).toFixed(1)} ms`;
}

function ratioOf(ns) {
  const [own, ...others] = ns.values();
  return Math.min(...others) / own;
}

function ratio(ns) {
  return `${ratioOf(ns).toFixed(1)}×`;
}

function targets({ loadMs, heapMb, p50, p999, set, explainMs }, conditions, decisions) {
  const worst = Math.max(...conditions.map(({ ns }) => ns.get("Portail")));
  const leastRatio = Math.min(...conditions.map(({ ns }) => ratioOf(ns)));
  const total = ratioOf(decisions.ns);
  return [
    { what: "10,000 rules: load", target: "< 1 s", measured: `${(loadMs / 1000).toFixed(2)} s`, met: loadMs < 1000 },
    { what: "10,000 rules: memory", target: "< 60 MB", measured: `${heapMb.toFixed(1)} MB`, met: heapMb < 60 },
    { what: "10,000 rules: decision, median", target: "< 10 µs", measured: `${p50.toFixed(2)} µs`, met: p50 < 10 },
    { what: "10,000 rules: decision, 99.9 %", target: "< 200 µs", measured: `${p999.toFixed(1)} µs`, met: p999 < 200 },
    { what: "a million hosts: load", target: "< 1 s", measured: `${(set.loadMs / 1000).toFixed(2)} s`, met: set.loadMs < 1000 },
    { what: "a million hosts: memory", target: "< 40 MB", measured: `${set.mb.toFixed(1)} MB`, met: set.mb < 40 },
    { what: "a million hosts: look-up", target: "< 1 µs", measured: `${(set.ns / 1000).toFixed(2)} µs`, met: set.ns < 1000 },
    { what: "the slowest of the conditions above", target: "< 150 ns", measured: `${worst.toFixed(0)} ns`, met: worst < 150 },
    { what: "explaining a decision", target: "< 5 ms", measured: `${explainMs.toFixed(2)} ms`, met: explainMs < 5 },
    {
      what: "single conditions against the fastest other, worst ratio",
      target: "≥ 3×",
      measured: `${leastRatio.toFixed(1)}×`,
      met: leastRatio >= 3,
    },
    { what: "10,000-rule decisions against the fastest other", target: "≥ 100×", measured: `${total.toFixed(0)}×`, met: total >= 100 },
  ];
}
