import { expect, row, test } from "./screens.ts";

test("closing a connection ends it and says so", async ({ page, screens }) => {
  await screens.open("connections?state=live&find=mail.meridian.example");
  await row(page, "mail.meridian.example").first().click();
  const panel = page.getByRole("complementary");
  await panel.getByRole("button", { name: "Close connection" }).click();
  await expect(page.getByText("The connection to mail.meridian.example was closed.")).toBeVisible();
  await screens.advance(200);
  await expect(panel.getByRole("button", { name: "Close connection" })).toBeHidden();
  await expect(panel).toContainText("The connection was closed from Portail.");
});

test("closing what has just ended says that it is gone", async ({ page, screens }) => {
  await screens.open("connections?state=live&find=mail.meridian.example");
  await row(page, "mail.meridian.example").first().click();
  await page.evaluate(() => {
    for (const id of window.fake?.world.connections.keys() ?? []) window.fake?.world.close(id, 0);
  });
  await page.getByRole("button", { name: "Close connection" }).click();
  await expect(page.getByText("could not be closed: There is no such thing.")).toBeVisible();
});
