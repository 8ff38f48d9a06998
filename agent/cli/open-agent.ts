import { resolve } from "node:path";
import { type ControlClient, connectControl, controlEndpointAt } from "../control/index.ts";
import { type Places, placesOf } from "../platform/index.ts";
import type { CliIo } from "./main.ts";

type Surroundings = Pick<CliIo, "env" | "cwd" | "platform" | "uid" | "version" | "clock" | "peerOf">;

/** Where the agent of a command keeps its things. */
export function placesFor({ env, cwd, platform }: Surroundings, stateDir: string | undefined): Places {
  return placesOf({ stateDir: stateDir === undefined ? undefined : resolve(cwd, stateDir), env, platform });
}

/**
 * Connect to the agent of a state directory. Without one it is looked for where this session would put it, and where the same person
 * would without a session or in one: an agent started by cron or by the system has other surroundings than a terminal.
 */
export function openAgent(io: Surroundings, stateDir: string | undefined): Promise<ControlClient> {
  const runtimeDirs = [io.env["XDG_RUNTIME_DIR"], undefined, io.platform === "linux" ? `/run/user/${io.uid}` : undefined];
  const paths = runtimeDirs.map(
    (runtimeDir) => placesFor({ ...io, env: { ...io.env, XDG_RUNTIME_DIR: runtimeDir } }, stateDir).controlSocketPath,
  );
  return connectControl([...new Set(paths)].map(controlEndpointAt), {
    client: `portail-cli/${io.version}`,
    clock: io.clock,
    uid: io.uid,
    peerOf: io.peerOf,
  });
}
