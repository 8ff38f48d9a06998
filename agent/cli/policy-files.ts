import { resolve } from "node:path";
import { AgentError, formatCause } from "../base/index.ts";
import type { World } from "./world.ts";

/** Far above every real policy; what is larger is some other file. */
const maxBytes = 64 * 1024 * 1024;

/** A policy file's bytes, for tools that need no agent. Rejects with POLICY_UNREADABLE. */
export async function readPolicyFile(name: string, world: Pick<World, "cwd">): Promise<Uint8Array> {
  const { systemFiles } = await import("../config/index.ts");
  try {
    return await systemFiles.read(resolve(world.cwd, name), maxBytes);
  } catch (cause) {
    throw new AgentError("POLICY_UNREADABLE", formatCause(cause), { cause });
  }
}
