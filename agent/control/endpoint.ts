import { createHash } from "node:crypto";
import { realpathSync, statSync } from "node:fs";
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

/**
 * The places of the agent that runs on a state directory, best first: the agent takes the first one, a client tries each, because
 * the agent may have been started without the person's session (and so without `XDG_RUNTIME_DIR`). Several agents of one person,
 * on several state directories, have different places.
 */
export function controlEndpoints(place: ControlPlace): readonly [ControlEndpoint, ...ControlEndpoint[]] {
  const stateDir = canonicalPath(place.stateDir);
  const name = `portail-${createHash("sha256").update(stateDir).digest("hex").slice(0, 12)}`;
  if (place.platform === "win32") return [{ kind: "pipe", path: `\\\\.\\pipe\\${name}` }];
  const inRuntimeDir = isOwnDirectory(place.runtimeDir, place.uid) ? [socketIn(join(place.runtimeDir, name))] : [];
  const inStateDir = [socketIn(join(stateDir, "run"))];
  const lastResort = socketIn(`/tmp/${name}-${place.uid ?? "any"}`);
  const [first, ...others] = [...inRuntimeDir, ...inStateDir].filter(isShortEnough);
  return first === undefined ? [lastResort] : [first, ...others];
}

function socketIn(dir: string): ControlEndpoint {
  return { kind: "socket", dir, path: join(dir, "control.sock") };
}

function isShortEnough(endpoint: ControlEndpoint): boolean {
  return Buffer.byteLength(endpoint.path) <= maxSocketPathBytes;
}

/** A runtime directory that is somebody else's (a variable kept by `sudo`) or is gone would only fail later. */
function isOwnDirectory(path: string | undefined, uid: number | undefined): path is string {
  if (path === undefined || !path.startsWith("/")) return false;
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() && found.uid === uid;
}

/** Two spellings of one directory must lead to one socket. A directory that does not exist yet has only its spelling. */
function canonicalPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
