/** The module's own types, taken from Node's function so that no import names a module which older tools do not know. */
type Ffi = NonNullable<ReturnType<typeof process.getBuiltinModule<"node:ffi">>>;
type Definitions = NonNullable<Parameters<Ffi["dlopen"]>[1]>;

let loaded: { readonly ffi: Ffi | undefined } | undefined;

/**
 * Functions of a native library (`null`: of the process itself, which includes the C library), or `undefined` where that cannot be
 * had: an older Node, `--permission` without `--allow-ffi`, a library or symbol that is not there. Callers have another way.
 *
 * `node:ffi` does not check much: a misspelt key of a signature is ignored and the call then returns `undefined`. So every caller
 * goes through this door, proves its library with a call whose answer is known, and never trusts a number that it did not check.
 */
export function openLibrary<const D extends Definitions>(path: string | null, definitions: D) {
  loaded ??= { ffi: loadFfi() };
  if (loaded.ffi === undefined) return undefined;
  try {
    return loaded.ffi.dlopen(path, definitions).functions;
  } catch {
    return undefined;
  }
}

/**
 * `node:ffi` announces at its first load that it is experimental. That line would be the agent's only unstructured one on stderr, so
 * that one warning is held back while the module loads; all others pass.
 */
function loadFfi(): Ffi | undefined {
  const emitWarning = process.emitWarning;
  const quieter = (...given: Parameters<typeof process.emitWarning>): void => {
    if (!isExperimental(given)) emitWarning.apply(process, given);
  };
  process.emitWarning = quieter as typeof process.emitWarning;
  try {
    return process.getBuiltinModule("node:ffi");
  } catch {
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function isExperimental(given: readonly unknown[]): boolean {
  const second = given[1];
  return (
    second === "ExperimentalWarning" ||
    (typeof second === "object" && second !== null && "type" in second && second.type === "ExperimentalWarning")
  );
}
