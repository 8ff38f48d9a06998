import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";
import type { FakeControls, ManualClock } from "../../renderer/bridge/fake/index.ts";

export { expect };

declare global {
  interface Window {
    fake?: FakeControls & { readonly clock: ManualClock };
  }
}

const origin = "http://screens.portail.test";
const bundle = fileURLToPath(new URL("../../out/renderer-fake", import.meta.url));
const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** The policy under which both the desktop window and the console serve these files. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

export interface Screens {
  /** Open a screen of the fake in one of its scenarios; time stands still unless `moving`. */
  open(place?: string, options?: { readonly scenario?: string; readonly runtime?: "console"; readonly moving?: boolean }): Promise<void>;
  /** Let the fake's time pass. */
  advance(ms: number): Promise<void>;
}

/** A page on the built screens, served from the disk without any port, under the product's own Content-Security-Policy. */
export const test = base.extend<{ screens: Screens }>({
  screens: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.route("**/*", async (route) => {
      const url = new URL(route.request().url());
      if (url.origin !== origin) return route.abort();
      const path = join(bundle, normalize(url.pathname));
      const body = await readFile(path).catch(() => undefined);
      if (body === undefined) return route.fulfill({ status: 404, body: "" });
      const headers = {
        "content-type": contentTypes[extname(path)] ?? "application/octet-stream",
        "content-security-policy": contentSecurityPolicy,
      };
      return route.fulfill({ headers, body });
    });
    await use({
      open: async (place = "status", { scenario = "busy", runtime, moving = false } = {}) => {
        const query = new URLSearchParams({ scenario, ...(runtime === undefined ? {} : { runtime }), ...(moving ? {} : { frozen: "" }) });
        await page.goto(`${origin}/fake.html?${query.toString()}#/${place}`);
        await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeVisible();
      },
      advance: (ms) => page.evaluate((passed) => window.fake?.clock.advance(passed), ms),
    });
    expect(complaints, "the page must not complain").toEqual([]);
  },
});

export function row(page: Page, text: string | RegExp) {
  return page.getByRole("grid").getByRole("row").filter({ hasText: text });
}
