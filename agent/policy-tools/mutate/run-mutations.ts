import { type LoadResult, parsePolicy, type Policy, runTests } from "../../policy/index.ts";
import { applyMutation } from "./mutation.ts";
import { findDifference } from "./find-difference.ts";
import { mutatePolicy } from "./mutate-policy.ts";

export interface Survivor {
  readonly line: number;
  readonly says: string;
}

export interface MutationReport {
  /** Mutants that load: those that a test noticed, and those that none did. */
  readonly mutants: number;
  readonly killed: number;
  /** Alive, and some request is decided otherwise or shown otherwise: a test is missing. */
  readonly survivors: readonly Survivor[];
  /** Alive, but no difference was found among the contexts tried: most likely the same policy in other words. */
  readonly equivalent: readonly Survivor[];
  /** Not counted: the loader refuses them, so they could never come into force. */
  readonly refused: number;
  /** Killed among all mutants, 0 to 1. */
  readonly score: number;
  /** Killed among those that make a difference, 0 to 1. */
  readonly scoreOfDifferent: number;
}

export interface MutationOptions {
  /** Reads and checks a variant of the policy. */
  readonly load: (text: string) => LoadResult;
  /** So many contexts are tried before a mutant that no test notices counts as equivalent. */
  readonly contexts?: number;
  /** Told before each mutant. */
  readonly onProgress?: (done: number, total: number) => void;
}

const defaultContexts = 20_000;

/** Make every small mistake in turn and see whether the policy's own tests notice. All of its tests must pass as it is. */
export function runMutations(policy: Policy, options: MutationOptions): MutationReport {
  const survivors: Survivor[] = [];
  const equivalent: Survivor[] = [];
  let killed = 0;
  let refused = 0;
  const mutations = mutatePolicy(policy.text);
  for (const [done, mutation] of mutations.entries()) {
    options.onProgress?.(done, mutations.length);
    const text = applyMutation(policy.text, mutation);
    const { policy: mutant, problems } = options.load(text);
    if (mutant === undefined) {
      if (isNoticedByTests(text, problems)) killed += 1;
      else refused += 1;
    } else if (runTests(mutant).some(({ passed }) => !passed)) killed += 1;
    else {
      const isDifferent = findDifference(policy, mutant, options.contexts ?? defaultContexts);
      (isDifferent ? survivors : equivalent).push({ line: lineAt(policy.text, mutation.offset), says: mutation.says });
    }
  }
  const different = killed + survivors.length;
  const mutants = different + equivalent.length;
  return {
    mutants,
    killed,
    survivors,
    equivalent,
    refused,
    score: mutants === 0 ? 1 : killed / mutants,
    scoreOfDifferent: different === 0 ? 1 : killed / different,
  };
}

/** A test that names a rule or a scope which is gone notices it before it runs: all mistakes stand in tests. */
function isNoticedByTests(text: string, problems: LoadResult["problems"]): boolean {
  const tests = parsePolicy(text)
    .tree.items.filter(({ kind }) => kind === "test")
    .map(({ at }) => ({ from: lineAt(text, at.offset), to: lineAt(text, at.offset + at.length) }));
  const errors = problems.filter(({ severity }) => severity === "error");
  return errors.length > 0 && errors.every(({ line }) => tests.some(({ from, to }) => line >= from && line <= to));
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|\r|\n/).length;
}
