import type { Verdict } from "../../connection/index.ts";
import { permissiveness } from "../contexts/explorer.ts";

/** `opens`: less strict than before; `closes`: stricter; `changes`: the same outcome, carried out otherwise. */
export type ChangeKind = "opens" | "closes" | "changes";

export interface VerdictChange {
  readonly kind: ChangeKind;
  /** What is carried out otherwise: `way out`, `log`, … Empty for a change of the outcome. */
  readonly parts: readonly string[];
}

/** How two decisions about one request differ in what happens; the names of rules are no difference. */
export function changeBetween(before: Verdict, after: Verdict): VerdictChange | undefined {
  const step = permissiveness[after.outcome] - permissiveness[before.outcome];
  if (step !== 0) return { kind: step > 0 ? "opens" : "closes", parts: [] };
  const parts = PARTS.filter(([, read]) => read(before) !== read(after)).map(([name]) => name);
  return parts.length === 0 ? undefined : { kind: "changes", parts };
}

const PARTS: readonly (readonly [name: string, read: (verdict: Verdict) => string | number | undefined])[] = [
  ["way out", ({ backends }) => backends.join("\n")],
  ["log", ({ log }) => log],
  ["lifetime", ({ lifetimeMs }) => lifetimeMs],
  ["on_change", ({ onChange, outcome }) => (outcome === "allow" ? onChange : "")],
  ["rewrite", ({ rewrite }) => (rewrite === undefined ? "" : `${rewrite.host}:${rewrite.port}`)],
  ["redirect", ({ redirect }) => redirect],
  ["what is asked", ({ ask }) => (ask === undefined ? "" : JSON.stringify([ask.asks, ask.holdMs]))],
  ["words", ({ say, help }) => `${say ?? ""}\n${help ?? ""}`],
];
