import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** Where the agent keeps what. Nothing is created by asking. */
export interface Places {
  readonly stateDir: string;
  /** For sockets: better than the state directory because the system empties it at logout. */
  readonly runtimeDir: string;
  /** Unix socket, or the name of a pipe on Windows. */
  readonly controlSocketPath: string;
  /** The configuration that is read when none is named; it may not exist. */
  readonly configPath: string;
}

export interface PlaceOptions {
  /** From `--state-dir`. */
  readonly stateDir?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
  readonly home?: string;
}

/** sockaddr_un holds 108 bytes on Linux and 104 on macOS, the last one zero. */
const SOCKET_PATH_BYTES = 103;

/**
 * The agent and the command line find each other by the state directory alone, whatever else is in their environment: a named state
 * directory keeps the socket inside; only the default one uses the runtime directory.
 */
export function placesOf(options: PlaceOptions = {}): Places {
  const { env = process.env, platform = process.platform, home = homedir() } = options;
  const named = options.stateDir ?? nonEmpty(env["PORTAIL_STATE_DIR"]);
  const stateDir = resolve(named ?? defaultStateDir(env, platform, home));
  const runtimeRoot = platform === "win32" ? undefined : usableRuntimeRoot(nonEmpty(env["XDG_RUNTIME_DIR"]));
  const runtimeDir = runtimeDirOf({ stateDir, isNamed: named !== undefined, runtimeRoot });
  return {
    stateDir,
    runtimeDir,
    controlSocketPath: controlSocketIn(runtimeDir, stateDir, platform),
    configPath: configPathOf(env, platform, home),
  };
}

function defaultStateDir(env: NonNullable<PlaceOptions["env"]>, platform: NodeJS.Platform, home: string): string {
  if (platform === "darwin") return join(home, "Library/Application Support/Portail");
  if (platform === "win32") return join(nonEmpty(env["LOCALAPPDATA"]) ?? join(home, "AppData/Local"), "Portail");
  return join(absolute(env["XDG_STATE_HOME"]) ?? join(home, ".local/state"), "portail");
}

function configPathOf(env: NonNullable<PlaceOptions["env"]>, platform: NodeJS.Platform, home: string): string {
  if (platform === "darwin") return join(home, "Library/Application Support/Portail/portail.yaml");
  if (platform === "win32") return join(nonEmpty(env["APPDATA"]) ?? join(home, "AppData/Roaming"), "Portail/portail.yaml");
  return join(absolute(env["XDG_CONFIG_HOME"]) ?? join(home, ".config"), "portail/portail.yaml");
}

interface RuntimeChoice {
  readonly stateDir: string;
  readonly isNamed: boolean;
  readonly runtimeRoot: string | undefined;
}

function runtimeDirOf({ stateDir, isNamed, runtimeRoot }: RuntimeChoice): string {
  if (runtimeRoot === undefined) return stateDir;
  if (!isNamed) return join(runtimeRoot, "portail");
  const fits = Buffer.byteLength(join(stateDir, "control.sock")) <= SOCKET_PATH_BYTES;
  return fits ? stateDir : join(runtimeRoot, `portail-${shortHash(stateDir)}`);
}

function controlSocketIn(runtimeDir: string, stateDir: string, platform: NodeJS.Platform): string {
  return platform === "win32" ? `\\\\.\\pipe\\portail-${shortHash(stateDir)}` : join(runtimeDir, "control.sock");
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** SECURITY: XDG Base Directory: the directory must be the user's own with mode 0700; another one is as good as none. */
function usableRuntimeRoot(path: string | undefined): string | undefined {
  if (path === undefined || !isAbsolute(path)) return undefined;
  const found = statSync(path, { throwIfNoEntry: false });
  const isOurs = found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
  return isOurs ? path : undefined;
}

/** XDG Base Directory: "If an implementation encounters a relative path in any of these variables it should … ignore it." */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
