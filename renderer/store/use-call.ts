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

interface Answered<T> {
  readonly question: string;
  readonly value: T | undefined;
  readonly error: BridgeError | undefined;
}

/**
 * Ask for something and keep the answer: on first show, when the input changes (compared as JSON), and on `again`.
 * An input of `undefined` asks nothing. An answer that was overtaken by a newer question is dropped.
 */
export function useCall<N extends BridgeCallName>(call: N, input: BridgeInput<N> | undefined): Calling<N> {
  const { bridge } = usePortail();
  const [answered, setAnswered] = useState<Answered<BridgeOutput<N>> | undefined>(undefined);
  const [round, setRound] = useState(0);
  const key = input === undefined ? undefined : JSON.stringify(input);
  const question = `${round} ${key ?? ""}`;
  useEffect(() => {
    if (key === undefined) return;
    let current = true;
    bridge.ask(call, JSON.parse(key) as BridgeInput<N>).then(
      (value) => current && setAnswered({ question, value, error: undefined }),
      (cause: unknown) => current && setAnswered((before) => ({ question, value: before?.value, error: bridgeErrorOf(cause) })),
    );
    return () => {
      current = false;
    };
  }, [bridge, call, key, question]);
  const again = useCallback(() => setRound((count) => count + 1), []);
  return { ...calledOf(key === undefined ? undefined : question, answered), again };
}

function calledOf<T>(question: string | undefined, answered: Answered<T> | undefined): Called<T> {
  if (question === undefined) return { state: "idle", value: undefined, error: undefined };
  if (answered?.question !== question) return { state: "loading", value: answered?.value, error: undefined };
  return { state: answered.error === undefined ? "ready" : "failed", value: answered.value, error: answered.error };
}

export function bridgeErrorOf(cause: unknown): BridgeError {
  return cause instanceof BridgeError ? cause : new BridgeError({ code: "INTERNAL", detail: "the call failed" }, { cause });
}
