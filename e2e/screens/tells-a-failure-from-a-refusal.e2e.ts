import { expect, row, test } from "./screens.ts";

test("an allowed connection that never arrived says why, apart from its verdict", async ({ page, screens }) => {
  await screens.open("connections?find=nowhere.example");
  await expect(row(page, "nowhere.example").first()).toContainText("name not found");
  await row(page, "nowhere.example").first().click();
  const why = page.getByRole("complementary");
  await expect(why.locator(".explanation-verdict")).toHaveText("Allowed");
  await expect(why.locator(".notice-box")).toHaveText("The host name does not exist. Check the spelling.");
});
