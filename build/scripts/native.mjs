/**
 * Compiles the native parts against the pinned Node's own headers, with the C compiler alone: our OpenSSL provider for keys in tokens and
 * SSH's AES-GCM (out/native), and pkcs11js (where its package looks for it). Does nothing when they are newer than their sources.
 * `--sanitize DIR` builds our part with sanitizers into DIR instead.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const runtime = path.dirname(path.dirname(fs.realpathSync(path.join(root, "node_modules/.bin/node"))));
const headers = path.join(runtime, "include/node");

/** Symbols of Node-API and OpenSSL come from the Node executable, so nothing is linked. */
const shared = process.platform === "darwin" ? ["-bundle", "-undefined", "dynamic_lookup"] : ["-shared", "-fPIC"];
const hardening =
  process.platform === "linux"
    ? ["-fstack-protector-strong", "-D_FORTIFY_SOURCE=2", "-fvisibility=hidden", "-Wl,-z,relro,-z,now"]
    : ["-fstack-protector-strong", "-fvisibility=hidden"];

const ours = path.join(root, "agent/identity/native");
const pkcs11 = path.join(root, "node_modules/pkcs11js");
const pkcs11Headers = `-I${path.join(pkcs11, "includes/pkcs11")}`;
const tokenKey = {
  output: path.join(root, "out/native/token-key.node"),
  compiler: process.env.CC ?? "cc",
  folder: ours,
  sources: ["key.c", "signature.c", "decoder.c", "provider.c", "login.c", "dumps.c", "addon.c"].map((file) => path.join(ours, file)),
  flags: [
    "-std=gnu11",
    "-O2",
    "-Wall",
    "-Wextra",
    "-Werror",
    pkcs11Headers,
    // OpenSSL holds pointers into the provider until the process ends; a worker thread that ends must not unload it.
    ...(process.platform === "linux" ? ["-Wl,-z,nodelete"] : []),
    ...hardening,
  ],
};

const ssh = path.join(root, "agent/ssh/native");
const sshGcm = {
  output: path.join(root, "out/native/ssh-gcm.node"),
  compiler: process.env.CC ?? "cc",
  folder: ssh,
  sources: [path.join(ssh, "gcm.c")],
  flags: ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", ...hardening],
};

const pkcs11js = {
  output: path.join(pkcs11, "build/Release/pkcs11.node"),
  compiler: process.env.CXX ?? "c++",
  folder: path.join(pkcs11, "src"),
  sources: ["dl.cpp", "common.cpp", "main.cpp"].map((file) => path.join(pkcs11, "src", file)),
  flags: ["-std=c++17", "-O2", "-w", "-DNAPI_DISABLE_CPP_EXCEPTIONS", `-I${path.join(pkcs11, "includes")}`, ...hardening],
};

const newest = (folder) => Math.max(...fs.readdirSync(folder).map((file) => fs.statSync(path.join(folder, file)).mtimeMs));

function isFresh({ output, folder }) {
  return fs.existsSync(output) && fs.statSync(output).mtimeMs >= Math.max(newest(folder), fs.statSync(headers).mtimeMs);
}

/** Compiled beside its place and moved there, so that a running agent keeps the old file and nobody loads half a one. */
function compile({ output, compiler, sources, flags }) {
  fs.mkdirSync(path.dirname(output), { recursive: true });
  const draft = `${output}.${process.pid}`;
  const result = spawnSync(compiler, [...shared, ...flags, `-I${headers}`, "-o", draft, ...sources], { encoding: "utf8" });
  if (result.error?.code === "ENOENT") {
    console.error(
      `native: no ${compiler} here; identities in tokens will not work, and SSH is slower, until it is installed (Debian: build-essential)`,
    );
    return false;
  }
  if (result.status !== 0) {
    console.error(result.stderr);
    throw new Error(`native: ${path.basename(output)} does not compile`);
  }
  fs.renameSync(draft, output);
  return true;
}

/** Ours without the optimiser, with the address and undefined-behaviour sanitizers: for build/scripts/fuzz-native.mjs. */
export function buildSanitized(folder) {
  const flags = tokenKey.flags.filter((flag) => flag !== "-O2" && !flag.startsWith("-D_FORTIFY"));
  const output = path.join(folder, "token-key.node");
  const built = compile({ ...tokenKey, output, flags: [...flags, "-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined"] });
  if (!built) throw new Error("native: a C compiler is needed");
  return output;
}

export function buildNative() {
  if (process.platform === "win32") return;
  for (const part of [tokenKey, sshGcm, pkcs11js]) if (!isFresh(part)) compile(part);
}

if (process.argv[1] === import.meta.filename) buildNative();
