/** Icon and menu, drawn from a pure model of how the agent is. It decides nothing. `app/main` may knock. */
export { createTray, type TrayActions, type TrayView } from "./tray.ts";
export { type TrayModel, trayModel } from "./tray-model.ts";
