import { useCallback, useEffect, useState } from "react";
import { type BridgeCallName, BridgeError, type BridgeInput, type BridgeOutput } from "../bridge/index.ts";
import { usePortail } from "./portail.tsx";

/** An answer on its way. The last good one stays visible while the next is awaited. */
export interface Called<T> {
  readonly state: "idle" | "loading" | "ready" | "failed";
  readonly value: T | undefined;
  readonly error: BridgeError | undefined;
}

export interface Calling<N extends BridgeCallName> extends Called<BridgeOutput<N>> {
  readonly again: () => void;
}

/**
 * Ask for something and keep the answer: on first show, when the input changes (compared as JSON), and on `again`.
 * An input of `undefined` asks nothing. An answer that was overtaken by a newer question is dropped.
 */
export function useCall<N extends BridgeCallName>(call: N, input: BridgeInput<N> | undefined): Calling<N> {
  const { bridge } = usePortail();
  const [called, setCalled] = useState<Called<BridgeOutput<N>>>({ state: "idle", value: undefined, error: undefined });
  const [round, setRound] = useState(0);
  const key = input === undefined ? undefined : JSON.stringify(input);
  useEffect(() => {
    if (key === undefined) return setCalled({ state: "idle", value: undefined, error: undefined });
    let current = true;
    setCalled((before) => ({ ...before, state: "loading" }));
    bridge.ask(call, JSON.parse(key) as BridgeInput<N>).then(
      (value) => current && setCalled({ state: "ready", value, error: undefined }),
      (cause: unknown) => current && setCalled((before) => ({ ...before, state: "failed", error: bridgeErrorOf(cause) })),
    );
    return () => {
      current = false;
    };
  }, [bridge, call, key, round]);
  const again = useCallback(() => setRound((count) => count + 1), []);
  return { ...called, again };
}

export function bridgeErrorOf(cause: unknown): BridgeError {
  return cause instanceof BridgeError ? cause : new BridgeError({ code: "INTERNAL", detail: "the call failed" }, { cause });
}
