import { type BridgeCallName, type BridgeInput, type BridgeOutput, isBridgeCall, schemasOf } from "./bridge-calls.ts";
import { type BridgeAnswer, BridgeError, bridgeAnswerSchema } from "./bridge-error.ts";
import { type BridgeMessage, bridgeMessageSchema } from "./bridge-message.ts";

/** What the screens use. One meaning behind it, whatever carries it: the desktop's preload, the console's HTTP, or the fake. */
export interface PortailBridge {
  readonly runtime: "desktop" | "console";
  /** Rejects with a {@link BridgeError}. */
  ask<N extends BridgeCallName>(call: N, input: BridgeInput<N>): Promise<BridgeOutput<N>>;
  /** News until the returned function is called. Calling `watch` again brings a fresh snapshot. */
  watch(onMessage: (message: BridgeMessage) => void): () => void;
}

/** What carries the bridge: plain values only, so that it crosses isolated worlds and the network. The preload puts one at `window.portail`. */
export interface BridgeCarrier {
  readonly runtime: PortailBridge["runtime"];
  ask(call: string, input: unknown): Promise<BridgeAnswer>;
  watch(onMessage: (message: unknown) => void): () => void;
}

/** The typed bridge over any carrier. What comes back is parsed; a message that does not fit the table is reported, not shown. */
export function createBridge(carrier: BridgeCarrier, onBadMessage: (cause: unknown) => void): PortailBridge {
  return {
    runtime: carrier.runtime,
    ask: (call, input) => ask(carrier, call, input),
    watch: (onMessage) =>
      carrier.watch((raw) => {
        const parsed = bridgeMessageSchema.safeParse(raw);
        if (parsed.success) onMessage(parsed.data);
        else onBadMessage(parsed.error);
      }),
  };
}

async function ask<N extends BridgeCallName>(carrier: BridgeCarrier, call: N, input: BridgeInput<N>): Promise<BridgeOutput<N>> {
  if (!isBridgeCall(call)) throw new BridgeError({ code: "CONTROL_BAD_CALL", detail: "no such call" });
  const answer = bridgeAnswerSchema.safeParse(await carrier.ask(call, input));
  if (!answer.success) throw new BridgeError({ code: "CONTROL_BAD_CALL", detail: `the answer to ${call} is malformed` });
  if ("error" in answer.data) throw new BridgeError(answer.data.error);
  const output = schemasOf(call).output.safeParse(answer.data.output);
  if (!output.success) throw new BridgeError({ code: "CONTROL_BAD_CALL", detail: `the answer to ${call} does not fit the table` });
  return output.data as BridgeOutput<N>;
}
