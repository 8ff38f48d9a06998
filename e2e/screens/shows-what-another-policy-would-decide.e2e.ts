import { expect, test } from "./screens.ts";

const editorName = "A copy of the policy; nothing here changes the one in force";

test("a stricter copy shows its failing test and the connections it would close", async ({ page, screens }) => {
  await screens.open("policy?tab=whatif");
  const editor = page.getByRole("textbox", { name: editorName });
  await editor.fill((await editor.inputValue()).replace("patch_age <= 14d", "patch_age <= 1d"));
  await screens.advance(500);
  await expect(page.getByText("1 of 8 tests fail")).toBeVisible();
  await expect(page.getByText("expected allow by git-push, got deny by git-push")).toBeVisible();
  await expect(page.getByRole("heading", { name: /\d+ of the last \d+ connections would be decided otherwise/ })).toBeVisible();
  await expect(page.getByText("closes").first()).toBeVisible();
  await page.getByRole("button", { name: "Start over" }).click();
  await screens.advance(500);
  await expect(page.getByText("The copy is the same as the policy in force.")).toBeVisible();
});

test("a misspelt attribute is shown with its place and a suggestion, and a press leads there", async ({ page, screens }) => {
  await screens.open("policy?tab=whatif");
  const editor = page.getByRole("textbox", { name: editorName });
  const text = (await editor.inputValue()).replace("device.disk.encrypted", "device.disk.encrypt");
  await editor.fill(text);
  await screens.advance(500);
  await expect(page.getByText("unknown attribute 'device.disk.encrypt'")).toBeVisible();
  await expect(page.getByText("did you mean 'device.disk.encrypted'?")).toBeVisible();
  await page.getByRole("button", { name: /Go to E_UNKNOWN_ATTR/ }).click();
  await expect(editor).toBeFocused();
  const selected = await editor.evaluate((field: HTMLTextAreaElement) => field.value.slice(field.selectionStart, field.selectionEnd));
  expect(selected).toContain("device.disk.encrypt ");
});

test("the policy in force shows hits beside its lines and the latest decisions of each rule", async ({ page, screens }) => {
  await screens.open("policy");
  await expect(page.locator(".source-line", { hasText: "policy git-push" })).toContainText(/^\s*[\d,]+ Hits/);
  await page.getByRole("link", { name: "orders.db.meridian.example" }).first().click();
  await expect(page.getByRole("complementary")).toContainText("orders-db");
});

test("a refused newer text is announced above the one in force", async ({ page, screens }) => {
  await screens.open("policy", { scenario: "refused-policy" });
  await expect(page.getByText("A newer text was refused")).toBeVisible();
  await expect(page.getByText("did you mean 'device.disk.encrypted'?")).toBeVisible();
});
