import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { openLibrary } from "./ffi.ts";
import { readLocalAddresses } from "./local-addresses.ts";

const ffiPath = new URL("./ffi.ts", import.meta.url).href;

test("a library or symbol that is not there gives nothing, without throwing", () => {
  expect(openLibrary("/no/such/library.so", { f: { arguments: [], return: "int32" } })).toBeUndefined();
  expect(openLibrary(null, { no_such_symbol_anywhere: { arguments: [], return: "int32" } })).toBeUndefined();
});

test("only the announcement of node:ffi itself is held back", () => {
  const script = `const { openLibrary } = await import(${JSON.stringify(ffiPath)}); openLibrary(null, {}); process.emitWarning("other", "ExperimentalWarning");`;
  const { stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  expect(status).toBe(0);
  expect(stderr).not.toContain("FFI");
  expect(stderr).toContain("other");
});

test("where node:ffi is forbidden, there are no libraries and nothing throws", () => {
  const script = `const { openLibrary } = await import(${JSON.stringify(ffiPath)}); process.stdout.write(String(openLibrary(null, {})));`;
  const { stdout } = spawnSync(process.execPath, ["--permission", "--allow-fs-read=*", "--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect(stdout).toBe("undefined");
});

test("loopback is this machine's, and addresses carry no zone", () => {
  const addresses = readLocalAddresses();
  expect(addresses.has("127.0.0.1") && addresses.has("::1")).toBe(true);
  for (const address of addresses) expect(address).not.toContain("%");
});
