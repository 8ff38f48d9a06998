/** One trespass per rule of walls.mjs, as files of a tree that exists only while the walls are checked. */
import { agentRooms, appRooms, rendererRooms } from "./rooms.mjs";

const files = {};
const add = (file, line) => {
  files[file] = `${files[file] ?? ""}${line}\n`;
};
const door = (file) => {
  files[file] ??= "export const here = 1;\n";
};

const rooms = Object.keys(agentRooms);
for (const room of rooms) door(`agent/${room}/index.ts`);
for (const room of rooms) {
  const { may, node } = agentRooms[room];
  const own =
    may === "all but testing" ? "testing" : may === "all but main" ? "main" : rooms.find((other) => other !== room && !may.includes(other));
  add(`agent/${room}/trespass.ts`, `export * from "../${own}/index.ts";`);
  if (node === false) {
    add(`agent/${room}/trespass-io.ts`, 'import fs from "node:fs";\nexport const io = fs;');
    add(`agent/${room}/trespass-package.ts`, 'import { build } from "vite";\nexport const pack = build;');
  }
}
for (const room of Object.keys(appRooms)) door(`app/${room}/index.ts`);
for (const [room, { electron, node }] of Object.entries(appRooms)) {
  if (room !== "main") add(`app/${room}/trespass.ts`, 'export * from "../main/index.ts";');
  if (!electron) add(`app/${room}/trespass-electron.ts`, 'import { app } from "electron";\nexport const electron = app;');
  if (node === false) add(`app/${room}/trespass-io.ts`, 'import fs from "node:fs";\nexport const io = fs;');
}
for (const [room, { may }] of Object.entries(rendererRooms)) {
  const other = Object.keys(rendererRooms).find((name) => name !== room && !may.includes(name));
  door(`renderer/${other}/one/index.ts`);
  add(`renderer/${room}/trespass/index.ts`, `export * from "../../${other}/one/index.ts";`);
}
door("renderer/features/two/index.ts");
add("renderer/features/three/index.ts", 'export * from "../two/index.ts";');

add("agent/base/trespass-island.ts", 'export * from "../../app/bridge/index.ts";');
add("agent/net/trespass-testing.ts", 'export * from "../testing/index.ts";');
add("agent/net/trespass-electron.ts", 'import { app } from "electron";\nexport const electron = app;');
door("agent/policy/inside/deep.ts");
add("agent/main/trespass-door.ts", 'export * from "../policy/inside/deep.ts";');
add("app/client/trespass-letterbox.ts", 'export * from "../../agent/policy/index.ts";');
add("app/client/trespass-door.ts", 'export * from "../../agent/policy/inside/deep.ts";');
add("app/main/trespass-door.ts", 'export * from "../tray/trespass.ts";');
add("e2e/agent/trespass.ts", 'export * from "../../agent/policy/index.ts";');
add("renderer/store/trespass-app.ts", 'export * from "../../app/client/index.ts";');
add("renderer/store/trespass-io.ts", 'import fs from "node:fs";\nexport const io = fs;');
add("agent/net/cycle-one.ts", 'export * from "./cycle-two.ts";');
add("agent/net/cycle-two.ts", 'export * from "./cycle-one.ts";');
add("agent/net/nowhere.ts", 'export * from "./does-not-exist.ts";');

export const canaries = files;
