import { expect, test } from "./screens.ts";

test("an assumption changes the answer, and the command line says the same", async ({ page, screens }) => {
  await screens.open("policy?tab=explain");
  await page.getByRole("textbox", { name: "Host" }).fill("git.meridian.example");
  await page.getByRole("textbox", { name: "Port" }).fill("22");
  await page.getByRole("button", { name: "Explain", exact: true }).click();
  const answer = page.locator(".explain-answer");
  await expect(answer).toContainText("Allowed");
  await page.getByRole("textbox", { name: "Assume" }).fill("device.patch_age = 30d");
  await page.getByRole("button", { name: "Explain", exact: true }).click();
  await expect(answer).toContainText("Refused");
  await expect(answer).toContainText("portail explain --host git.meridian.example --port 22 --set 'device.patch_age=30d'");
});

test("mistakes in the form are named beside their fields", async ({ page, screens }) => {
  await screens.open("policy?tab=explain");
  await page.getByRole("textbox", { name: "Port" }).fill("70000");
  await page.getByRole("textbox", { name: "Assume" }).fill("# fine\nnot an assumption");
  await page.getByRole("button", { name: "Explain", exact: true }).click();
  await expect(page.getByRole("textbox", { name: "Host" })).toHaveAccessibleDescription("A host name or an address is needed.");
  await expect(page.getByRole("textbox", { name: "Port" })).toHaveAccessibleDescription("A port is a number from 1 to 65535.");
  await expect(page.getByRole("textbox", { name: "Assume" })).toHaveAccessibleDescription("Line 2 is not of the form name = value.");
});
