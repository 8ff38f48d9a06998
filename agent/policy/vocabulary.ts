import type { FactValue } from "../connection/index.ts";

export const attributeClasses = ["public", "internal", "personal", "secret"] as const;
export type AttributeClass = (typeof attributeClasses)[number];
export type AttributeGroup = "request" | "client" | "user" | "device" | "world" | "decision" | "declared";

/** One word that a condition may use. */
export interface Attribute {
  readonly path: string;
  /** `string`, `list<string>`, `map<string, string>`, … */
  readonly type: string;
  /** May be legitimately absent; bare use is a load error, `has()` or `??` guards it. */
  readonly optional: boolean;
  readonly class: AttributeClass;
  readonly group: AttributeGroup;
  readonly source?: { readonly name: string; readonly argument?: string };
  /** Older than this is stale; older than this and `staleMs` is unknown. */
  readonly maxAgeMs?: number;
  readonly staleMs?: number;
  /** Stands in while the value is unknown. */
  readonly fallback?: FactValue;
  /** Line of the `attribute` block that declares or refines it. */
  readonly line?: number;
}

export type AttributeTable = ReadonlyMap<string, Attribute>;

type Row = readonly [path: string, type: string, cls: AttributeClass];

/** A `?` after the path: optional. Classes that the language's reference does not fix are chosen by what the value says of a person. */
const ROWS: Readonly<Record<"request" | "client" | "user" | "device" | "world" | "decision", readonly Row[]>> = {
  request: [
    ["request.protocol", "string", "public"],
    ["request.listener", "string", "public"],
    ["request.host", "host", "internal"],
    ["request.port", "int", "public"],
    ["request.ip?", "ip", "internal"],
    ["request.sni?", "host", "internal"],
    ["request.tls", "bool", "public"],
    ["request.method?", "string", "internal"],
    ["request.path?", "string", "personal"],
    ["request.headers?", "map<string, string>", "secret"],
    ["request.transport", "string", "public"],
    ["request.direct", "bool", "public"],
  ],
  client: [
    ["client.exe", "string", "internal"],
    ["client.uid", "int", "internal"],
    ["client.user", "string", "personal"],
    ["client.unit?", "string", "internal"],
    ["client.signer?", "string", "internal"],
    ["client.cert.subject?", "string", "personal"],
    ["client.cert.issuer?", "string", "internal"],
    ["client.cert.sans?", "list<string>", "personal"],
    ["client.cert.fingerprint?", "string", "internal"],
  ],
  user: [
    ["user.sub", "string", "personal"],
    ["user.email?", "string", "personal"],
    ["user.groups", "list<string>", "internal"],
    ["user.acr?", "string", "internal"],
    ["user.amr", "list<string>", "internal"],
    ["user.auth_age", "duration", "internal"],
    ["user.signed_in", "bool", "internal"],
  ],
  device: [
    ["device.id", "string", "internal"],
    ["device.managed", "bool", "internal"],
    ["device.trust", "int", "internal"],
    ["device.owner?", "string", "personal"],
    ["device.tags", "list<string>", "internal"],
    ["device.os.name", "string", "internal"],
    ["device.os.version", "version", "internal"],
    ["device.patch_age", "duration", "internal"],
    ["device.disk.encrypted", "bool", "internal"],
    ["device.firewall.enabled", "bool", "internal"],
    ["device.screen_lock", "bool", "internal"],
    ["device.secure_boot", "bool", "internal"],
    ["device.key.hardware", "bool", "internal"],
    ["device.attested", "bool", "internal"],
    ["device.attestation_age", "duration", "internal"],
  ],
  world: [
    ["geo.country", "string", "personal"],
    ["geo.dest.country", "string", "internal"],
    ["net.location", "string", "personal"],
    ["risk.score", "int", "internal"],
    ["risk.reasons", "list<string>", "secret"],
    ["time.now", "timestamp", "public"],
    ["time.hour", "int", "public"],
    ["time.weekday", "int", "public"],
  ],
  decision: [
    ["decision.outcome", "string", "public"],
    ["decision.rule", "string", "internal"],
    ["decision.failed", "list<string>", "internal"],
    ["decision.say", "string", "public"],
    ["decision.help", "string", "public"],
    ["decision.incident", "string", "public"],
  ],
};

/** The built-in words, `decision.*` included (those only a `reveal` may name). */
export const vocabulary: AttributeTable = new Map(
  Object.entries(ROWS).flatMap(([group, rows]) =>
    rows.map(([written, type, cls]): [string, Attribute] => {
      const optional = written.endsWith("?");
      const path = optional ? written.slice(0, -1) : written;
      return [path, { path, type, optional, class: cls, group: group as AttributeGroup }];
    }),
  ),
);
