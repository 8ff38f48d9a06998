import { expect, test } from "./screens.ts";

const places = [
  "status",
  "connections",
  "connections?id=c000014",
  "policy?line=42",
  "policy?tab=explain&host=git.meridian.example&port=22",
  "policy?tab=whatif",
  "audit?seq=9",
  "settings",
  "identities",
];

for (const [width, height] of [
  [1280, 800],
  [900, 600],
  [420, 640],
  [320, 480],
] as const) {
  test(`at ${width} by ${height} nothing is cut off sideways`, async ({ page, screens }) => {
    await page.setViewportSize({ width, height });
    for (const place of places) {
      await screens.open(place, { scenario: "hold" });
      const wide = await page.evaluate(() => {
        const main = document.querySelector("main");
        return Math.max(
          document.documentElement.scrollWidth - document.documentElement.clientWidth,
          main === null ? 0 : main.scrollWidth - main.clientWidth,
        );
      });
      expect(wide, place).toBeLessThanOrEqual(0);
    }
  });
}
