/**
 * The process in which a script runs. It is started with Node's permissions all taken away and with an empty environment, and imports
 * nothing but `vm`, because it may not read a second file.
 *
 * SECURITY: three walls stand one behind the other. Each question gets a realm of its own, into which no object of this one is handed:
 * texts go in, texts come out. Whoever gets out of it all the same can make no code from strings, and finds a process that may not open
 * files, sockets, threads or other processes. Whoever hangs or grows is killed by the agent.
 */
import vm from "node:vm";
import type { GuestAnswer, GuestQuestion } from "./guest-messages.ts";

/** What runs inside each realm before the script. It keeps what it needs, whatever the script does to the prototypes later. */
const HOST_OF_SCRIPT = `"use strict";
(() => {
  // Memory outside the heap has no bound; texts and objects have one.
  const buffers = ["ArrayBuffer", "SharedArrayBuffer", "Atomics", "DataView", "WebAssembly", "Uint8Array", "Int8Array", "Uint16Array",
    "Int16Array", "Uint32Array", "Int32Array", "BigUint64Array", "BigInt64Array", "Uint8ClampedArray", "Float16Array", "Float32Array",
    "Float64Array", "FinalizationRegistry", "console"];
  for (const name of buffers) delete globalThis[name];
  const { parse, stringify } = JSON;
  const { apply } = Reflect;
  const text = String;
  const state = { said: "", trouble: "" };
  const tell = (cause) => {
    try { state.trouble = text(cause && cause.message || cause) || "it failed without a word"; } catch { state.trouble = "it failed without a word"; }
  };
  const ask = async (script, input) => {
    try {
      if (typeof script !== "function") throw { message: "it exports no function" };
      const said = await apply(script, undefined, parse(input));
      state.said = stringify(said === undefined ? null : said);
    } catch (cause) { tell(cause); }
  };
  return { ask, tell, said: () => text(state.said), trouble: () => text(state.trouble) };
})()`;

interface HostOfScript {
  ask(script: unknown, input: string): unknown;
  tell(cause: unknown): void;
  said(): unknown;
  trouble(): unknown;
}

const answer = process.send?.bind(process);
// What the permissions leave and that would reach other processes, by a signal or through the runtime's own parts.
for (const name of ["kill", "_kill", "_debugProcess", "_debugEnd", "binding", "_linkedBinding", "dlopen", "execve"])
  Reflect.deleteProperty(process, name);
process.on("unhandledRejection", () => undefined);
process.on("message", (question: GuestQuestion) => {
  void run(question).then((said) => answer?.({ ...said, id: question.id } satisfies GuestAnswer));
});
process.on("disconnect", () => process.exit(0));

async function run({ kind, text, input }: GuestQuestion): Promise<Omit<GuestAnswer, "id">> {
  const realm = vm.createContext(Object.create(null) as object, { codeGeneration: { strings: false, wasm: false } });
  const host = vm.runInContext(HOST_OF_SCRIPT, realm) as HostOfScript;
  try {
    const found: unknown =
      kind === "module" ? await loadModule(text, realm) : vm.runInContext(text, realm, { importModuleDynamically: refuse });
    if (found === unsettled) return { trouble: "its loading never ends" };
    host.ask(found, input);
    // There is nothing in there to wait for: a promise that is open when all jobs are done stays open.
    await jobsDone();
  } catch (cause) {
    host.tell(cause);
  }
  const [said, trouble] = [textOf(host.said()), textOf(host.trouble())];
  if (trouble !== "") return { trouble };
  return said === "" ? { trouble: "its promise never ends" } : { said };
}

const unsettled = Symbol("unsettled");

async function loadModule(text: string, realm: vm.Context): Promise<unknown> {
  const script = new vm.SourceTextModule(text, { context: realm, importModuleDynamically: refuse, initializeImportMeta: () => undefined });
  await script.link(refuse);
  const loaded = await Promise.race([script.evaluate(), jobsDone()]);
  return loaded === unsettled ? unsettled : (script.namespace as { readonly default?: unknown }).default;
}

function jobsDone(): Promise<typeof unsettled> {
  return new Promise((resolve) => void setImmediate(() => setImmediate(() => resolve(unsettled))));
}

function refuse(): never {
  throw new Error("a script in here can import nothing");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
