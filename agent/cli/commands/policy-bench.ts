import type { PolicyCost, RuleCost } from "../../policy-tools/index.ts";
import type { Action } from "../command.ts";
import { loadPolicyFile, tellProblems } from "../load-policy-file.ts";
import { type Column, formatTable } from "../table.ts";
import type { World } from "../world.ts";

/** So many rules are shown, those that take most time. */
const shownRules = 20;

export const benchPolicy: Action = async (words, world) => {
  const [file = ""] = words.operands;
  const loaded = await loadPolicyFile(file, world);
  if (loaded.policy === undefined) return tellProblems([loaded], words, world);
  const { loadPolicy } = await import("../../policy/index.ts");
  const { measurePolicy } = await import("../../policy-tools/index.ts");
  const decisions = words.integer("decisions", { min: 100, max: 100_000_000 });
  const instruments = {
    now: () => world.clock.monotonic(),
    heapBytes: () => process.memoryUsage().heapUsed,
    load: () => loadPolicy(loaded.text, loaded.options),
  };
  const cost = measurePolicy(loaded.policy, instruments, decisions === undefined ? {} : { decisions });
  if (words.has("json")) world.printJson({ file, ...cost });
  else printCost(file, cost, world);
  return 0;
};

function printCost(file: string, { loadMs, heapBytes, decisions, microseconds, rules }: PolicyCost, world: World): void {
  const heap = heapBytes === undefined ? "" : `, about ${(heapBytes / 2 ** 20).toFixed(1)} MB`;
  const { p50, p99, p999, worst } = microseconds;
  world.print(`${file}: loads in ${loadMs.toFixed(1)} ms${heap}.`);
  world.print(
    `${decisions} decisions: half under ${p50.toFixed(1)} µs, 99 % under ${p99.toFixed(1)} µs, 99.9 % under ${p999.toFixed(1)} µs, the worst ${worst.toFixed(0)} µs.`,
  );
  if (rules.length > 0) world.print(formatTable(columns, rules.slice(0, shownRules), world.width));
}

const columns: readonly Column<RuleCost>[] = [
  { title: "LINE", cell: ({ line }) => String(line), align: "right" },
  { title: "RULE", cell: ({ kind, name }) => `${kind} ${name}`, shrinksTo: 12 },
  { title: "EVALUATED", cell: ({ evaluated }) => String(evaluated), align: "right" },
  { title: "NS EACH", cell: ({ nanoseconds }) => nanoseconds.toFixed(0), align: "right" },
  { title: "SHARE", cell: ({ share }) => `${(share * 100).toFixed(1)} %`, align: "right" },
];
