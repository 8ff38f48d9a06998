/** Names that runtimes and inspectors ask of any object; not part of Electron's API. */
const quiet = new Set([
  "then",
  "toJSON",
  "constructor",
  "inspect",
  "asymmetricMatch",
  "$$typeof",
  "nodeType",
  "__esModule",
  "prototype",
  "length",
  "name",
  "domain",
  "captureRejections",
]);

/** Reading anything that is not offered is an error that names the API, never a silent `undefined`. */
export function strict<T extends object>(what: string, target: T): T {
  return new Proxy(target, {
    get(object, key, receiver): unknown {
      if (typeof key === "string" && !(key in object) && !quiet.has(key) && !key.startsWith("_")) {
        throw new Error(`electron stand-in: ${what}.${key} is not offered; add it to electron-stand-in/src and to conformance.ts`);
      }
      return Reflect.get(object, key, receiver);
    },
  });
}

export function note(text: string): void {
  process.stderr.write(`[electron stand-in] ${text}\n`);
}

/** An event that its listeners may prevent. */
export class PreventableEvent {
  defaultPrevented = false;

  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

/** An event with more to say. `preventDefault` stays a method of the prototype, so listeners may also take it off the object. */
export function eventOf<T extends object>(fields: T): T & PreventableEvent {
  return Object.assign(new PreventableEvent(), fields);
}
