import { expect, row, test } from "./screens.ts";

test("the record is searched by text and verdict, and an entry shows its digests", async ({ page, screens }) => {
  await screens.open("audit");
  await page.getByRole("searchbox").fill("telemetry");
  await screens.advance(500);
  await expect(row(page, "eu.telemetry.example").first()).toBeVisible();
  await expect(row(page, "git.meridian.example")).toHaveCount(0);
  await row(page, "eu.telemetry.example").first().click();
  const detail = page.getByRole("complementary");
  await expect(detail).toContainText("Digest of the one before");
  await detail.getByRole("link", { name: "Show why" }).click();
  await expect(page.getByRole("complementary")).toContainText("guard trackers");
});

test("an intact record says so with its head, a broken one names the place", async ({ page, screens }) => {
  await screens.open("audit");
  await page.getByRole("button", { name: "Verify the record" }).click();
  await expect(page.getByText(/Intact: [\d,]+ records/)).toBeVisible();
  await screens.open("audit", { scenario: "alarm" });
  await page.reload();
  await page.getByRole("button", { name: "Verify the record" }).click();
  await expect(page.getByText("Broken at record 12")).toBeVisible();
});

test("the same search is offered for the command line", async ({ page, screens }) => {
  await screens.open("audit?since=all");
  await expect(page.getByText("portail audit", { exact: true })).toBeVisible();
  await expect(page.getByText("portail audit export --format jsonl")).toBeVisible();
});
