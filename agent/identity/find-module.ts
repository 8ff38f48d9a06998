import fs from "node:fs";
import path from "node:path";

/** Where distributions put PKCS#11 modules. */
const libraryDirs = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib"];

/** The module that speaks to the machine's TPM 2.0. */
export function findTpmModule(): string | undefined {
  return firstOf(["pkcs11/libtpm2_pkcs11.so", "libtpm2_pkcs11.so", "libtpm2_pkcs11.so.1"]);
}

/** The module that speaks to all tokens which the system knows of. */
export function findSystemModule(): string | undefined {
  return firstOf(["p11-kit-proxy.so", "pkcs11/p11-kit-proxy.so"]);
}

function firstOf(names: readonly string[]): string | undefined {
  return libraryDirs.flatMap((dir) => names.map((name) => path.join(dir, name))).find((file) => fs.existsSync(file));
}
