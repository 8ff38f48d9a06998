import { useEffect, useRef } from "react";
import { useAgent, useCall, useNow } from "../../store/index.ts";

/** Hits are counted while one looks; this often is enough. */
const refreshMs = 10_000;

/** The policy in force: asked again when it was replaced, and now and then for its counts. */
export function usePolicy() {
  const digest = useAgent((state) => state.policyDigest);
  const beat = Math.floor(useNow(refreshMs) / refreshMs);
  const policy = useCall("policy.get", {});
  const { again } = policy;
  const seen = useRef({ digest, beat });
  useEffect(() => {
    if (seen.current.digest !== digest || seen.current.beat !== beat) again();
    seen.current = { digest, beat };
  }, [again, digest, beat]);
  return policy;
}
