import { expect, test } from "./screens.ts";

test("addresses and commands are copied as they must be pasted", async ({ page, context, screens }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.addInitScript(() => {
    const written: string[] = [];
    Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text: string) => void written.push(text) } });
    Object.defineProperty(window, "written", { value: written });
  });
  await screens.open("status");
  await page.getByRole("button", { name: "Copy 127.0.0.1:1080" }).click();
  await page.getByRole("button", { name: "ssh", exact: true }).click();
  await page.getByRole("button", { name: "Copy ssh" }).click();
  await page.getByRole("button", { name: "Copy Digest (SHA-256)" }).click();
  const written = await page.evaluate(() => (window as unknown as { written: string[] }).written);
  expect(written[0]).toBe("127.0.0.1:1080");
  expect(written[1]).toBe('ssh -o ProxyCommand="nc -X 5 -x 127.0.0.1:1080 %h %p" git.example.com');
  expect(written[2]).toMatch(/^[0-9a-f]{64}$/);
});

test("with nothing to show, the list says how to begin", async ({ page, screens }) => {
  await screens.open("connections", { scenario: "empty" });
  await expect(page.getByText("No connections yet")).toBeVisible();
  await expect(page.getByText("curl -x socks5h://127.0.0.1:1080 https://example.com/")).toBeVisible();
});

test("alarms come with what to do", async ({ page, screens }) => {
  await screens.open("status", { scenario: "alarm" });
  await expect(page.getByText("Working, but 3 things need you.")).toBeVisible();
  await expect(page.getByText("The audit record cannot be written, so nothing is let through.")).toBeVisible();
  await expect(page.getByText("no space left on the device")).toBeVisible();
});
