import type { ConfigFile } from "../contract/index.ts";
import type { PlacedMistake } from "./schema-mistakes.ts";
import type { Path } from "./yaml-tree.ts";

/**
 * What may be written but is not served by this version. Each is an error: a setting that is silently ignored is a promise that is
 * silently broken. Serving something means to take its line away here.
 */
export function findUnserved(file: ConfigFile): readonly PlacedMistake[] {
  return [...listenersUnserved(file), ...sectionsUnserved(file)];
}

function* listenersUnserved(file: ConfigFile): Generator<PlacedMistake> {
  for (const [name, listener] of Object.entries(file.listeners)) {
    const path = ["listeners", name];
    if (listener.kind !== "proxy") yield notYet([...path, "kind"], `a listener of kind \`${listener.kind}\``, "served now: proxy");
  }
}

function* sectionsUnserved(file: ConfigFile): Generator<PlacedMistake> {
  if (file.oidc !== undefined) yield notYet(["oidc"], "signing in by OpenID Connect");
  for (const source of Object.keys(file.context)) yield notYet(["context", source], `the source of facts \`${source}\``);
  if (file.metrics !== undefined) yield notYet(["metrics"], "the endpoint for Prometheus");
}

function notYet(path: Path, what: string, hint = "remove it to start this version"): PlacedMistake {
  return { path, at: path.at(-1) === "kind" ? "value" : "key", code: "E_NOT_YET", message: `${what} is not available yet`, hint };
}
