import { expect, row, test } from "./screens.ts";

test("a step-up shows what is asked and how long, on every screen, and continues", async ({ page, screens }) => {
  await screens.open("status", { scenario: "hold" });
  const hold = page.getByRole("alert", { name: "Waiting for you" });
  await expect(hold).toContainText("ssh waits to reach git.meridian.example:22");
  await expect(hold).toContainText("Use your security key");
  await expect(hold.getByRole("timer")).toHaveText("52s left");
  await screens.advance(5_000);
  await expect(hold.getByRole("timer")).toHaveText("47s left");
  await hold.getByRole("button", { name: "Continue" }).click();
  await screens.advance(200);
  await expect(hold).toContainText("psql waits to reach orders.db.meridian.example:5432");
  await page.keyboard.press("2");
  await expect(row(page, "git.meridian.example:22").first()).toContainText("git-push");
});

test("a challenge that asks for a reason does not go on without one", async ({ page, screens }) => {
  await screens.open("status", { scenario: "hold" });
  const hold = page.getByRole("alert", { name: "Waiting for you" });
  await hold.getByRole("button", { name: "Refuse" }).click();
  await screens.advance(200);
  const reason = hold.getByRole("textbox", { name: /Your reason/ });
  await hold.getByRole("button", { name: "Continue" }).click();
  await expect(reason).toBeFocused();
  await reason.fill("Release night, ticket 4711");
  await reason.press("Enter");
  await screens.advance(200);
  await expect(hold).not.toContainText("psql");
});

test("a waiting connection takes no focus away from what the person does", async ({ page, screens }) => {
  await screens.open("audit", { scenario: "hold" });
  await page.getByRole("searchbox").focus();
  await screens.advance(2_000);
  await expect(page.getByRole("searchbox")).toBeFocused();
});
