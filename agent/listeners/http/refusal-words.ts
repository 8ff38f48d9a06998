import type { Refusal } from "../../connection/index.ts";
import { failures } from "../../contract/index.ts";
import { httpStatus } from "./status.ts";

/** A requirement that did not hold, in words for the person. */
export interface Missing {
  readonly label: string;
  readonly say: string | undefined;
  readonly help: string | undefined;
}

/** One refusal as page and problem document both tell it. */
export interface RefusalWords {
  readonly status: number;
  readonly code: Refusal["code"];
  readonly incident: string;
  readonly host: string | undefined;
  readonly sentence: string;
  readonly remedy: string;
  readonly detail: string | undefined;
  readonly say: string | undefined;
  readonly help: string | undefined;
  readonly missing: readonly Missing[];
  /** What would unblock it, verified by the policy itself. */
  readonly unblocks: string | undefined;
  /** Where to go instead; only for requests that can follow it. */
  readonly location: string | undefined;
}

/** `followable`: the program would follow a redirect, because it speaks HTTP with us and does not wait for a tunnel. */
export function wordRefusal(refusal: Refusal, request: { readonly host: string | undefined; readonly followable: boolean }): RefusalWords {
  const { sentence, remedy } = failures[refusal.code];
  const redirect = refusal.verdict?.outcome === "redirect" ? refusal.verdict.redirect : undefined;
  const location = request.followable && redirect !== undefined && isWebAddress(redirect) ? redirect : undefined;
  const { say, help } = spokenWords(refusal);
  return {
    status: location === undefined ? httpStatus[refusal.code] : 303,
    code: refusal.code,
    incident: refusal.incident,
    host: request.host,
    sentence,
    remedy,
    detail: refusal.detail,
    say,
    help: help ?? redirect,
    // SECURITY: from the explanation, which was cut to what the person may see; never from the verdict, which was not.
    missing: (refusal.explanation?.requirements ?? [])
      .filter((requirement) => requirement.state !== "true")
      .map(({ label, say, help }) => ({ label, say, help })),
    unblocks: refusal.explanation?.remedy,
    location,
  };
}

/** SECURITY: what an explanation leaves out is not for the person; the rule's own words stand in only where there is no explanation. */
function spokenWords({ say, help, explanation, verdict }: Refusal): Pick<RefusalWords, "say" | "help"> {
  return explanation === undefined ? { say: say ?? verdict?.say, help: help ?? verdict?.help } : { say, help };
}

/** SECURITY: only these are made a link or a Location, and only when they hold nothing but visible ASCII: no script, no header injection. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\/[\x21-\x7e]+$/.test(text);
}
