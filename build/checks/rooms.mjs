/**
 * The walls: which room may import which. The one data file that the import rules, their canaries and docs/architecture.md derive
 * from. A room is a folder; it is entered through its door, `index.ts`, and may always import itself.
 */

/** Rooms of the agent, in the order in which a connection meets them. `node: false` means no `node:` module and no I/O. */
export const agentRooms = {
  contract: { may: [], node: false, packages: ["zod"] },
  base: { may: ["contract"], node: false },
  connection: { may: ["base", "contract"], node: false },
  policy: { may: ["connection", "base", "contract"], node: false, packages: ["re2js"] },
  "policy-tools": { may: ["policy", "connection", "contract"], node: false },
  lsp: { may: ["policy-tools", "policy", "base", "contract"], node: false, packages: ["zod"] },
  routes: { may: ["connection"], node: false },
  net: { may: ["base"] },
  platform: { may: ["base"] },
  sandbox: { may: ["base"] },
  asn1: { may: [] },
  attestation: { may: ["asn1"], packages: ["zod"] },
  identity: { may: ["attestation", "asn1", "platform", "base", "contract"] },
  gate: { may: ["connection", "platform", "base", "contract"] },
  context: { may: ["connection", "platform", "base"] },
  dial: { may: ["net", "connection", "base"] },
  ssh: { may: ["dial", "net", "connection", "base", "contract"], packages: ["ssh2"] },
  listeners: { may: ["net", "connection", "base", "contract"] },
  pipeline: { may: ["net", "connection", "base"] },
  audit: { may: ["connection", "base", "contract"], packages: ["better-sqlite3"] },
  live: { may: ["connection", "base", "contract"] },
  holds: { may: ["connection", "base", "contract"] },
  calls: { may: ["audit", "holds", "live", "policy", "connection", "base", "contract"] },
  config: { may: ["policy", "base", "contract"], packages: ["yaml", "zod"] },
  control: { may: ["base", "contract"], packages: ["zod"] },
  console: { may: ["base", "contract"], packages: ["zod"] },
  cli: {
    may: ["attestation", "control", "audit", "config", "lsp", "policy", "policy-tools", "platform", "connection", "base", "contract"],
  },
  testing: { may: "all but main" },
  main: { may: "all but testing" },
};

/** Rooms of the tray application. All may import `app/bridge` and `agent/contract`; only those marked may import `electron`. */
export const appRooms = {
  bridge: { electron: false, node: false },
  preload: { electron: true, node: false },
  windows: { electron: true },
  tray: { electron: true },
  supervisor: { electron: false },
  client: { electron: false },
  settings: { electron: false },
  main: { electron: true },
};

/** Rooms of the screens. No `node:` module, no `electron`. */
export const rendererRooms = {
  shell: { may: ["features", "pieces", "store", "bridge", "ui", "text"] },
  features: { may: ["pieces", "store", "ui", "text"] },
  pieces: { may: ["store", "ui", "text"] },
  store: { may: ["bridge", "text"] },
  bridge: { may: [] },
  text: { may: [] },
  ui: { may: [] },
};

/** Fewer modules than this means that the checker read nothing: a fence that sees no field. */
export const moduleFloor = 60;
