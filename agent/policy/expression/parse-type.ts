import { describeToken } from "./token.ts";
import type { TokenStream } from "./token-stream.ts";
import { listOf, mapOf, plainTypeNames, type Type, types } from "./value-type.ts";

const MOST_NESTED = 8;

/** Read a type, `string` or `map<string, list<string>>`, and leave the cursor behind it; `undefined` after a problem. */
export function parseType(stream: TokenStream, nesting = 0): Type | undefined {
  const token = stream.peek();
  if (nesting > MOST_NESTED) return stream.fail(`types may be nested ${MOST_NESTED} levels deep`, { code: "E_LIMIT" });
  const name = plainTypeNames.find((candidate) => candidate === token.text);
  if (name !== undefined) {
    stream.next();
    return types[name];
  }
  if (stream.accept("list")) {
    const entry = stream.expect("<", "after 'list'") && parseType(stream, nesting + 1);
    return entry && stream.expect(">") && listOf(entry);
  }
  if (stream.accept("map")) return parseMapType(stream, nesting);
  return stream.fail(`expected a type, found ${describeToken(token)}`, {
    hint: `types are ${plainTypeNames.join(", ")}, list<…> and map<…, …>`,
  });
}

function parseMapType(stream: TokenStream, nesting: number): Type | undefined {
  const start = stream.expect("<", "after 'map'") && stream.peek();
  const key = start && parseType(stream, nesting + 1);
  if (key === undefined) return undefined;
  if (key.kind !== "string" && key.kind !== "int" && key.kind !== "bool") {
    return stream.fail("the keys of a map are string, int or bool", { code: "E_TYPE", span: start ?? stream.peek() });
  }
  const value = stream.expect(",") && parseType(stream, nesting + 1);
  return value && stream.expect(">") && mapOf(key, value);
}
