import path from "node:path";

/** How the agent is started: its own runtime and its bundle, both outside the application's archive. */
export interface AgentProgram {
  readonly node: string;
  readonly entry: string;
}

/** In a package both lie under Electron's resources; in a checkout they are the pinned runtime and `out/agent`. */
export function agentProgram(place: {
  readonly packaged: boolean;
  readonly resources: string;
  readonly app: string;
  readonly platform: NodeJS.Platform;
}): AgentProgram {
  const runtime = place.platform === "win32" ? "node.exe" : "bin/node";
  if (place.packaged) return { node: path.join(place.resources, "node", runtime), entry: path.join(place.resources, "agent", "index.js") };
  return {
    node: path.join(place.app, "node_modules/.bin", place.platform === "win32" ? "node.cmd" : "node"),
    entry: path.join(place.app, "out/agent/index.js"),
  };
}

/**
 * SECURITY: the agent inherits only what it needs. Variables that change what Node or the loader reads never pass, so a
 * prepared environment of the application cannot put foreign code into the process that holds the keys.
 */
export function agentEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = [
    "HOME",
    "PATH",
    "USER",
    "LOGNAME",
    "LANG",
    "TZ",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "XDG_STATE_HOME",
    "XDG_CONFIG_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "PORTAIL_STATE_DIR",
    "SystemRoot",
    "APPDATA",
    "LOCALAPPDATA",
    "USERPROFILE",
    "TEMP",
  ];
  return Object.fromEntries(kept.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]])));
}
