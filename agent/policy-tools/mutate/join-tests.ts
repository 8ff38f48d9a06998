import { parsePolicy } from "../../policy/index.ts";

export type JoinedTests =
  | { readonly kind: "joined"; readonly text: string; readonly lines: number }
  | { readonly kind: "refused"; readonly why: string };

/**
 * A policy together with tests from a file of their own. That file is a policy that holds only fixtures and tests; it may use the
 * policy's fixtures. `lines`: how many lines of the joined text are the policy's.
 */
export function joinTests(policyText: string, testsText: string): JoinedTests {
  const { tree, problems } = parsePolicy(testsText);
  const [problem] = problems;
  if (problem !== undefined) return { kind: "refused", why: `line ${lineAt(testsText, problem.offset)}: ${problem.message}` };
  const stranger = tree.items.find(({ kind }) => kind !== "fixture" && kind !== "test");
  if (stranger !== undefined) {
    return { kind: "refused", why: `line ${lineAt(testsText, stranger.at.offset)}: ${stranger.kind} '${stranger.name.text}' decides` };
  }
  const policy = policyText.endsWith("\n") ? policyText : `${policyText}\n`;
  const body = testsText.replace(/portail\s+policy\s+1/, (header) => header.replace(/\S/g, " "));
  return { kind: "joined", text: policy + body, lines: policy.split("\n").length - 1 };
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|\r|\n/).length;
}
