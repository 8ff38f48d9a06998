/** One pipeline for the four bundles: agent, main, preload, renderer. Leaves `out/` with the launcher `out/portail`. */
import fs from "node:fs";
import path from "node:path";
import { build } from "vite";
import { agentNodeFlags } from "../../agent/contract/node-flags.ts";
import { buildNative } from "./native.mjs";

const root = path.resolve(import.meta.dirname, "../..");
process.chdir(root);
const version = JSON.parse(fs.readFileSync("package.json", "utf8")).version;

/** Native modules stay outside the bundles; everything else goes in. */
const external = ["electron", "better-sqlite3", "pkcs11js"];

/**
 * The runtime keeps every source in memory, two bytes a letter when one letter needs it. Comments and blanks are left out and such letters
 * are escaped, which only strings have: 3 MB. Names stay, so that a stack says where.
 */
const compact = { compress: false, mangle: false, codegen: { removeWhitespace: true, legalComments: "none" } };
const oneByteLetters = {
  name: "one-byte-letters",
  generateBundle(_options, chunks) {
    for (const chunk of Object.values(chunks)) {
      if (chunk.type === "chunk")
        chunk.code = chunk.code.replace(/[\u0100-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
    }
  },
};

/**
 * Native parts that a package would use if they were there, and does without when they are not: ssh2's, see docs/decisions/ssh.md. To require
 * one throws, as it does where it was never compiled.
 */
const withoutNativeParts = {
  name: "without-native-parts",
  enforce: "pre",
  resolveId: (id) => (id === "cpu-features" || id.endsWith("/sshcrypto.node") ? "\0left-out" : undefined),
  load: (id) => (id === "\0left-out" ? 'throw new Error("left out of the bundle");' : undefined),
};

const bundle = ({ name, input, format, target }) => ({
  configFile: false,
  logLevel: "warn",
  publicDir: false,
  // ssh2 asks where it lies; it needs nothing from there.
  define: { __PORTAIL_VERSION__: JSON.stringify(version), ...(format === "esm" ? { __dirname: "import.meta.dirname" } : {}) },
  resolve: { conditions: ["node"] },
  ssr: { noExternal: true, external },
  plugins: [withoutNativeParts, oneByteLetters],
  build: {
    ssr: true,
    outDir: `out/${name}`,
    emptyOutDir: true,
    target,
    sourcemap: true,
    minify: false,
    rolldownOptions: {
      input,
      output: {
        format,
        minify: compact,
        entryFileNames: format === "cjs" ? "[name].cjs" : "[name].js",
        chunkFileNames: "[name]-[hash].js",
      },
    },
  },
});

const bundles = [
  {
    name: "agent",
    input: {
      index: "agent/main/index.ts",
      "audit-clerk": "agent/audit/clerk-thread.ts",
      "token-process": "agent/identity/token/token-process.ts",
      "tls-thread": "agent/identity/tls/tls-thread.ts",
      "guest-process": "agent/sandbox/guest-process.ts",
    },
    format: "esm",
    target: "node26",
  },
  { name: "main", input: { index: "app/main/index.ts" }, format: "esm", target: "node24" },
  { name: "preload", input: { index: "app/preload/index.ts" }, format: "cjs", target: "node24" },
].filter(({ input }) => Object.values(input).every((file) => fs.existsSync(file)));

buildNative();
for (const one of bundles) await build(bundle(one));
if (fs.existsSync("renderer/vite.config.ts")) await build({ configFile: "renderer/vite.config.ts", logLevel: "warn" });

const launcher = `#!/bin/sh
# Runs the agent and its command line on the project's own Node runtime.
here=$(dirname "$(readlink -f "$0")")
unset NODE_OPTIONS NODE_EXTRA_CA_CERTS OPENSSL_CONF
exec "$here/../node_modules/.bin/node" ${agentNodeFlags.join(" ")} "$here/agent/index.js" "$@"
`;
fs.writeFileSync("out/portail", launcher, { mode: 0o755 });
fs.chmodSync("out/portail", 0o755);
fs.writeFileSync("out/.built", "");
