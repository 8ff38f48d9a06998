import { expect, test } from "./screens.ts";

test("one can go everywhere, understand, filter, close and come back without a mouse", async ({ page, screens }) => {
  await screens.open("status");
  await page.keyboard.press("Tab");
  await expect(page.locator(":focus")).toHaveText("Skip to the content");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();

  await page.keyboard.press("2");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Connections");
  await page.keyboard.press("/");
  await page.keyboard.type("mail");
  const rows = page.getByRole("grid").getByRole("row");
  while (!(await rows.nth(1).evaluate((element) => element === document.activeElement))) await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await expect(rows.nth(2)).toBeFocused();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("complementary");
  await expect(panel).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(rows.nth(2)).toBeFocused();

  await page.keyboard.press("3");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Policy");
  await page.getByRole("tab", { name: "In force" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab", { name: "Explain" })).toBeFocused();
  await expect(page.getByRole("tab", { name: "Explain" })).toHaveAttribute("aria-selected", "true");

  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

test("Delete closes the living connection under the focus", async ({ page, screens }) => {
  await screens.open("connections?state=live&find=mail");
  await page.getByRole("grid").getByRole("row").nth(1).focus();
  await page.keyboard.press("Delete");
  await expect(page.getByText("The connection to mail.meridian.example was closed.")).toBeVisible();
});

test("a letter typed into a field is only a letter", async ({ page, screens }) => {
  await screens.open("connections");
  await page.keyboard.press("/");
  await page.keyboard.type("2p?3");
  await expect(page.getByRole("searchbox")).toHaveValue("2p?3");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Connections");
});
