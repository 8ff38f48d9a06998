import { expect, row, test } from "./screens.ts";

test("names of programs and hosts never become markup, and never run", async ({ page, screens }) => {
  await screens.open("connections", { scenario: "hostile" });
  await expect(row(page, "<img src=x onerror=")).toHaveCount(1);
  await row(page, "<img src=x onerror=").click();
  await expect(page.getByRole("complementary")).toContainText("<img src=x onerror=");
  await screens.advance(1_000);
  expect(await page.evaluate(() => "pwned" in window)).toBe(false);
  expect(await page.locator("main img, main script").count()).toBe(0);
});

test("characters that turn or hide text are written out", async ({ page, screens }) => {
  await screens.open("connections?find=knab", { scenario: "hostile" });
  await expect(row(page, "⟨202E⟩moc.knab⟨202C⟩.example")).toHaveCount(1);
  await screens.open("connections?find=red", { scenario: "hostile" });
  await expect(row(page, "a⟨0000⟩b⟨001B⟩[31mred⟨0007⟩.example")).toHaveCount(1);
});

test("an endless name widens nothing and keeps its port visible", async ({ page, screens }) => {
  await screens.open("connections?find=long-label", { scenario: "hostile" });
  const target = row(page, "long-label").first();
  await expect(target.getByText(":22")).toBeInViewport();
  await target.click();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  await expect(page.getByRole("button", { name: "Close the panel" })).toBeInViewport();
});

test("a place in the address that makes no sense leads to the first screen", async ({ page, screens }) => {
  await screens.open("../../etc/passwd?id=<script>");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Status");
});
