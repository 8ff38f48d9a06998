import { expect, row, test } from "./screens.ts";

test("every word must occur, and a word with a minus must not", async ({ page, screens }) => {
  await screens.open("connections");
  await page.keyboard.press("/");
  await page.keyboard.type("meridian -persona git-push");
  const rows = page.getByRole("grid").getByRole("row");
  await expect(rows.nth(1)).toContainText("git-push");
  for (const text of await rows.allInnerTexts()) expect(text).not.toContain("persona");
});

test("facets narrow the list, stay in the address, and can be cleared at once", async ({ page, screens }) => {
  await screens.open("connections");
  await page.getByRole("button", { name: "Ended" }).click();
  await page.getByRole("combobox", { name: "Program" }).selectOption({ label: "python3.13" });
  await page.getByRole("combobox", { name: "Verdict" }).selectOption("refused");
  await expect(page).toHaveURL(/state=ended/);
  await expect(row(page, "python3.13").first()).toBeVisible();
  await expect(row(page, "firefox-esr")).toHaveCount(0);
  await page.reload();
  await expect(row(page, "python3.13").first()).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect(page).not.toHaveURL(/state=ended/);
});

test("a filter that finds nothing offers the way back", async ({ page, screens }) => {
  await screens.open("connections?find=nowhere-at-all");
  await expect(page.getByText("Nothing matches these filters")).toBeVisible();
  await page.getByRole("main").getByRole("button", { name: "Clear filters" }).last().click();
  await expect(page.getByRole("grid")).toBeVisible();
});

test("a column sorts its natural way first, then turns around", async ({ page, screens }) => {
  await screens.open("connections");
  const head = page.getByRole("columnheader", { name: "Down" });
  await head.getByRole("button").click();
  await expect(head).toHaveAttribute("aria-sort", "descending");
  await expect(page.getByRole("grid").getByRole("row").nth(1)).toContainText("MB");
  await head.getByRole("button").click();
  await expect(head).toHaveAttribute("aria-sort", "ascending");
  await expect(page.getByRole("grid").getByRole("row").nth(1)).toContainText("0 B");
});
