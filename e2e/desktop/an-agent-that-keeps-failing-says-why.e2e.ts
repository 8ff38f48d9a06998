import fs from "node:fs";
import { agentsOn, expect, test } from "./fixtures.ts";

test.use({ config: "listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0, colour: red }\n" });

test("a broken configuration file: given up with its place on the screen; mended, the agent is started by hand", async ({
  desktop,
  window,
}) => {
  await expect(window.getByRole("heading", { name: "The agent does not stay up" })).toBeVisible({ timeout: 30_000 });
  await expect(window.locator("pre")).toContainText(/portail\.yaml:2:\d+/);
  await expect(window.locator("pre")).toContainText("colour");
  expect(await desktop.tray()).toMatchObject({ tooltip: "Portail: the agent keeps failing" });
  expect(agentsOn(desktop.stateDir)).toEqual([]);
  expect(fs.readFileSync(`${desktop.userData}/logs/agent.log`, "utf8")).toContain("colour");

  fs.writeFileSync(desktop.configPath, "listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\n");
  await window.getByRole("button", { name: "Start the agent" }).click();
  const { listeners } = await desktop.status();
  await expect(window.getByText(listeners[0]?.addresses[0] ?? "no address").first()).toBeVisible();
  await expect.poll(() => desktop.tray()).toMatchObject({ tooltip: "Portail: working" });
});

test("the tray starts it again as well", async ({ desktop }) => {
  await expect.poll(() => desktop.tray(), { timeout: 30_000 }).toMatchObject({ tooltip: "Portail: the agent keeps failing" });
  fs.writeFileSync(desktop.configPath, "listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0 }\n");
  await desktop.press("restart");
  await expect.poll(() => desktop.tray()).toMatchObject({ tooltip: "Portail: working" });
});
