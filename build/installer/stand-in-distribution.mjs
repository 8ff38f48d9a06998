/**
 * A folder with the shape of Electron's own distribution for Linux, for electron-builder where Electron cannot be had. Its `electron` is
 * the stand-in of the desktop tests, which reads no archive and so does not start what was packaged; it carries a fuse wire, so that the fuses are
 * really set.
 */
import fs from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const standIn = "e2e/desktop/electron-stand-in/src";
const plainFiles = [
  "LICENSE",
  "LICENSES.chromium.html",
  "chrome_100_percent.pak",
  "chrome_200_percent.pak",
  "icudtl.dat",
  "resources.pak",
  "snapshot_blob.bin",
  "v8_context_snapshot.bin",
  "vk_swiftshader_icd.json",
  "locales/en-US.pak",
];
const programs = ["chrome-sandbox", "chrome_crashpad_handler", "libffmpeg.so", "libvk_swiftshader.so", "libvulkan.so.1"];

/** Where @electron/fuses looks: a sentinel, the version, how many, and each as Electron ships it. */
const fuseWire = Buffer.concat([Buffer.from("dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX"), Buffer.from([1, 8]), Buffer.from("10110001")]);

const launcher = `#!/bin/sh
# THE STAND-IN, not Electron: see e2e/desktop/electron-stand-in/README.md.
self=$(readlink -f "$0")
here=$(dirname "$self")
exec "\${ELECTRON_STAND_IN_NODE:-$here/resources/node/bin/node}" --disable-warning=ExperimentalWarning "$here/stand-in/boot.ts" "$self" "$@"
#`;

/** electron-builder hashes the header of this archive. */
function emptyArchive() {
  const header = '{"files":{}}';
  const archive = Buffer.alloc(16 + header.length);
  for (const [at, word] of [4, 20, 16, header.length].entries()) archive.writeUInt32LE(word, at * 4);
  archive.write(header, 16);
  return archive;
}

export function makeStandInDistribution(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  for (const inner of ["locales", "resources"]) fs.mkdirSync(path.join(folder, inner), { recursive: true });
  for (const file of plainFiles) fs.writeFileSync(path.join(folder, file), "stand-in\n");
  for (const file of programs) fs.writeFileSync(path.join(folder, file), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  fs.writeFileSync(path.join(folder, "resources/default_app.asar"), emptyArchive());
  fs.copyFileSync(path.join(root, "node_modules/electron/package.json"), path.join(folder, "electron-package.json"));
  fs.writeFileSync(path.join(folder, "version"), JSON.parse(fs.readFileSync(path.join(folder, "electron-package.json"), "utf8")).version);
  fs.rmSync(path.join(folder, "electron-package.json"));
  fs.cpSync(path.join(root, standIn), path.join(folder, "stand-in"), { recursive: true });
  fs.writeFileSync(path.join(folder, "electron"), Buffer.concat([Buffer.from(launcher), fuseWire, Buffer.from("\n")]), { mode: 0o755 });
}
