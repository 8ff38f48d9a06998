import { expect, test } from "./screens.ts";

test("a paused list stands still while connections come, and catches up when resumed", async ({ page, screens }) => {
  await screens.open("connections");
  const first = page.getByRole("grid").getByRole("row").nth(1);
  await page.keyboard.press("p");
  const before = await first.innerText();
  await screens.advance(30_000);
  await expect(page.getByText(/Paused at .*; \d+ newer/)).toBeVisible();
  expect(await first.innerText()).toBe(before);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(first).not.toHaveText(before);
});
