import net from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { protocolVersion } from "../../agent/contract/index.ts";
import type { Agent } from "./agent.ts";

/** One call of the control channel, spoken by hand as the screens' programs speak it: for what no command does by itself. */
export async function controlCall<T>(agent: Agent, call: string, input: unknown): Promise<T> {
  const socket = net.connect(path.join(agent.stateDir, "control.sock"));
  try {
    socket.write(`${JSON.stringify({ hello: { protocol: protocolVersion, client: "lab" } })}\n${JSON.stringify({ id: 1, call, input })}\n`);
    for await (const line of createInterface({ input: socket })) {
      const frame = JSON.parse(line) as { readonly id?: number; readonly output?: T; readonly error?: unknown };
      if (frame.error !== undefined) throw new Error(`${call}: ${JSON.stringify(frame.error)}`);
      if (frame.id === 1) return frame.output as T;
    }
    throw new Error(`${call}: no answer`);
  } finally {
    socket.destroy();
  }
}
