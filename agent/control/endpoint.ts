import { dirname } from "node:path";

/** Where the control channel lives. `dir` is ours alone; a named pipe has none. */
export type ControlEndpoint =
  | { readonly kind: "socket"; readonly path: string; readonly dir: string }
  | { readonly kind: "pipe"; readonly path: string };

/** What a path means: on Windows names of pipes begin so, and nothing else does. */
export function controlEndpointAt(path: string): ControlEndpoint {
  return path.startsWith("\\\\.\\pipe\\") ? { kind: "pipe", path } : { kind: "socket", path, dir: dirname(path) };
}
