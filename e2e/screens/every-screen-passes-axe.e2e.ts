import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";
import { expect, type Screens, test } from "./screens.ts";

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

interface View {
  readonly name: string;
  readonly place: string;
  readonly options?: Parameters<Screens["open"]>[1];
  /** What the person does before. */
  readonly after?: (page: Page, screens: Screens) => Promise<void>;
}

/** Say no to what is asked, so many times. */
const decline = (times: number) => async (page: Page, screens: Screens) => {
  for (let at = 0; at < times; at++) {
    await page.getByRole("button", { name: "Not now" }).last().click();
    await screens.advance(500);
  }
};

const views: readonly View[] = [
  { name: "status", place: "status" },
  { name: "status with alarms", place: "status", options: { scenario: "alarm" } },
  { name: "connections", place: "connections" },
  { name: "no connections", place: "connections", options: { scenario: "empty" } },
  { name: "the why panel", place: "connections?id=c000014" },
  { name: "a waiting connection", place: "connections", options: { scenario: "hold" } },
  { name: "hostile names", place: "connections", options: { scenario: "hostile" } },
  { name: "policy in force", place: "policy?line=33" },
  { name: "a refused policy", place: "policy", options: { scenario: "refused-policy" } },
  { name: "explain", place: "policy?tab=explain&host=git.meridian.example&port=22" },
  { name: "what if", place: "policy?tab=whatif" },
  { name: "policy tests", place: "policy?tab=tests" },
  { name: "audit", place: "audit?seq=9" },
  { name: "settings", place: "settings" },
  { name: "identities", place: "identities" },
  { name: "identities with hostile names", place: "identities", options: { scenario: "hostile" } },
  { name: "no identity", place: "identities", options: { scenario: "empty" } },
  { name: "a PIN that is asked for", place: "connections", options: { scenario: "asking" } },
  { name: "a new server", place: "connections", options: { scenario: "asking" }, after: decline(2) },
  {
    name: "the last try",
    place: "status",
    options: { scenario: "asking" },
    after: async (page, screens) => {
      await decline(1)(page, screens);
      await page.getByLabel("PIN of Meridian card").waitFor();
      await screens.advance(1_000);
      await page.getByLabel("PIN of Meridian card").fill("123456");
      await page.keyboard.press("Enter");
    },
  },
  {
    name: "a handshake that failed",
    place: "identities",
    after: async (page) => {
      await page.getByRole("button", { name: "Test a server" }).first().click();
      await page.getByLabel("Server", { exact: true }).fill("gw.meridian.example:8441");
      await page.keyboard.press("Enter");
      await page.getByText("TLS_UNKNOWN_ISSUER").waitFor();
    },
  },
  { name: "a crash loop", place: "status", options: { scenario: "crashed" } },
  { name: "an ended console session", place: "status", options: { scenario: "signed-out", runtime: "console" } },
  { name: "failing calls", place: "policy", options: { scenario: "failing" } },
];

const looks = [
  { name: "light", media: { colorScheme: "light" } },
  { name: "dark", media: { colorScheme: "dark" } },
  { name: "more contrast", media: { colorScheme: "light", contrast: "more" } },
  { name: "forced colours", media: { colorScheme: "dark", forcedColors: "active" } },
] as const;

for (const look of looks) {
  for (const view of views) {
    test(`${view.name} has no finding in ${look.name}`, async ({ page, screens }) => {
      await page.emulateMedia({ ...look.media, reducedMotion: "reduce" });
      await screens.open(view.place, view.options);
      await screens.advance(3_000);
      await view.after?.(page, screens);
      await page.evaluate(axeSource);
      const results = await page.evaluate(
        async (wanted) => (window as unknown as { axe: { run(options: unknown): Promise<AxeResults> } }).axe.run({ runOnly: wanted }),
        tags,
      );
      const findings = results.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join("\n  ")}`);
      expect(findings).toEqual([]);
    });
  }
}
