import { Network } from "./network.ts";
import type { Value } from "./outcome.ts";
import type { Type } from "./value-type.ts";
import { compareVersions } from "./version.ts";

export type Equality = (one: Value, other: Value) => boolean;

const same: Equality = (one, other) => one === other;

/** How values of a type are compared: by content, maps in any order, versions by meaning. */
export function equalityOf(type: Type): Equality {
  switch (type.kind) {
    case "version":
      return (one, other) => one === other || (typeof one === "string" && typeof other === "string" && compareVersions(one, other) === 0);
    case "cidr":
      return (one, other) => one instanceof Network && other instanceof Network && one.text === other.text;
    case "list":
      return listEquality(equalityOf(type.entry));
    case "map":
      return mapEquality(equalityOf(type.value));
    case "bool":
    case "int":
    case "double":
    case "string":
    case "timestamp":
    case "duration":
    case "ip":
    case "host":
    case "nothing":
      return same;
  }
}

function listEquality(equal: Equality): Equality {
  return (one, other) => {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    const others = other as readonly Value[];
    return (one as readonly Value[]).every((entry, place) => equal(entry, others[place] ?? false));
  };
}

function mapEquality(equal: Equality): Equality {
  return (one, other) => {
    if (!(one instanceof Map) || !(other instanceof Map) || one.size !== other.size) return false;
    const others = other as ReadonlyMap<Value, Value>;
    return [...(one as ReadonlyMap<Value, Value>)].every(([key, value]) => {
      const opposite = others.get(key);
      return opposite !== undefined && equal(value, opposite);
    });
  };
}
