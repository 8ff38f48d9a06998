/**
 * Completes package-lock.json after a change. A registry mirror may lack packages of other platforms; npm then leaves them out of the lock
 * file and its own `npm ci` refuses the result. They are optional and never installed here, so their names and platforms are enough.
 */
import fs from "node:fs";
import path from "node:path";

const file = path.resolve(import.meta.dirname, "../../package-lock.json");
const lock = JSON.parse(fs.readFileSync(file, "utf8"));
const systems = ["android", "darwin", "freebsd", "netbsd", "openbsd", "openharmony", "sunos", "aix", "win32", "linux"];
const processors = ["arm64", "arm", "ppc64", "riscv64", "s390x", "loong64", "ia32", "x64"];

const isLocked = (where, name) =>
  lock.packages[`node_modules/${name}`] !== undefined || lock.packages[`${where}/node_modules/${name}`] !== undefined;

function describe(name, { version, dev }) {
  const system = systems.find((one) => name.includes(one));
  const processor = name.includes("wasm32") ? "wasm32" : processors.find((one) => name.includes(one));
  if (system === undefined && processor !== "wasm32") throw new Error(`${name}: no platform in its name; add it by hand`);
  const libc = name.includes("musl") ? ["musl"] : /gnu(?:eabihf)?$/.test(name) ? ["glibc"] : undefined;
  return {
    version,
    ...(processor && { cpu: [processor] }),
    ...(dev && { dev: true }),
    ...(libc && { libc }),
    optional: true,
    ...(system && { os: [system] }),
  };
}

let added = 0;
for (const [where, { optionalDependencies = {}, dev = false }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (where === "" || isLocked(where, name)) continue;
    lock.packages[`node_modules/${name}`] = describe(name, { version, dev });
    added += 1;
  }
}
const { "": root, ...rest } = lock.packages;
const sorted = Object.entries(rest).sort(([a], [b]) => a.localeCompare(b, "en"));
lock.packages = { "": root, ...Object.fromEntries(sorted) };
fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} entries of other platforms added`);
