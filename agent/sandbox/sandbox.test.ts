import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { tickingClock as clock } from "../testing/index.ts";
import { Sandbox, type SandboxOptions } from "./sandbox.ts";

const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

const open: Sandbox[] = [];
afterEach(() => {
  for (const sandbox of open.splice(0)) sandbox.close();
});

function sandboxOf(text: string, more: Partial<SandboxOptions> = {}): Sandbox {
  const sandbox = new Sandbox({ name: "check.mjs", kind: "module", text, clock, logger, askMs: 20_000, ...more });
  open.push(sandbox);
  return sandbox;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** What a script says that tries something, or why it says nothing. */
const tried = (body: string, input: unknown = {}, more?: Partial<SandboxOptions>): Promise<unknown> =>
  sandboxOf(`export default async function verify(input) { ${body} }`, more)
    .ask([input])
    .catch((cause: Error) => `broken: ${cause.message}`);

describe("a script answers", () => {
  test("with what it returns, at once or by a promise", async () => {
    expect(await tried("return input.name === 'gw'", { name: "gw" })).toBe(true);
    expect(await tried("await null; return 'no, because ' + input.name", { name: "gw" })).toBe("no, because gw");
    expect(await tried("")).toBeNull();
  });

  test("each time as if it were the first", async () => {
    const sandbox = sandboxOf("let count = 0; globalThis.seen ??= 0; export default () => [++count, ++globalThis.seen]");
    expect(await sandbox.ask([])).toEqual([1, 1]);
    const { pid } = sandbox;
    expect(await sandbox.ask([])).toEqual([1, 1]);
    expect(sandbox.pid).toBe(pid);
  });

  test("many who ask at once, in their order", async () => {
    const sandbox = sandboxOf("export default (one) => one * 2");
    expect(await Promise.all(Array.from({ length: 40 }, (_, at) => sandbox.ask([at])))).toEqual(
      Array.from({ length: 40 }, (_, at) => at * 2),
    );
  });

  test("from a process that ends when nobody asks, and comes back", async () => {
    const sandbox = sandboxOf("export default () => true", { idleMs: 20 });
    expect(await sandbox.ask([])).toBe(true);
    const first = sandbox.pid;
    await vi.waitFor(() => expect(first !== undefined && isAlive(first)).toBe(false));
    expect(await sandbox.ask([])).toBe(true);
    sandbox.retire();
    expect(sandbox.pid).toBeUndefined();
    await expect(sandbox.ask([])).rejects.toThrow("no longer in use");
  });
});

describe("a hostile script finds", () => {
  test("no runtime, no module, no code from strings, no memory outside the heap", async () => {
    const names = "process require module fetch setTimeout Buffer console ArrayBuffer SharedArrayBuffer Uint8Array WebAssembly Worker";
    expect(await tried(`return ${JSON.stringify(names.split(" "))}.filter((name) => name in globalThis)`)).toEqual([]);
    expect(await tried("return await import('node:fs').then(() => 'got it', (cause) => cause.message)")).toContain("import nothing");
    expect(await tried("try { return eval('1') } catch (cause) { return cause.name }")).toBe("EvalError");
    expect(await tried("try { return verify.constructor('return 1')() } catch (cause) { return cause.name }")).toBe("EvalError");
    expect(await tried("try { return input.constructor.constructor('return process')() } catch (cause) { return cause.name }")).toBe(
      "EvalError",
    );
    await expect(sandboxOf("import fs from 'node:fs'; export default () => true").ask([])).rejects.toThrow("import nothing");
  });

  test("nothing of ours on the stack", async () => {
    const spy = `
      Error.prepareStackTrace = (_, sites) => sites.map((site) => [typeof site.getThis(), typeof site.getFunction()]);
      const found = new Error("x").stack; return Array.isArray(found) ? found.flat().filter((one) => one !== "undefined") : [];`;
    expect(await tried(spy)).toEqual([]);
  });

  test("a process without any right, were it to get out of its realm", async () => {
    const secret = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "portail-secret-")), "secret");
    fs.writeFileSync(secret, "secret");
    const server = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    let visits = 0;
    server.on("connection", (socket) => socket.destroy(void (visits += 1)));
    // The realm's wall is taken away here, so that those behind it are seen.
    const { port } = server.address() as net.AddressInfo;
    const sandbox = sandboxOf("export default () => true");
    expect(await sandbox.ask([])).toBe(true);
    const flags = fs.readFileSync(`/proc/${sandbox.pid}/cmdline`, "utf8").split("\0").slice(1, -2);
    expect(fs.readFileSync(`/proc/${sandbox.pid}/environ`, "utf8").replaceAll(/NODE_CHANNEL_[A-Z_]+=[a-z0-9]*\0/g, "")).toBe("");
    const { execFileSync } = await import("node:child_process");
    const tries = `
      const failed = (doIt) => { try { doIt(); return "done"; } catch (cause) { return cause.code ?? cause.name; } };
      const results = [
        failed(() => require("fs").readFileSync(${JSON.stringify(secret)})),
        failed(() => require("fs").writeFileSync(${JSON.stringify(`${secret}2`)}, "x")),
        failed(() => require("child_process").spawnSync("id")),
        failed(() => new (require("worker_threads").Worker)("", { eval: true })),
        failed(() => process.dlopen({ exports: {} }, "/nothing.node")),
        failed(() => new Function("return 1")()),
      ];
      require("net").connect(${port}, "127.0.0.1").on("error", (cause) => { results.push(cause.code); process.stdout.write(JSON.stringify(results)); });`;
    const said = JSON.parse(execFileSync(process.execPath, [...flags, "-e", tries], { env: {}, encoding: "utf8" })) as string[];
    expect(said).toEqual([
      ...Array.from({ length: 5 }, (_, at) => (at === 4 ? "ERR_DLOPEN_DISABLED" : "ERR_ACCESS_DENIED")),
      "EvalError",
      "ERR_ACCESS_DENIED",
    ]);
    expect(visits).toBe(0);
    server.close();
    fs.rmSync(path.dirname(secret), { recursive: true });
  });

  test("nothing with which a process reaches another, which the permissions would leave", async () => {
    const sandbox = sandboxOf("export default () => true");
    expect(await sandbox.ask([])).toBe(true);
    const [, ...words] = fs.readFileSync(`/proc/${sandbox.pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    const names = ["kill", "_kill", "_debugProcess", "_debugEnd", "binding", "_linkedBinding", "dlopen", "execve"];
    const look = `process.on("message", () => process.send({ left: ${JSON.stringify(names)}.filter((name) => name in process) }));`;
    // The same process, and before it a module that tells what the script would find.
    const child = spawn(process.execPath, ["--import", `data:text/javascript,${encodeURIComponent(look)}`, ...words], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      env: {},
    });
    const told = once(child, "message");
    child.send({ id: 1, kind: "script", text: "() => 1", input: "[]" });
    expect((await told)[0]).toEqual({ left: [] });
    child.kill("SIGKILL");
    await once(child, "exit");
  });
});

describe("a script that does not answer is refused with why", () => {
  test("when it throws, anything at all", async () => {
    expect(await tried("throw new Error('no idea')")).toBe("broken: failed: no idea");
    expect(await tried("throw undefined")).toMatch(/^broken: failed: /);
    expect(await tried("throw { get message() { throw 1 } }")).toBe("broken: failed: it failed without a word");
    expect(await tried("return 1n")).toMatch(/^broken: failed: .*BigInt/);
  });

  test("when it is no module, or exports no function", async () => {
    await expect(sandboxOf("export default {").ask([])).rejects.toThrow(/failed: Unexpected/);
    await expect(sandboxOf("export default 1").ask([])).rejects.toThrow("it exports no function");
    await expect(sandboxOf("throw new Error('at once')").ask([])).rejects.toThrow("at once");
  });

  test("when its promise never ends, at the top or below", async () => {
    expect(await tried("await new Promise(() => {})")).toBe("broken: failed: its promise never ends");
    await expect(sandboxOf("await new Promise(() => {}); export default () => true").ask([])).rejects.toThrow("its loading never ends");
  });

  test("when it spins, and its process is gone; the next question is answered", async () => {
    const sandbox = sandboxOf("export default (how) => { while (how) {} return true; }", { askMs: 1500 });
    const asked = sandbox.ask([true]);
    const { pid = 0 } = sandbox;
    await expect(asked).rejects.toThrow("did not answer in time");
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
    const patient = sandboxOf("export default (how) => { while (how) {} return true; }");
    expect(await patient.ask([false])).toBe(true);
  });

  test("when it spins in promises or in what it returns", async () => {
    // Open promises pile up: whichever bound is reached first ends it.
    expect(await tried("const again = () => Promise.resolve().then(again); await again()", {}, { askMs: 1500 })).toMatch(
      /^broken: (?:did not answer in time|broke down, or took too much memory)$/,
    );
    expect(await tried("return { toJSON() { for (;;); } }", {}, { askMs: 1500 })).toBe("broken: did not answer in time");
  });

  test("when it allocates without end", async () => {
    expect(await tried("const kept = []; for (;;) kept.push(new Array(100000).fill(kept.length))")).toContain(
      "broke down, or took too much memory",
    );
    expect(await tried("let kept = 'x'; for (;;) kept = [kept + kept].join()")).toMatch(/^broken: /);
  });

  test("when it says too much", async () => {
    expect(await tried("return 'x'.repeat(100000)")).toBe("broken: said too much");
  });

  test("when it tampers with everything that we might use", async () => {
    const tampering = `
      for (const proto of [Object.prototype, Promise.prototype, Function.prototype, Array.prototype, String.prototype])
        for (const key of Reflect.ownKeys(proto)) try { proto[key] = () => { throw new Error("tampered"); }; } catch {}
      JSON.stringify = () => "true"; JSON.parse = () => true; Reflect.apply = () => true; globalThis.String = () => "true";
      Object.defineProperty(Object.prototype, "then", { get() { throw new Error("tampered"); } });`;
    const sandbox = sandboxOf(`export default (how) => { if (how) { ${tampering} } return false; }`);
    const said = await sandbox.ask([true]).catch(() => "broken");
    expect([false, "broken"]).toContain(said);
    expect(await sandbox.ask([false])).toBe(false);
  });

  test("when it dies again and again, without being started each time", async () => {
    const sandbox = sandboxOf("export default () => { for (;;); }", { askMs: 50 });
    for (let at = 0; at < 3; at += 1) await expect(sandbox.ask([])).rejects.toThrow("did not answer in time");
    await expect(sandbox.ask([])).rejects.toThrow("left alone");
    expect(sandbox.pid).toBeUndefined();
  });
});
