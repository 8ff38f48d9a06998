import path from "node:path";
import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from "electron";
import type { TrayModel } from "./tray-model.ts";

export interface TrayActions {
  open(place?: { readonly screen: "status" | "connections" | "policy" | "audit" | "holds" }): void;
  restart(): void;
  quit(): void;
}

export interface TrayView {
  draw(model: TrayModel): void;
  destroy(): void;
}

/**
 * On Linux the tray is a StatusNotifierItem: only `click` exists, and the menu must be set again after every change. Where no host shows
 * it, nothing is lost: a second start of the application opens the window.
 */
export function createTray(iconFolder: string, actions: TrayActions): TrayView {
  const icons = {
    working: nativeImage.createFromPath(path.join(iconFolder, "tray-working.png")),
    attention: nativeImage.createFromPath(path.join(iconFolder, "tray-attention.png")),
    off: nativeImage.createFromPath(path.join(iconFolder, "tray-off.png")),
  };
  const tray = new Tray(icons.off);
  tray.on("click", () => actions.open());
  let drawn = "";
  return {
    draw: (model) => {
      const next = JSON.stringify(model);
      if (next === drawn) return;
      drawn = next;
      tray.setImage(icons[model.icon]);
      tray.setToolTip(model.tooltip);
      tray.setContextMenu(Menu.buildFromTemplate(menuOf(model, actions)));
    },
    destroy: () => tray.destroy(),
  };
}

function menuOf(model: TrayModel, actions: TrayActions): MenuItemConstructorOptions[] {
  return [
    { id: "headline", label: model.headline, enabled: false },
    ...model.details.map((label, at): MenuItemConstructorOptions => ({ id: `detail-${at}`, label, enabled: false })),
    ...model.questions.map(({ id, label }): MenuItemConstructorOptions => ({ id: `question-${id}`, label, click: () => actions.open() })),
    ...model.holds.map(
      ({ id, label }): MenuItemConstructorOptions => ({ id: `hold-${id}`, label, click: () => actions.open({ screen: "holds" }) }),
    ),
    { type: "separator" },
    { id: "open", label: "Open Portail", click: () => actions.open() },
    { id: "connections", label: "Connections", click: () => actions.open({ screen: "connections" }) },
    { id: "restart", label: "Restart the agent", enabled: model.canRestart, click: () => actions.restart() },
    { type: "separator" },
    { id: "quit", label: "Quit", click: () => actions.quit() },
  ];
}
