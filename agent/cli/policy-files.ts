import { resolve } from "node:path";
import { AgentError, formatCause } from "../base/index.ts";
import { UsageMistake } from "./usage-mistake.ts";
import type { World } from "./world.ts";

/** Far above every real policy, chain or proof; what is larger is some other file. */
const maxBytes = 64 * 1024 * 1024;

/** A policy file's bytes, for tools that need no agent. Rejects with POLICY_UNREADABLE. */
export async function readPolicyFile(name: string, world: Pick<World, "cwd">): Promise<Uint8Array> {
  try {
    return await read(name, world);
  } catch (cause) {
    throw new AgentError("POLICY_UNREADABLE", formatCause(cause), { cause });
  }
}

/** The bytes of any other file that was named on the command line. Rejects with UsageMistake. */
export async function readNamedFile(name: string, world: Pick<World, "cwd">): Promise<Uint8Array> {
  try {
    return await read(name, world);
  } catch (cause) {
    throw new UsageMistake(`${name} cannot be read`, formatCause(cause));
  }
}

async function read(name: string, { cwd }: Pick<World, "cwd">): Promise<Uint8Array> {
  const { systemFiles } = await import("../config/index.ts");
  return systemFiles.read(resolve(cwd, name), maxBytes);
}
