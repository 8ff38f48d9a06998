import { expect, row, test } from "./screens.ts";

test("a refused connection names its rule, what it lacked and what would mend it", async ({ page, screens }) => {
  await screens.open("connections?verdict=refused");
  await row(page, "build-7.ci.meridian.example").first().click();
  const why = page.getByRole("complementary", { name: "Why this was decided" });
  await expect(why).toContainText("Refused");
  await expect(why.getByRole("link", { name: /policy git-push, line \d+/ })).toBeVisible();
  await expect(why).toContainText("patched not met");
  await expect(why).toContainText("device.patch_age = 30d");
  await expect(why).toContainText("Install the pending updates.");
  await expect(why).toContainText("user.amr: the sign-in is older than its longest use");
  await expect(why).toContainText("device.patch_age <= 14d and hardware");
  await expect(why.getByRole("button", { name: /Copy incident [0-9A-Z]{4}/ })).toBeVisible();
});

test("the rule's link leads to its line in the policy", async ({ page, screens }) => {
  await screens.open("connections?verdict=refused");
  await row(page, "eu.telemetry.example").first().click();
  await page.getByRole("link", { name: /guard trackers, line 19/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Policy");
  await expect(page.locator(".source-line-marked")).toContainText("guard trackers");
  await expect(page.locator(".source-line-marked")).toBeInViewport();
});

test("a destination without a rule says so and tells whom to ask", async ({ page, screens }) => {
  await screens.open("connections");
  await row(page, "10.20.0.14").first().click();
  await expect(page.getByRole("complementary")).toContainText("No rule allows this destination.");
});
