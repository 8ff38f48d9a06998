/** A type of the language. Compare with `sameType`, print with `formatType`. */
export type Type =
  | { readonly kind: "bool" | "int" | "double" | "string" | "timestamp" | "duration" | "ip" | "host" | "version" | "cidr" }
  /** The entries of `[]` and `{}`: no value has it, and it goes with every type. */
  | { readonly kind: "nothing" }
  | { readonly kind: "list"; readonly entry: Type }
  | { readonly kind: "map"; readonly key: Type; readonly value: Type };

export type TypeKind = Type["kind"];

/** Types that an attribute can be declared with, apart from `list<…>` and `map<…>`. */
export const plainTypeNames = ["bool", "int", "double", "string", "timestamp", "duration", "ip", "host", "version"] as const;

export type PlainTypeName = (typeof plainTypeNames)[number];

export const types = {
  bool: { kind: "bool" },
  int: { kind: "int" },
  double: { kind: "double" },
  string: { kind: "string" },
  timestamp: { kind: "timestamp" },
  duration: { kind: "duration" },
  ip: { kind: "ip" },
  host: { kind: "host" },
  version: { kind: "version" },
  cidr: { kind: "cidr" },
  nothing: { kind: "nothing" },
} as const satisfies Record<string, Type>;

export function listOf(entry: Type): Type {
  return { kind: "list", entry };
}

export function mapOf(key: Type, value: Type): Type {
  return { kind: "map", key, value };
}

export function sameType(one: Type, other: Type): boolean {
  if (one.kind === "list") return other.kind === "list" && sameType(one.entry, other.entry);
  if (one.kind === "map") return other.kind === "map" && sameType(one.key, other.key) && sameType(one.value, other.value);
  return one.kind === other.kind;
}

/** The type that both sides have when `nothing` gives way; `undefined` when they differ. */
export function unify(one: Type, other: Type): Type | undefined {
  if (one.kind === "nothing") return other;
  if (other.kind === "nothing") return one;
  if (one.kind === "list" && other.kind === "list") {
    const entry = unify(one.entry, other.entry);
    return entry && listOf(entry);
  }
  if (one.kind === "map" && other.kind === "map") {
    const key = unify(one.key, other.key);
    const value = unify(one.value, other.value);
    return key && value && mapOf(key, value);
  }
  return one.kind === other.kind ? one : undefined;
}

/** As a policy writes it: `map<string, list<string>>`. */
export function formatType(type: Type): string {
  if (type.kind === "list") return `list<${formatType(type.entry)}>`;
  if (type.kind === "map") return `map<${formatType(type.key)}, ${formatType(type.value)}>`;
  return type.kind;
}
