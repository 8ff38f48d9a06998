import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";

/** What decides where the socket is: the same facts give agent and clients the same place. */
export interface ControlPlace {
  readonly stateDir: string;
  readonly platform: NodeJS.Platform;
  /** `undefined` where the system has no user ids. */
  readonly uid: number | undefined;
  /** `XDG_RUNTIME_DIR`, when it is set. */
  readonly runtimeDir?: string | undefined;
}

/** Where the control channel lives. `dir` is ours alone; a named pipe has none. */
export type ControlEndpoint =
  | { readonly kind: "socket"; readonly path: string; readonly dir: string }
  | { readonly kind: "pipe"; readonly path: string };

/** `sun_path` holds 108 bytes with the closing zero on Linux, 104 elsewhere: the smaller bound serves all. */
const maxSocketPathBytes = 103;

/** Find the endpoint of the agent that runs on a state directory. Several agents of one person have several endpoints. */
export function controlEndpoint(place: ControlPlace): ControlEndpoint {
  const stateDir = canonicalPath(place.stateDir);
  const name = createHash("sha256").update(stateDir).digest("hex").slice(0, 12);
  if (place.platform === "win32") return { kind: "pipe", path: `\\\\.\\pipe\\portail-${name}` };
  const dirs = [join(stateDir, "run"), `/tmp/portail-${place.uid ?? "any"}-${name}`];
  if (place.runtimeDir?.startsWith("/")) dirs.unshift(join(place.runtimeDir, `portail-${name}`));
  const dir = dirs.find((candidate) => Buffer.byteLength(join(candidate, "control.sock")) <= maxSocketPathBytes) ?? join(stateDir, "run");
  return { kind: "socket", dir, path: join(dir, "control.sock") };
}

/** Two spellings of one directory must lead to one socket. A directory that does not exist yet has only its spelling. */
function canonicalPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
