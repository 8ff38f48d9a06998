import type { Outcome } from "../../agent/contract/index.ts";
import { useText } from "../text/index.ts";

/** Every outcome has its own silhouette: disc, octagon, arrow, diamond, so that colour is never needed to tell them apart. */
const shapes = {
  allow: { outline: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1", sign: "M4.800 8.300 7.100 10.600 11.300 5.800" },
  deny: { outline: "M5.200 1.200h5.600l4 4v5.600l-4 4H5.200l-4-4V5.200z", sign: "M5 8h6" },
  redirect: { outline: "M1.500 2.500h8L15 8l-5.500 5.500h-8z", sign: "M4.500 8h5M7.500 5.800 9.800 8l-2.300 2.200" },
  step_up: { outline: "M8 .700 15.300 8 8 15.300.700 8z", sign: "M8 11V5.500M5.800 7.500 8 5.200l2.200 2.300" },
  challenge: { outline: "M8 .700 15.300 8 8 15.300.700 8z", sign: "M8 4.800v4M8 11.200v.1" },
  pending: { outline: "M8 1.600a6.400 6.400 0 1 0 0 12.800A6.400 6.400 0 0 0 8 1.600", sign: "M8 5v3.200l2 1.200" },
} as const;

export type VerdictTone = "allow" | "deny" | "ask" | "turn" | "none";

export function toneOf(outcome: Outcome | undefined): VerdictTone {
  if (outcome === undefined) return "none";
  return ({ allow: "allow", deny: "deny", redirect: "turn", step_up: "ask", challenge: "ask" } as const)[outcome];
}

/** The verdict's silhouette alone; whoever uses it says the word nearby. */
export function VerdictShape({ outcome }: { readonly outcome: Outcome | undefined }) {
  const { outline, sign } = shapes[outcome ?? "pending"];
  return (
    <svg className={`verdict-shape tone-${toneOf(outcome)}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path className="verdict-outline" d={outline} />
      <path className="verdict-sign" d={sign} />
    </svg>
  );
}

/** Shape and word. */
export function Verdict({ outcome }: { readonly outcome: Outcome | undefined }) {
  const { t } = useText();
  return (
    <span className={`verdict tone-${toneOf(outcome)}`}>
      <VerdictShape outcome={outcome} />
      <span>{outcome === undefined ? t.connections.live.judging : t.common.verdicts[outcome]}</span>
    </span>
  );
}
