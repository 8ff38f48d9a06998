import type { Page } from "@playwright/test";
import type { Questions } from "../../agent/contract/index.ts";
import { expect, type Screens, test } from "./screens.ts";

const none: Questions = { pins: [], touches: [], hostKeys: [] };
const pin: Questions["pins"][number] = {
  id: "pin-1",
  identity: "laptop",
  token: "YubiKey",
  why: "needed",
  tries: "unknown",
  isForOneUse: false,
  expiresAt: Date.UTC(2026, 10, 24, 9, 43),
};
const hostKey: Questions["hostKeys"][number] = {
  id: "host-1",
  backend: "bastion",
  address: "jump.meridian.example:22",
  algorithm: "ssh-ed25519",
  fingerprint: "SHA256:6RXCMM5gQ0fTqxyK0eTUxV3v1M1mVZbq4mX8sNcE2rY",
  expiresAt: Date.UTC(2026, 10, 24, 9, 43),
};

/** What the agent asks now; shown after the screens' own pace. */
async function ask(page: Page, screens: Screens, questions: Partial<Questions>): Promise<void> {
  await page.evaluate((asked) => window.fake?.askPerson(asked), { ...none, ...questions });
  await screens.advance(200);
}

test("a prompt that appears under typing hands takes neither letters nor Enter", async ({ page, screens }) => {
  await screens.open("audit");
  await page.getByRole("searchbox").focus();
  await page.keyboard.type("rule");
  await ask(page, screens, { pins: [pin] });
  const field = page.getByLabel("PIN of YubiKey");
  await expect(field).toBeFocused();
  await page.keyboard.type("s-of-play");
  await page.keyboard.press("Enter");
  await expect(field).toHaveValue("");
  await screens.advance(600);
  await page.keyboard.type("123456");
  await page.keyboard.press("Enter");
  await screens.advance(200);
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByRole("searchbox")).toHaveValue("rule");
  await expect(page.getByRole("searchbox")).toBeFocused();
});

test("a sent PIN is nowhere in the page, and an empty one is not sent", async ({ page, screens }) => {
  await screens.open("status");
  await ask(page, screens, { pins: [pin, { ...pin, id: "pin-2", identity: "deploy", token: "Card" }] });
  await screens.advance(600);
  await page.keyboard.press("Enter");
  await screens.advance(200);
  await expect(page.getByRole("dialog")).toContainText("One more question waits.");
  await page.getByLabel("PIN of YubiKey").fill("314159");
  expect(await page.content()).not.toContain("314159");
  await page.keyboard.press("Enter");
  await screens.advance(200);
  await screens.advance(600);
  await expect(page.getByLabel("PIN of Card")).toHaveValue("");
  expect(await page.content()).not.toContain("314159");
});

test("the keyboard stays inside the prompt, and Escape says no", async ({ page, screens }) => {
  await screens.open("status");
  await ask(page, screens, { pins: [pin] });
  await screens.advance(600);
  const dialog = page.getByRole("dialog");
  for (let at = 0; at < 8; at++) {
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest("dialog") !== null)).toBe(
      true,
    );
  }
  await page.keyboard.press("Escape");
  await screens.advance(200);
  await expect(dialog).toBeHidden();
});

test("a new server's key is compared in groups, and no key of the keyboard accepts it unasked", async ({ page, screens }) => {
  await screens.open("status");
  await ask(page, screens, { hostKeys: [hostKey] });
  await screens.advance(600);
  const dialog = page.getByRole("dialog", { name: "Is this the right server?" });
  await expect(dialog).toContainText("jump.meridian.example:22");
  await expect(dialog.getByText("6RXC", { exact: true })).toBeVisible();
  for (const key of ["Enter", "Space"]) await page.keyboard.press(key);
  await screens.advance(200);
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "Accept this key" }).click();
  await screens.advance(200);
  await expect(page.getByText("The key of jump.meridian.example:22 is remembered.")).toBeVisible();
});

test("hostile names in questions stay text", async ({ page, screens }) => {
  await screens.open("status");
  const hostile = '<img src=x onerror="document.title=1">\u202Egpj.exe';
  const touches = [{ identity: hostile, token: hostile, kind: "keypad" as const }];
  await ask(page, screens, { pins: [{ ...pin, identity: hostile, token: hostile }], touches });
  await screens.advance(600);
  await expect(page.getByRole("dialog")).toContainText("⟨202E⟩gpj.exe");
  await expect(page.getByText("Type the PIN on the keypad of <img")).toBeVisible();
  expect(await page.locator("img").count()).toBe(0);
});

test("a question that nobody needs any more closes its prompt", async ({ page, screens }) => {
  await screens.open("status");
  await ask(page, screens, { pins: [pin], touches: [{ identity: "laptop", token: "YubiKey", kind: "touch" }] });
  await expect(page.getByRole("dialog")).toBeVisible();
  await expect(page.getByText("Touch your key YubiKey")).toBeVisible();
  await ask(page, screens, {});
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByText("Touch your key YubiKey")).toBeHidden();
});
