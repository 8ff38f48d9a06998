/**
 * Tagged JSON for what crosses between worlds: plain values, `undefined`, errors, and where hooks are given functions and promises.
 * The text of this function is injected into pages too: plain script, no imports, no Node globals.
 */
export function makeCodec(hooks = {}) {
  const tag = "$standIn";
  const refuse = () => {
    throw new Error("An object could not be cloned.");
  };
  const encode = (value) => {
    if (value === undefined) return { [tag]: "undefined" };
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number") return Number.isFinite(value) ? value : refuse();
    if (typeof value === "function") return hooks.keepFunction ? { [tag]: "function", id: hooks.keepFunction(value) } : refuse();
    if (typeof value !== "object") return refuse();
    if (hooks.keepPromise && typeof value.then === "function") return { [tag]: "promise", id: hooks.keepPromise(value) };
    if (Array.isArray(value)) return value.map(encode);
    if (value instanceof Error) return { [tag]: "error", name: value.name, message: value.message };
    if (Object.prototype.toString.call(value) !== "[object Object]") return refuse();
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, encode(one)]));
  };
  const decode = (value) => {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(decode);
    switch (value[tag]) {
      case undefined:
        return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, decode(one)]));
      case "undefined":
        return undefined;
      case "function":
        return hooks.findFunction(value.id);
      case "promise":
        return hooks.findPromise(value.id);
      default:
        return Object.assign(new Error(value.message), { name: value.name });
    }
  };
  return { pack: (value) => JSON.stringify(encode(value)), unpack: (text) => decode(JSON.parse(text)) };
}
