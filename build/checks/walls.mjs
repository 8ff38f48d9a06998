/**
 * Turns rooms.mjs into dependency-cruiser rules. Each rule carries the sentence that the trespasser reads.
 * `root` is where the tree stands: the project itself, or the canary tree that must fail.
 */
import { agentRooms, appRooms, rendererRooms } from "./rooms.mjs";

const names = Object.keys(agentRooms);
const test = "\\.(test|suite|prop\\.test)\\.tsx?$";

const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

function agentWalls() {
  return names.flatMap((room) => {
    const { may, node, packages } = agentRooms[room];
    const allowed =
      may === "all but testing" ? names.filter((n) => n !== "testing") : may === "all but main" ? names.filter((n) => n !== "main") : may;
    const seen = [room, ...allowed].join("|");
    const rules = [
      rule(
        `agent-${room}`,
        `agent/${room} may import only: ${allowed.join(", ") || "nothing"}.`,
        { path: `^agent/${room}/`, pathNot: test },
        { path: "^agent/", pathNot: `^agent/(${seen})/` },
      ),
    ];
    if (node === false) {
      rules.push(
        rule(
          `agent-${room}-pure`,
          `agent/${room} does no I/O: no node: module.`,
          { path: `^agent/${room}/`, pathNot: test },
          { dependencyTypes: ["core"] },
        ),
      );
      const known = (packages ?? []).join("|");
      rules.push(
        rule(
          `agent-${room}-packages`,
          `agent/${room} may use only these packages: ${known || "none"}.`,
          { path: `^agent/${room}/`, pathNot: test },
          { path: "node_modules/", ...(known ? { pathNot: `node_modules/(${known})/` } : {}) },
        ),
      );
    }
    return rules;
  });
}

const tree = [
  rule("agent-is-an-island", "agent/ imports nobody.", { path: "^agent/" }, { path: "^(app|renderer|e2e)/" }),
  rule(
    "testing-is-for-tests",
    "Only tests and e2e may import agent/testing.",
    { path: "^(agent|app|renderer)/", pathNot: `(^agent/testing/|${test})` },
    { path: "^agent/testing/" },
  ),
  rule(
    "letterbox-only",
    "app/ and renderer/ see only agent/contract.",
    { path: "^(app|renderer)/", pathNot: test },
    { path: "^agent/", pathNot: "^agent/contract/" },
  ),
  rule(
    "e2e-drives-from-outside",
    "e2e/ imports agent/testing, agent/contract, app/bridge and itself.",
    { path: "^e2e/" },
    { path: "^(agent|app)/", pathNot: "^(agent/(testing|contract)|app/bridge)/" },
  ),
  rule(
    "renderer-sees-the-bridge",
    "renderer/ imports from app/ only app/bridge.",
    { path: "^renderer/" },
    { path: "^app/", pathNot: "^app/bridge/" },
  ),
  rule(
    "renderer-is-a-page",
    "renderer/ has no node: module.",
    { path: "^renderer/", pathNot: `(vite\\.config|${test})` },
    { dependencyTypes: ["core"] },
  ),
  rule("electron-stays-in-app", "Only app/ imports electron.", { path: "^(agent|renderer)/" }, { path: "(^|node_modules/)electron(/|$)" }),
  rule(
    "no-cycles",
    "No import cycles; types and late imports may look back.",
    {},
    { circular: true, viaOnly: { dependencyTypesNot: ["type-only", "dynamic-import"] } },
  ),
  rule("resolves", "Every import resolves.", {}, { couldNotResolve: true }),
];

const doors = [
  rule(
    "doors-agent",
    "Enter a room of the agent through its index.ts.",
    { path: "^agent/([^/]+)/" },
    { path: "^agent/[^/]+/.+", pathNot: "(^agent/$1/|^agent/[^/]+/index\\.ts$|\\.suite\\.ts$)" },
  ),
  rule(
    "doors-elsewhere",
    "Enter a room of the agent through its index.ts.",
    { path: "^(app|renderer|e2e)/" },
    { path: "^agent/[^/]+/.+", pathNot: "^agent/[^/]+/index\\.ts$" },
  ),
  rule(
    "doors-app",
    "Enter a room of the application through its index.ts.",
    { path: "^app/([^/]+)/" },
    { path: "^app/[^/]+/.+", pathNot: "(^app/$1/|^app/[^/]+/index\\.ts$)" },
  ),
];

function appWalls() {
  return Object.entries(appRooms).flatMap(([room, { electron, node }]) => [
    ...(room === "main"
      ? []
      : [
          rule(
            `app-${room}`,
            `app/${room} may import only app/bridge and agent/contract.`,
            { path: `^app/${room}/`, pathNot: test },
            { path: "^app/", pathNot: `^app/(${room}|bridge)/` },
          ),
        ]),
    ...(electron
      ? []
      : [
          rule(
            `app-${room}-no-electron`,
            `app/${room} runs in plain Node: no electron.`,
            { path: `^app/${room}/` },
            { path: "(^|node_modules/)electron(/|$)" },
          ),
        ]),
    ...(node === false
      ? [
          rule(
            `app-${room}-pure`,
            `app/${room} has no node: module.`,
            { path: `^app/${room}/`, pathNot: test },
            { dependencyTypes: ["core"] },
          ),
        ]
      : []),
  ]);
}

function rendererWalls() {
  const walls = Object.entries(rendererRooms).map(([room, { may }]) =>
    rule(
      `renderer-${room}`,
      `renderer/${room} may import only: ${may.join(", ") || "nothing of ours"}.`,
      { path: `^renderer/${room}/`, pathNot: test },
      { path: "^renderer/", pathNot: `^renderer/(${[room, ...may].join("|")})/` },
    ),
  );
  return [
    ...walls,
    rule(
      "features-stand-alone",
      "features meet in store or shell, never directly.",
      { path: "^renderer/features/([^/]+)/" },
      { path: "^renderer/features/", pathNot: "^renderer/features/$1/" },
    ),
  ];
}

export const forbidden = [...tree, ...doors, ...agentWalls(), ...appWalls(), ...rendererWalls()];

export const options = {
  parser: "swc",
  doNotFollow: { path: "node_modules" },
  exclude: { path: "(^out/|^release/|build/checks/canaries/)" },
  tsPreCompilationDeps: true,
  enhancedResolveOptions: {
    exportsFields: ["exports"],
    conditionNames: ["import", "node", "default", "types"],
    extensions: [".ts", ".tsx", ".mjs", ".js", ".cjs", ".json"],
  },
};
