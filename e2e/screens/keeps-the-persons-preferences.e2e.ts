import { expect, test } from "./screens.ts";

test("a chosen theme holds against the system's", async ({ page, screens }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await screens.open("settings");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByRole("button", { name: "As the system" }).first().click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
});

test("the console offers nothing that only the desktop application can do", async ({ page, screens }) => {
  await screens.open("settings", { runtime: "console" });
  await expect(page.getByRole("button", { name: "Reload configuration and policy" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Quit Portail" })).toHaveCount(0);
  await expect(page.getByRole("switch")).toHaveCount(0);
});

test("a reload tells what changed", async ({ page, screens }) => {
  await screens.open("settings");
  await page.getByRole("button", { name: "Reload configuration and policy" }).click();
  await expect(page.getByText("backends.lyon: address changed")).toBeVisible();
});
