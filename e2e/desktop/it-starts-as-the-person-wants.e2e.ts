import fs from "node:fs";
import path from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

const ask = (window: Page, call: string, input: object): Promise<unknown> =>
  window.evaluate(
    ([name, given]) =>
      (globalThis as unknown as { portail: { ask(call: unknown, input: unknown): Promise<unknown> } }).portail.ask(name, given),
    [call, input] as const,
  );

test("preferences survive a restart, and starting with the session is one file", async ({ desktop, window }) => {
  await expect(window.getByRole("navigation").first()).toBeVisible();
  const change = { theme: "dark", launchAtLogin: true };
  expect(await ask(window, "app.settings.set", change)).toMatchObject({ output: change });
  const entry = path.join(desktop.configHome, "autostart", "portail.desktop");
  expect(fs.readFileSync(entry, "utf8")).toMatch(/^Exec=.*"--hidden"$/m);

  const again = await (await desktop.relaunch()).app.firstWindow();
  await expect(again.getByRole("navigation").first()).toBeVisible();
  expect(await ask(again, "app.settings.get", {})).toMatchObject({ output: change });
  await ask(again, "app.settings.set", { launchAtLogin: false });
  expect(fs.existsSync(entry)).toBe(false);
});

test("who does not keep it in the tray leaves by closing the window", async ({ desktop, window }) => {
  await desktop.status();
  await expect(window.getByRole("navigation").first()).toBeVisible();
  await ask(window, "app.settings.set", { keepInTray: false });
  const closed = desktop.app.waitForEvent("close");
  const handle = await desktop.windowOf(window);
  await handle.evaluate((own) => own.close()).catch(() => undefined);
  await closed;
});

test.describe("with a link", () => {
  test.use({ words: ["portail://open/policy"] });

  test("the first window opens at the place that the link names", async ({ window }) => {
    await expect(window.getByRole("heading", { name: "Policy" }).first()).toBeVisible();
  });
});

test.describe("hidden", () => {
  test.use({ words: ["--hidden"] });

  test("no window opens until somebody asks; where there is no tray, a second start is enough", async ({ desktop }) => {
    await desktop.status();
    await expect.poll(() => desktop.tray()).toMatchObject({ tooltip: "Portail: working" });
    expect(desktop.app.windows()).toEqual([]);
    const opened = desktop.app.waitForEvent("window");
    expect(await desktop.startAgain([])).toBe(0);
    await expect((await opened).getByRole("navigation").first()).toBeVisible();
  });
});
